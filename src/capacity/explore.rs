//! The whole story of a search.

use std::path::Path;
use std::time::{Duration, Instant};

use super::answer::answer;
use super::bounds::bounds;
use super::rest::AtRest;
use super::{CapacityError, CapacityOptions};
use crate::journey::Sessions;
use crate::report::{
    CapacityDocument, CapacityFolder, Case, ClosedRun, Environment, Expected, HeldUsers, Language, Reading, Reason,
    Step, Stopped,
};
use crate::run::{self, Finished, RunOptions};
use crate::scenario::{PlanOptions, Sized, StepPlans};
use crate::sizing::{Answer, End, Next, Purpose, Search, Try};
use crate::slo::Tally;
use crate::stack::{RunningStack, masked, masked_toml};

/// A search that came to an end of some kind.
#[derive(Debug)]
pub struct Explored {
    /// What it found.
    pub document: CapacityDocument,
    /// Where it lies.
    pub folder: CapacityFolder,
}

/// Searches for the capacity of that scenario; where there is a sweep, once for each of its values.
pub async fn explore(path: &Path, options: &CapacityOptions) -> Result<Explored, CapacityError> {
    let plans = StepPlans::load(path, swept(options, first_of(options)))?;
    // Whatever is wrong with a step is told before anything is brought up.
    let plan = plans.plan(plans.first_size(), (0, 1), &Sessions::default())?;
    let mut settings = plans.settings();
    settings.max_rate = options.max_rate.unwrap_or(settings.max_rate);
    settings.at_most_time = options.at_most_time.unwrap_or(settings.at_most_time);
    let search = Search {
        from: settings.from.get(),
        at_most: settings.max_rate.get(),
        at_least: settings.from.get() / 32.0,
        growth: settings.growth,
        precision: settings.precision.get(),
        longest: settings.longest,
        expected: match options.expected {
            Some(Expected::Rate(rate)) => Some(rate),
            _ => None,
        },
    };
    let cases = match &options.sweep {
        None => vec![Case::new(None, search)],
        Some(sweep) => {
            let values = sweep.values.iter();
            values
                .map(|value| Case::new(Some((sweep.key.clone(), value.clone())), search))
                .collect()
        }
    };
    let (name, description) = plans.name();
    let overrides = options.plan.overrides.iter();
    let folder = CapacityFolder::create(&options.out, name)?;
    let document = CapacityDocument {
        format: CapacityDocument::FORMAT,
        id: folder.name(),
        started: jiff::Timestamp::now(),
        scenario: name.to_owned(),
        description: description.to_owned(),
        path: path.to_owned(),
        text: masked_toml(&plan.text),
        overrides: overrides
            .map(|(key, value)| (key.clone(), masked(key, value)))
            .collect(),
        tags: options.plan.tags.clone(),
        target: options.plan.target.clone(),
        seed: plans.seed(),
        profile: options.plan.profile.clone(),
        scaled: options.plan.scale_profile,
        thinking: plans.thinking,
        requests: plans.requests,
        objectives: plan.summary.objectives,
        expected: options.expected,
        accept: options.accept,
        settings,
        cases,
        stopped: None,
        environment: Environment::detect(),
    };
    Box::pin(go_on(document, folder, options)).await
}

/// Goes on with the search in that folder; what the command line says of the plan is taken from there.
pub async fn resume(path: &Path, options: &CapacityOptions) -> Result<Explored, CapacityError> {
    let (folder, mut document) = CapacityFolder::open(path)?;
    let options = CapacityOptions {
        plan: PlanOptions {
            overrides: known(&document.overrides, &options.plan.overrides),
            seed: Some(document.seed),
            tags: document.tags.clone(),
            target: document.target.clone(),
            profile: document.profile.clone(),
            scale_profile: document.scaled,
            own_hosts: options.plan.own_hosts.clone(),
            logged_in: 0,
        },
        accept: document.accept,
        ..options.clone()
    };
    let plans = StepPlans::load(&document.path, swept(&options, None))?;
    if masked_toml(&plans.plan(plans.first_size(), (0, 1), &Sessions::default())?.text) != document.text {
        return Err(CapacityError::Changed { path: document.path });
    }
    if let Some(time) = options.at_most_time {
        document.settings.at_most_time = time;
        let hurried = document.cases.iter_mut().filter(|case| case.found.end == End::TimeUp);
        hurried.for_each(|case| case.finished = false);
    }
    document.stopped = None;
    Box::pin(go_on(document, folder, &options)).await
}

/// The overrides that were kept, but for secrets, which were not: the command line gives those again.
fn known(kept: &[(String, String)], given: &[(String, String)]) -> Vec<(String, String)> {
    let secret = |key: &str| masked(key, "known") != "known";
    let kept = kept.iter().filter(|(key, _)| !secret(key));
    kept.chain(given).cloned().collect()
}

/// The plan's options with one value of the sweep set.
fn swept(options: &CapacityOptions, sweep: Option<(String, String)>) -> PlanOptions {
    let mut plan = options.plan.clone();
    plan.overrides.extend(sweep);
    plan
}

fn first_of(options: &CapacityOptions) -> Option<(String, String)> {
    let sweep = options.sweep.as_ref()?;
    Some((sweep.key.clone(), sweep.values.first()?.clone()))
}

async fn go_on(
    mut document: CapacityDocument,
    folder: CapacityFolder,
    options: &CapacityOptions,
) -> Result<Explored, CapacityError> {
    folder.save(&document)?;
    let begin = Instant::now();
    let mut out_of_time = false;
    for index in 0..document.cases.len() {
        if document.cases.get(index).is_none_or(|case| case.finished) {
            continue;
        }
        let share = share_of_time(&document, index, begin.elapsed());
        if share.is_zero() {
            out_of_time = true;
            break;
        }
        let mut hunt = Hunt {
            deadline: Instant::now() + share,
            index,
            options,
            folder: &folder,
            document: &mut document,
        };
        let outcome = hunt.case().await;
        // What was measured before something went wrong stays.
        folder.render(&document)?;
        outcome?;
        match document.stopped {
            Some(Stopped::ByUser) => break,
            // The other cases have their own share.
            Some(Stopped::ByTime) => out_of_time = document.stopped.take().is_some(),
            None => {}
        }
    }
    if out_of_time {
        document.stopped.get_or_insert(Stopped::ByTime);
    }
    folder.render(&document)?;
    Ok(Explored { document, folder })
}

/// How much of the time that is left the case at `index` may have: as much as each one after it.
fn share_of_time(document: &CapacityDocument, index: usize, elapsed: Duration) -> Duration {
    let searched: f64 = document.cases.iter().map(|case| case.seconds).sum();
    // A search that goes on has spent time before.
    let before = Duration::from_secs_f64(searched).saturating_sub(elapsed);
    let left = document.settings.at_most_time.get().saturating_sub(before + elapsed);
    let cases = document.cases.iter().skip(index).filter(|case| !case.finished).count();
    left / u32::try_from(cases.max(1)).unwrap_or(u32::MAX)
}

/// One case under way.
struct Hunt<'a> {
    /// When its time is over.
    deadline: Instant,
    index: usize,
    options: &'a CapacityOptions,
    folder: &'a CapacityFolder,
    document: &'a mut CapacityDocument,
}

/// What became of the stack in a series of steps.
enum Leg {
    /// The case is over, or was stopped.
    Over,
    /// A container was lost: the stack must be brought up anew.
    Harmed,
}

impl Hunt<'_> {
    fn case_mut(&mut self) -> &mut Case {
        // `go_on` gives an index of the document's own cases.
        &mut self.document.cases[self.index]
    }

    fn of_step(&self, sessions: &Sessions) -> RunOptions {
        self.options.of_step(self.folder.steps(), sessions.clone())
    }

    async fn case(&mut self) -> Result<(), CapacityError> {
        let begin = Instant::now();
        let sweep = self.case_mut().sweep.clone();
        if let Some((key, value)) = &sweep {
            self.options.say(format!("case {key}={value}"));
        }
        let plans = StepPlans::load(&self.document.path, swept(self.options, sweep))?;
        let outcome = self.legs(&plans).await;
        self.case_mut().seconds += begin.elapsed().as_secs_f64();
        self.folder.save(self.document)?;
        outcome
    }

    /// Brings the stack up, once for all steps unless one of them costs a container its life.
    async fn legs(&mut self, plans: &StepPlans) -> Result<(), CapacityError> {
        let first = plans.plan(plans.first_size(), (0, 1), &Sessions::default())?;
        loop {
            let stack = Box::pin(run::start_stack(&first, &self.of_step(&Sessions::default()))).await;
            let stack = match stack {
                Err(run::RunError::Interrupted) => {
                    self.document.stopped = Some(Stopped::ByUser);
                    return Ok(());
                }
                stack => stack?,
            };
            self.folder.hide(stack.secrets());
            let leg = Box::pin(self.leg(plans, &stack)).await;
            let down = stack.down().await;
            match leg? {
                Leg::Over => return Ok(down?),
                // What is left of a stack that came to harm may not come down in order.
                Leg::Harmed => self
                    .options
                    .say("a service came to harm: bringing the stack up anew".to_owned()),
            }
        }
    }

    async fn leg(&mut self, plans: &StepPlans, stack: &RunningStack) -> Result<Leg, CapacityError> {
        let known = bounds(&stack.endpoints().containers).await;
        let case = self.case_mut();
        case.bounds = known;
        case.sizes.clone_from(&stack.record().sizes);
        let at_rest = AtRest::look(stack.endpoints(), &self.options.stop).await;
        let sessions = Sessions::default();
        self.warm_up((plans, stack, &sessions), &at_rest).await?;
        if self.document.stopped.is_some() {
            return Ok(Leg::Over);
        }
        let mut pace = Pace::new(plans.judged_seconds());
        loop {
            match self.next(&pace) {
                Next::Done(found) => {
                    self.case_mut().found = found;
                    break;
                }
                Next::Measure { rate, length, purpose } => {
                    if pace.overruns(length, self.deadline) {
                        self.document.stopped = Some(Stopped::ByTime);
                        return Ok(Leg::Over);
                    }
                    let harmed = self.step((plans, stack, &sessions), (rate, length, purpose)).await?;
                    if self.document.stopped.is_some() {
                        return Ok(Leg::Over);
                    }
                    if harmed {
                        return Ok(Leg::Harmed);
                    }
                    self.rest(&at_rest, stack).await;
                    pace.made(length);
                }
            }
        }
        self.closed_runs((plans, stack, &sessions), &at_rest).await?;
        if self.document.stopped.is_none() {
            self.case_mut().finished = true;
        }
        Ok(Leg::Over)
    }

    /// The next step; where no time would be left after it to see the ends once more and to run the closed model, that at once.
    fn next(&self, pace: &Pace) -> Next {
        let case = &self.document.cases[self.index];
        let tries = case.tries();
        let next = case.search.next(&tries);
        let (Next::Measure { length, purpose, .. }, Some(hasty)) = (next, case.search.next_in_haste(&tries)) else {
            return next;
        };
        let to_end = case.search.still_to_confirm(&tries) + CLOSED_RUN;
        if purpose == Purpose::Confirmation || !pace.overruns(length + to_end, self.deadline) {
            return next;
        }
        self.options
            .say("little time is left: what is known is seen once more".to_owned());
        hasty
    }

    async fn rest(&self, at_rest: &AtRest, stack: &RunningStack) {
        let at_most = self.document.settings.rest.get();
        let (took, rested) = at_rest.wait(stack.endpoints(), at_most, &self.options.stop).await;
        if !rested && !self.options.stop.is_cancelled() {
            self.options.say(format!(
                "  the system was not back at rest after {:.0} s: the next step begins all the same",
                took.as_secs_f64()
            ));
        }
    }

    /// A step that does not count: caches of a stack just brought up are cold, and its programs not compiled yet.
    async fn warm_up(
        &mut self,
        (plans, stack, sessions): (&StepPlans, &RunningStack, &Sessions),
        at_rest: &AtRest,
    ) -> Result<(), CapacityError> {
        if stack.endpoints().containers.is_empty() {
            return Ok(());
        }
        self.options.say("warm-up …".to_owned());
        let plan = plans.plan(plans.first_size(), (0, 1), sessions)?;
        let options = self.options.of_step(self.folder.warm_up(), sessions.clone());
        let (finished, _) = Box::pin(run::run_on(&plan, stack, &options)).await?;
        if finished.interrupted {
            self.document.stopped = Some(Stopped::ByUser);
        }
        self.rest(at_rest, stack).await;
        Ok(())
    }

    /// Makes one step and says whether the stack came to harm.
    async fn step(
        &mut self,
        (plans, stack, sessions): (&StepPlans, &RunningStack, &Sessions),
        (rate, length, purpose): (f64, u32, Purpose),
    ) -> Result<bool, CapacityError> {
        let scarce = self
            .case_mut()
            .steps
            .iter()
            .filter(|step| matches!(step.reason, Reason::TooFewUsers { .. }));
        // Each time users ran short there are half as many again.
        let stay = plans.longest_stay() * 1.5_f64.powi(i32::try_from(scarce.count()).unwrap_or(0));
        sessions.forget(plans.settings().keep_sessions.get());
        let number = self.case_mut().steps.len() + 1;
        let plan = plans.plan(Sized::Rate(rate, stay), (number, length), sessions)?;
        self.options.say(format!(
            "step {number}: {rate} journeys/s for {:.0} s ({}) …",
            plan.summary.load.judged_window().length().as_secs_f64(),
            name_of(purpose)
        ));
        let (finished, record) = Box::pin(run::run_on(&plan, stack, &self.of_step(sessions))).await?;
        if finished.interrupted {
            self.document.stopped = Some(Stopped::ByUser);
            return Ok(false);
        }
        let reading = Reading::of(&record, &finished.document, plans.requests, plans.thinking);
        let tallies = Step::tallies_of(&finished.document, &record.evidence);
        let steps = self.case_mut().steps.iter();
        let before: Vec<&[Tally]> = steps
            .filter(|step| step.tried.rate.total_cmp(&rate).is_eq() && step.counts())
            .map(|step| step.tallies.as_slice())
            .collect();
        let said = answer(&finished.document, &reading, &tallies, &before);
        let why = said.reason.words(Language::English);
        self.options.say(format!("  {}: {why}", name_of_answer(said.answer)));
        let step = Step {
            tallies,
            tried: Try {
                rate,
                length,
                purpose,
                answer: said.answer,
            },
            reason: said.reason,
            run: self.folder.relative(finished.folder.path()),
            objectives: Step::objectives_of(&finished.document),
            reading,
        };
        let seed = self.document.seed;
        let case = self.case_mut();
        case.steps.push(step);
        case.conclude(seed);
        self.folder.save(self.document)?;
        Ok(said.harmed)
    }

    /// Runs the closed model at as many users as the held rate means, and as many as were asked about.
    async fn closed_runs(
        &mut self,
        (plans, stack, sessions): (&StepPlans, &RunningStack, &Sessions),
        at_rest: &AtRest,
    ) -> Result<(), CapacityError> {
        let users = self.users(plans);
        self.case_mut().users = users;
        let Some(users) = users.filter(|_| self.case_mut().found.end != End::Limited) else {
            return Ok(());
        };
        let asked = match self.document.expected {
            Some(Expected::Users(asked)) => Some(asked),
            _ => None,
        };
        for count in std::iter::once(users.concurrent).chain(asked) {
            let done = self.case_mut().closed.iter().any(|run| run.users == count);
            if count == 0 || done {
                continue;
            }
            sessions.forget(plans.settings().keep_sessions.get());
            let case = self.case_mut();
            let number = case.steps.len() + case.closed.len() + 1;
            let plan = plans.plan(Sized::Users(count, users.cycle), (number, 1), sessions)?;
            self.options.say(format!(
                "closed model: {count} users for {:.0} s …",
                plan.summary.load.judged_window().length().as_secs_f64()
            ));
            let (finished, record) = Box::pin(run::run_on(&plan, stack, &self.of_step(sessions))).await?;
            if finished.interrupted {
                self.document.stopped = Some(Stopped::ByUser);
                return Ok(());
            }
            let run = self.closed_run(
                count,
                &finished,
                &Reading::of(&record, &finished.document, plans.requests, plans.thinking),
            );
            let why = run.reason.words(Language::English);
            self.options.say(format!("  {}: {why}", name_of_answer(run.answer)));
            self.case_mut().closed.push(run);
            self.folder.save(self.document)?;
            self.rest(at_rest, stack).await;
        }
        Ok(())
    }

    fn closed_run(&self, users: u32, finished: &Finished, reading: &Reading) -> ClosedRun {
        let said = answer(&finished.document, reading, &[], &[]);
        ClosedRun {
            users,
            answer: said.answer,
            reason: said.reason,
            throughput: reading.throughput,
            p95: reading.p95,
            run: self.folder.relative(finished.folder.path()),
        }
    }

    /// The held rate in users.
    fn users(&mut self, plans: &StepPlans) -> Option<HeldUsers> {
        let settings = self.document.settings.clone();
        let case = self.case_mut();
        let held = case.held_step()?;
        let pause = settings.think.map_or(0.0, |think| think.mean().as_secs_f64());
        let cycle = plans.thinking + plans.requests * held.reading.service / 1e3 + pause;
        let rate = held.tried.rate;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
        let concurrent = (rate * cycle).floor() as u32;
        Some(HeldUsers {
            rate,
            requests: held.reading.requests,
            cycle,
            concurrent,
            per_day: rate * 3_600.0 / settings.peak_hour.get().max(1e-9) / settings.journeys_per_day.max(1e-9),
        })
    }
}

/// How long the run of the closed model is, in plain steps.
const CLOSED_RUN: u32 = 1;

/// How long steps take, with the log-ins, the warm-up and the wait for rest that go with them.
struct Pace {
    since: Instant,
    /// Plain steps' lengths made since then.
    made: u32,
    /// What a plain step lasts before any was made.
    at_least: f64,
}

impl Pace {
    fn new(at_least: f64) -> Self {
        Self {
            since: Instant::now(),
            made: 0,
            at_least,
        }
    }

    fn made(&mut self, length: u32) {
        self.made += length;
    }

    /// Whether that many plain steps' lengths more would end after that.
    fn overruns(&self, length: u32, deadline: Instant) -> bool {
        let each = match self.made {
            0 => self.at_least,
            made => self.since.elapsed().as_secs_f64() / f64::from(made),
        };
        Instant::now() + Duration::from_secs_f64(each * f64::from(length)) > deadline
    }
}

fn name_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Growth => "growth",
        Purpose::Bisection => "bisection",
        Purpose::Expectation => "asked for",
        Purpose::Confirmation => "confirmation",
    }
}

fn name_of_answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Met => "met",
        Answer::Missed => "missed",
        Answer::Undecided => "undecided",
        Answer::Limited => "no answer",
    }
}

impl StepPlans {
    /// The size of the first step.
    fn first_size(&self) -> Sized {
        Sized::Rate(self.settings().from.get(), self.longest_stay())
    }
}
