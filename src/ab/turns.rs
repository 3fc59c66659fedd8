//! A comparison from beginning to end: both stacks up, their runs in turns, both down.

use std::path::Path;
use std::time::{Duration, Instant};

use super::decide::{alpha, unmeasured};
use super::revision::Checkout;
use super::words::so_far;
use super::{
    AbDocument, AbEnd, AbError, AbFolder, AbOptions, Discarded, Pair, Reading, SideName, SideVersion, TurnRun,
};
use crate::compare::{Digest, Measure, MeasureKind};
use crate::journey::Sessions;
use crate::run::{self, IdleUsage, RunError};
use crate::runs::Environment;
use crate::scenario::{Plan, PlanOptions, TurnPlans};
use crate::secrets::{masked, masked_toml};
use crate::stack::RunningStack;
use crate::timer;

/// Longest wait for a stack to come to rest after a run.
const REST: Duration = Duration::from_secs(10);
/// Attempts at a run whose measurement is invalid, the first included.
const ATTEMPTS: usize = 3;

/// A comparison that ended.
#[derive(Debug)]
pub struct AbComparison {
    /// Document with its results.
    pub document: AbDocument,
    /// Folder in which it is saved.
    pub folder: AbFolder,
}

/// One side before it is up.
struct Side {
    name: SideName,
    plans: TurnPlans,
    checkout: Option<Checkout>,
    sessions: Sessions,
}

impl Side {
    fn load(name: SideName, path: &Path, options: &AbOptions) -> Result<Self, AbError> {
        let own = &options.sides[name.index()];
        let mut plan = PlanOptions { ..options.plan.clone() };
        plan.overrides.extend(own.settings.iter().cloned());
        let mut side = Self {
            name,
            plans: TurnPlans::load(path, plan, options.run_length)?,
            checkout: None,
            sessions: Sessions::default(),
        };
        // Planned before anything is checked out or brought up, so that mistakes are known at once.
        let stack = side.plan(0)?.stack_file;
        if stack.attach.is_some() {
            return Err(AbError::Attached { stack: stack.name });
        }
        if let Some(revision) = &own.revision {
            side.checkout = Some(Checkout::new(revision, &stack)?);
            side.plan(0)?;
        }
        Ok(side)
    }

    /// Plans its run of that pair, counted from 1; 0 is the run that warms up.
    fn plan(&self, pair: usize) -> Result<Plan, AbError> {
        let tags = [("side", self.name.to_string()), ("pair", pair.to_string())];
        let mut plan = self.plans.plan(pair, &self.sessions, &tags)?;
        if let Some(checkout) = &self.checkout {
            checkout.relocate(&mut plan.stack_file)?;
        }
        Ok(plan)
    }

    fn version(&self, options: &AbOptions) -> SideVersion {
        let own = &options.sides[self.name.index()];
        SideVersion {
            settings: masked_pairs(&own.settings),
            revision: own.revision.clone(),
            commit: self.checkout.as_ref().map(|checkout| checkout.commit.clone()),
            images: Vec::new(),
        }
    }
}

fn masked_pairs(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs.map(|(key, value)| (key.clone(), masked(key, value))).collect()
}

/// Compares the two versions of the scenario's stack in turns. Errors in the scenario are reported before a folder is made.
pub async fn compare_in_turns(path: &Path, options: &AbOptions) -> Result<AbComparison, AbError> {
    if options.sides[0].same_as(&options.sides[1]) {
        return Err(AbError::Same);
    }
    let sides = [
        Side::load(SideName::A, path, options)?,
        Side::load(SideName::B, path, options)?,
    ];
    let plan = sides[0].plan(0)?;
    let plans = &sides[0].plans;
    let (name, description) = plans.name();
    let deciding = plans.deciding();
    let mut folder = AbFolder::create(&options.out, name)?;
    let mut document = AbDocument {
        format: AbDocument::FORMAT,
        id: folder.name(),
        started: jiff::Timestamp::now(),
        scenario: name.to_owned(),
        description: description.to_owned(),
        path: path.to_owned(),
        text: masked_toml(&plan.text),
        overrides: masked_pairs(&options.plan.overrides),
        tags: options.plan.tags.clone(),
        sides: [sides[0].version(options), sides[1].version(options)],
        seed: plans.seed(),
        run_seconds: plan.summary.load.judged_window().length().as_secs_f64(),
        at_most_time: options.at_most_time,
        alpha: alpha(deciding.len()),
        deciding,
        measures: Vec::new(),
        pairs: Vec::new(),
        discarded: Vec::new(),
        seconds: 0.0,
        end: None,
        languages: match options.languages.as_slice() {
            [] => plan.summary.lang.clone(),
            asked => asked.to_vec(),
        },
        environment: Environment::detect(),
    };
    let outcome = Box::pin(on_stacks(&mut document, &mut folder, &sides, options)).await;
    // Pairs measured before an error are kept and rendered.
    folder.render(&document)?;
    outcome?;
    Ok(AbComparison { document, folder })
}

/// Brings both stacks up, lets them take turns and takes both down, whatever happens.
async fn on_stacks(
    document: &mut AbDocument,
    folder: &mut AbFolder,
    sides: &[Side; 2],
    options: &AbOptions,
) -> Result<(), AbError> {
    let mut stacks = Vec::new();
    let mut outcome = Ok(());
    for side in sides {
        options.say(format!("side {}: bringing the stack up …", side.name));
        match start(side, folder, options).await {
            Ok(stack) => {
                folder.hide(stack.secrets());
                document.sides[side.name.index()]
                    .images
                    .clone_from(&stack.record().images);
                stacks.push(stack);
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    if let [a, b] = stacks.as_slice() {
        let mut turns = Turns {
            options,
            folder,
            document,
            sides,
            stacks: [a, b],
            at_rest: Vec::new(),
            measures: Vec::new(),
            begin: timer::now(),
        };
        outcome = Box::pin(turns.take()).await;
    }
    let mut down = Ok(());
    for stack in stacks {
        down = down.and(stack.down().await);
    }
    outcome?;
    Ok(down?)
}

async fn start(side: &Side, folder: &AbFolder, options: &AbOptions) -> Result<RunningStack, AbError> {
    let run_options = options.of_run(folder.runs(), Sessions::default());
    let started = Box::pin(run::start_stack(&side.plan(0)?, &run_options)).await;
    started.map_err(|error| match error {
        RunError::Interrupted => AbError::Run(error),
        source => AbError::Start {
            side: side.name,
            source,
        },
    })
}

/// A comparison under way, both stacks up.
struct Turns<'a> {
    options: &'a AbOptions,
    folder: &'a AbFolder,
    document: &'a mut AbDocument,
    sides: &'a [Side; 2],
    stacks: [&'a RunningStack; 2],
    /// CPU use of each stack before any load.
    at_rest: Vec<IdleUsage>,
    /// The measures of the document, as a run's digest has them.
    measures: Vec<Measure>,
    begin: Instant,
}

/// Outcome of one attempt at a run.
enum Attempt {
    Valid(String, Digest),
    Invalid(Discarded),
    Interrupted,
}

impl Turns<'_> {
    /// Lets the sides take turns until the comparison is decided or the time is over.
    async fn take(&mut self) -> Result<(), AbError> {
        for stack in self.stacks {
            let at_rest = IdleUsage::measure(stack.endpoints(), &self.options.stop).await;
            self.at_rest.push(at_rest);
        }
        let end = Box::pin(self.warm_up_and_compare()).await?;
        self.document.seconds = self.elapsed().as_secs_f64();
        self.document.end = Some(end);
        Ok(())
    }

    async fn warm_up_and_compare(&mut self) -> Result<AbEnd, AbError> {
        for side in SideName::BOTH {
            self.options.say(format!("warm-up of side {side} …"));
            if matches!(self.attempt(side, 0).await?, Attempt::Interrupted) {
                return Ok(AbEnd::Interrupted);
            }
        }
        let mut longest = Duration::ZERO;
        loop {
            let begin = timer::now();
            // The first pair shows how long one takes.
            if self.elapsed() + longest > self.document.at_most_time.get() && !self.document.pairs.is_empty() {
                return Ok(AbEnd::TimeUp);
            }
            if let Some(end) = Box::pin(self.pair()).await? {
                return Ok(end);
            }
            longest = longest.max(timer::now() - begin);
            self.document.conclude();
            self.document.seconds = self.elapsed().as_secs_f64();
            // After each pair, so that an abrupt end loses at most one.
            self.folder.save(self.document)?;
            for line in so_far(self.document) {
                self.options.say(line);
            }
            if self.document.is_decided() {
                return Ok(AbEnd::Decided);
            }
        }
    }

    fn elapsed(&self) -> Duration {
        timer::now() - self.begin
    }

    /// Makes one pair; `Some` if the comparison ends in it.
    async fn pair(&mut self) -> Result<Option<AbEnd>, AbError> {
        let done = self.document.pairs.len();
        let order = SideName::order(done);
        let mut runs = [None, None];
        for side in order {
            let mut attempts = 0;
            runs[side.index()] = loop {
                match self.attempt(side, done + 1).await? {
                    Attempt::Valid(run, digest) => break Some((run, digest)),
                    Attempt::Interrupted => return Ok(Some(AbEnd::Interrupted)),
                    Attempt::Invalid(discarded) => {
                        self.document.discarded.push(discarded);
                        attempts += 1;
                        if attempts == ATTEMPTS {
                            return Ok(Some(AbEnd::Invalid(side)));
                        }
                        self.options
                            .say(format!("the run of side {side} is invalid: once more …"));
                    }
                }
            };
        }
        if let [Some(a), Some(b)] = runs {
            let runs = [self.read(a), self.read(b)];
            self.document.pairs.push(Pair { first: order[0], runs });
        }
        Ok(None)
    }

    /// The readings of a run; objectives that no run had a value of before are added to the document.
    fn read(&mut self, (run, digest): (String, Digest)) -> TurnRun {
        let objectives = digest.measures.iter();
        for measure in objectives.filter(|measure| measure.kind == MeasureKind::Objective) {
            if !self.measures.iter().any(|known| known.name == measure.name) {
                let gate = self.document.deciding.contains(&measure.name);
                self.document.measures.push(unmeasured(measure, gate));
                self.measures.push(measure.clone());
            }
        }
        let readings = self.measures.iter().map(|measure| Reading::new(&digest, measure));
        TurnRun {
            run,
            readings: readings.collect(),
        }
    }

    /// Makes one run and waits until the stack is back at rest.
    async fn attempt(&self, side: SideName, pair: usize) -> Result<Attempt, AbError> {
        if self.options.stop.is_cancelled() {
            return Ok(Attempt::Interrupted);
        }
        let (own, stack) = (&self.sides[side.index()], self.stacks[side.index()]);
        let out = if pair == 0 {
            self.folder.warm_up()
        } else {
            self.folder.runs()
        };
        let plan = own.plan(pair)?;
        let options = self.options.of_run(out, own.sessions.clone());
        let (finished, record) = match Box::pin(run::run_on(&plan, stack, &options)).await {
            Err(RunError::Interrupted) => return Ok(Attempt::Interrupted),
            done => done?,
        };
        if finished.interrupted {
            return Ok(Attempt::Interrupted);
        }
        if let Some(at_rest) = self.at_rest.get(side.index()) {
            at_rest.wait(stack.endpoints(), REST, &self.options.stop).await;
        }
        let run = self.folder.relative(finished.folder.path());
        let digest = Digest::new(&record, &finished.document, &finished.folder.evidence())?;
        Ok(if digest.unfit.is_empty() {
            Attempt::Valid(run, digest)
        } else {
            Attempt::Invalid(Discarded {
                side,
                run,
                reasons: digest.unfit,
            })
        })
    }
}
