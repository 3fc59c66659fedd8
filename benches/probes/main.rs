//! What the probes cost: one stack, one scenario, run after run with none of them, with all but the browser, and with all.
//!
//! **Budget: the database's CPU +2 % with the probe of the database; requests a second −3 % and p95 +3 % with all probes.**
//!
//! ```text
//! cargo bench --bench probes                                  5 rounds of the gate's load, 25 s each
//! cargo bench --bench probes -- 10 --set phase.steady.duration=40s
//! cargo bench --bench probes -- 5 --sides none,postgres,proxy     each against none
//! cargo bench --bench probes -- 5 --sides none,fourfold,eightfold  for a restless machine
//! ```
//!
//! A round runs each side twice, there and back (none, all, all, none), so that what changes steadily meanwhile, tables that grow and
//! a machine that warms up, is the same on each side; before each run the database is vacuumed, so that it finds what the one before
//! found. Users log in before the first and keep their sessions; arrivals and journeys are the same each time. CPU time is read from
//! the containers' counters on all sides.
//!
//! Differences are taken on each way, in per cent of the mean without probes, with the 95 % interval of a paired t test, and once
//! more for equal memory (analysis of covariance: the intercept of the line through the differences over those of the time that the
//! machine's memory takes to answer). What probes cost by crowding the others' data out of the caches is in the first only.
//!
//! **More doses.** Where the machine is too restless for a cost of some per cent, `--sides none,eightfold` has all probes but the browser
//! observe eight times over, each at another moment of the second, and the database log eight times as many statements. The table then
//! shows an eighth of the change. What waits for a server grows faster than its load, so that an eighth of what eight cost is more than
//! one costs, unless they spare each other work: `fourfold` beside it shows whether the change is in proportion.
//!
//! In the gate pages have a phase of their own, and what is judged sees none of them; `--set probes.browser.during=steady` puts them
//! beside it. What they ask of the servers then stays in the figures: on a machine that the browser shares with the stack they say
//! little of one where it does not.
#![allow(missing_docs, reason = "a program, not a library")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

mod dose;
mod figures;
mod memory;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use diapason::compare::BaselineOptions;
use diapason::evidence::{Accept, Observations};
use diapason::journey::Sessions;
use diapason::probe::containers::ContainersSettings;
use diapason::probe::{self, ProbeContext, ProbeSettings, Watch};
use diapason::record::{Progress, Window};
use diapason::run::{RunOptions, run_on, start_stack};
use diapason::scenario::{Plan, PlanOptions};
use diapason::stack::{ProgressSender, RunningStack};
use diapason::timer::RunClock;
use diapason::wire::postgres::open;
use dose::Beside;
use figures::{Figures, Side, table};
use memory::Walker;
use tokio_util::sync::CancellationToken;

const SCENARIO: &str = "scenarios/gate.toml";
/// How many objectives the scenario has.
const OBJECTIVES: usize = 5;
/// The database's service in the Compose file.
const DATABASE: &str = "postgres";
/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(86_400);

struct Arguments {
    rounds: usize,
    sides: Vec<Side>,
    overrides: Vec<(String, String)>,
}

impl Arguments {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut read = Self {
            rounds: 5,
            sides: vec![Side::None, Side::Quiet, Side::All],
            // Nothing is judged here.
            overrides: (0..OBJECTIVES)
                .map(|index| (format!("objective.{index}.gate"), "false".to_owned()))
                .collect(),
        };
        read.overrides
            .push(("phase.steady.duration".to_owned(), "25s".to_owned()));
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            match word.as_str() {
                "--set" => {
                    let pair = words.next().ok_or("--set takes KEY=VALUE")?;
                    let (key, value) = pair.split_once('=').ok_or("--set takes KEY=VALUE")?;
                    read.overrides.push((key.to_owned(), value.to_owned()));
                }
                "--sides" => {
                    let names = words.next().ok_or("--sides takes names")?;
                    read.sides = names.split(',').map(Side::of).collect::<Result<_, _>>()?;
                }
                rounds => read.rounds = rounds.parse().map_err(|_| format!("no number of rounds: {rounds}"))?,
            }
        }
        if read.rounds < 2 || !read.sides.contains(&Side::None) || read.sides.len() < 2 {
            return Err("an interval needs two rounds, and a comparison the side `none` and another".into());
        }
        Ok(read)
    }

    /// The plan of that side, and whether its users have logged in.
    fn plan(&self, side: Side, sessions: &Sessions) -> Result<Plan, Box<dyn Error>> {
        let path = Path::new(SCENARIO);
        let options = |logged_in| PlanOptions {
            overrides: self.overrides.clone(),
            logged_in,
            ..PlanOptions::default()
        };
        let count = Plan::load(path, options(0))?.users.count;
        let mut plan = Plan::load(path, options(sessions.among(count)))?;
        side.leave(&mut plan.probes);
        dose::raise(&mut plan, side.dose())?;
        let observed = [
            ("query-time", plan.probes.postgres.is_some()),
            ("page-load", plan.probes.browser.is_some()),
            ("uptime", plan.probes.front_door.is_some()),
        ];
        let mut objectives = std::mem::take(&mut plan.summary.objectives);
        objectives.retain(|objective| {
            observed
                .iter()
                .all(|(indicator, seen)| *seen || objective.indicator != *indicator)
        });
        plan.revise(path, objectives)?;
        Ok(plan)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let out = tempfile::tempdir()?;
    let stop = CancellationToken::new();
    let interrupted = stop.clone();
    tokio::spawn(async move {
        // Where signals cannot be had, the stack stays behind an interrupt: `diapason stack down --all`.
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.cancel();
        }
    });
    let (talk, _) = ProgressSender::channel();
    let sessions = Sessions::default();
    let options = || RunOptions {
        out: out.path().to_owned(),
        accept: Accept::Target,
        keep_stack: false,
        keep_failed: false,
        baselines: BaselineOptions::default(),
        history: None,
        abort_on_miss: false,
        when_clear: false,
        despite_limiter: true,
        examine: false,
        sessions: sessions.clone(),
        stop: stop.clone(),
        talk: talk.clone(),
        seconds: None,
        progress: tokio::sync::watch::channel(Progress::default()).0,
    };
    let stack = Box::pin(start_stack(&arguments.plan(Side::None, &sessions)?, &options())).await?;
    let rounds = Box::pin(all_rounds(&arguments, &stack, &sessions, &options)).await;
    stack.down().await?;
    println!("{}", table(&arguments.sides, &rounds?));
    Ok(())
}

/// The figures of each side, way by way; a first run, in which everybody logs in and caches fill, is left out.
async fn all_rounds(
    arguments: &Arguments,
    stack: &RunningStack,
    sessions: &Sessions,
    options: &impl Fn() -> RunOptions,
) -> Result<Vec<Vec<Figures>>, Box<dyn Error>> {
    Box::pin(measure(
        &arguments.plan(Side::All, sessions)?,
        Side::All,
        stack,
        options(),
    ))
    .await?;
    let mut ways = Vec::new();
    for round in 0..arguments.rounds {
        // Each side is in the middle equally often.
        let mut order: Vec<usize> = (0..arguments.sides.len()).collect();
        order.rotate_left(round % arguments.sides.len());
        let back: Vec<usize> = order.iter().rev().copied().collect();
        for way in [order, back] {
            let mut figures = vec![Figures::default(); arguments.sides.len()];
            for index in way {
                let side = arguments.sides[index];
                vacuum(stack).await?;
                let seen = Box::pin(measure(&arguments.plan(side, sessions)?, side, stack, options())).await?;
                eprintln!("round {} of {}, {}: {seen}", round + 1, arguments.rounds, side.name());
                figures[index] = seen;
            }
            ways.push(figures);
        }
    }
    Ok(ways)
}

/// Leaves no dead rows, stale statistics or dirty pages to the next run.
async fn vacuum(stack: &RunningStack) -> Result<(), Box<dyn Error>> {
    let endpoints = stack.endpoints();
    let database = endpoints.database.as_ref().ok_or("the stack has no database")?;
    let client = open(&database.dsn, &endpoints.transport.tls).await?;
    client.batch_execute("VACUUM (ANALYZE)").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

/// One run under the eyes of the containers' counters.
async fn measure(
    plan: &Plan,
    side: Side,
    stack: &RunningStack,
    options: RunOptions,
) -> Result<Figures, Box<dyn Error>> {
    let beside = Beside::start(plan, stack.endpoints(), side.dose()).await?;
    let clock = RunClock::starting_in(Duration::ZERO);
    let over = CancellationToken::new();
    let counting = tokio::spawn(count(stack.endpoints().clone(), clock, over.clone()));
    let walker = Walker::start(clock);
    let outcome = run_on(plan, stack, &options).await;
    over.cancel();
    beside.end().await?;
    let seen = counting.await?;
    let walks = walker.end();
    let (finished, record) = outcome?;
    if finished.interrupted {
        return Err("interrupted".into());
    }
    let judged = finished.document.judged;
    let zero = clock.offset_of_wall(record.started);
    let window = (zero + judged.start.as_secs_f64(), zero + judged.end.as_secs_f64());
    let containers = seen
        .containers
        .ok_or("the containers' counters could not be read")?
        .containers;
    let database = containers.iter().find(|container| container.service == DATABASE);
    let points = &database.ok_or("there is no service `postgres`")?.points;
    let generator = finished
        .document
        .generator
        .as_ref()
        .ok_or("the harness did not observe itself")?;
    let rows = &finished.document.groups;
    let row = rows.iter().find(|row| row.name == "#api").or(rows.first());
    let row = row.ok_or("there were no requests")?;
    Ok(Figures {
        database: figures::used(points.iter().map(|point| (point.at, point.cpu_cores)), window),
        requests: row.per_second,
        median: row.response.p50.ok_or("the median falls among failed requests")?,
        p95: row.response.p95.ok_or("p95 falls among failed requests")?,
        harness: generator.cpu_mean.unwrap_or(0.0),
        machine: generator.host_mean.unwrap_or(0.0),
        memory: figures::mean_within(walks.iter().map(|walk| (walk.at, walk.nanos)), window),
    })
}

/// The containers' counters until told to end.
async fn count(endpoints: diapason::stack::Endpoints, clock: RunClock, over: CancellationToken) -> Observations {
    let settings = ProbeSettings {
        containers: Some(ContainersSettings::default()),
        ..ProbeSettings::default()
    };
    let context = ProbeContext::new(settings, endpoints);
    let Ok(probes) = probe::prepare(&context).await else {
        return Observations::default();
    };
    let judged = Window {
        start: Duration::ZERO,
        end: FOREVER,
    };
    let watch = Watch {
        clock,
        judged,
        end: FOREVER,
        stop: over,
    };
    Box::pin(probes.observe(watch)).await
}
