//! One case of a search under way: the stack, its steps, and the closed model's runs.

use std::time::{Duration, Instant};

use super::answer::answer;
use super::bounds::bounds;
use super::pace::{Move, Pace};
use super::{CapacityError, CapacityOptions};
use crate::journey::Sessions;
use crate::report::{
    CapacityDocument, CapacityFolder, Case, ClosedRun, ExpectedLoad, Step, StepFigures, StepReason, StopCause,
    UserCapacity, UslFit,
};
use crate::run::{self, Finished, IdleUsage, RunOptions};
use crate::scenario::{StepPlans, StepSize};
use crate::sizing::{End, Purpose, RemainingSteps, SearchStep, StepVerdict, tidy};
use crate::slo::Tally;
use crate::stack::RunningStack;
use crate::timer;
use crate::units::saturating_u32;
use crate::words::Language;

/// Strides of growth to the two limits for which the search says beforehand how far its time will get it: between two rates of
/// growth each, as a limit most likely is.
const NEAR_AND_FAR: [f64; 2] = [2.5, 5.5];

/// One case under way.
pub(super) struct CaseSearch<'a> {
    /// Deadline of the case.
    pub(super) deadline: Instant,
    /// Index of the case in the document.
    pub(super) index: usize,
    pub(super) options: &'a CapacityOptions,
    pub(super) folder: &'a CapacityFolder,
    pub(super) document: &'a mut CapacityDocument,
}

/// A stack that is up, and what its steps share.
struct CaseContext<'a> {
    plans: &'a StepPlans,
    stack: &'a RunningStack,
    at_rest: IdleUsage,
    /// Log-ins of earlier steps.
    sessions: Sessions,
}

/// Outcome of a series of steps on one stack.
enum SearchEnd {
    /// The case is over, or was stopped.
    Over,
    /// A container was lost: the stack must be brought up anew.
    Harmed,
}

impl CaseSearch<'_> {
    fn case_mut(&mut self) -> &mut Case {
        // `go_on` gives an index of the document's own cases.
        &mut self.document.cases[self.index]
    }

    fn of_step(&self, sessions: &Sessions, when_clear: bool) -> RunOptions {
        self.options.of_step(self.folder.steps(), sessions.clone(), when_clear)
    }

    /// Searches until the case is over or stopped; the document is saved after each step.
    pub(super) async fn case(&mut self) -> Result<(), CapacityError> {
        let begin = timer::now();
        let sweep = self.case_mut().sweep.clone();
        if let Some((key, value)) = &sweep {
            self.options.say(format!("case {key}={value}"));
        }
        let plans = StepPlans::load(&self.document.path, self.options.swept(sweep))?;
        let outcome = self.on_stacks(&plans).await;
        self.case_mut().seconds += (timer::now() - begin).as_secs_f64();
        self.folder.save(self.document)?;
        outcome
    }

    /// Brings the stack up once for all steps, and again after each step in which a container was lost.
    async fn on_stacks(&mut self, plans: &StepPlans) -> Result<(), CapacityError> {
        // Any plan of the case brings up the same stack: only the load differs between steps.
        let first = plans.plan(plans.first_size(), 0, 1, &Sessions::default())?;
        loop {
            let options = self.of_step(&Sessions::default(), false);
            let stack = Box::pin(run::start_stack(&first, &options)).await;
            let stack = match stack {
                Err(run::RunError::Interrupted) => {
                    self.document.stopped = Some(StopCause::ByUser);
                    return Ok(());
                }
                stack => stack?,
            };
            // Secrets that the isolated stack made up are known only now; documents of the search are masked with them.
            self.folder.hide(stack.secrets());
            let end = Box::pin(self.on_stack(plans, &stack)).await;
            // In every case, before the outcome is looked at: an error must not leave containers behind.
            let down = run::stop_stack(stack, end.is_err(), &options).await;
            match end? {
                SearchEnd::Over => return Ok(down?),
                // A stack that lost a container may fail to come down in order, which is ignored.
                SearchEnd::Harmed => self
                    .options
                    .say("a service came to harm: bringing the stack up anew".to_owned()),
            }
        }
    }

    async fn on_stack(&mut self, plans: &StepPlans, stack: &RunningStack) -> Result<SearchEnd, CapacityError> {
        let known = bounds(&stack.endpoints().containers).await;
        let case = self.case_mut();
        case.bounds = known;
        case.sizes.clone_from(&stack.record().sizes);
        let at_rest = IdleUsage::measure(stack.endpoints(), &self.options.stop).await;
        let on = CaseContext {
            plans,
            stack,
            at_rest,
            sessions: Sessions::default(),
        };
        let mut pace = Pace::new(plans.judged_seconds());
        // Before the clock starts: its time is no measure of a step.
        let warmed = self.warm_up(&on, &pace).await?;
        if self.document.stopped.is_some() {
            return Ok(SearchEnd::Over);
        }
        pace.begin(warmed);
        self.say_what_the_time_allows(&pace, !stack.endpoints().containers.is_empty());
        loop {
            match self.coming(&pace) {
                Move::Done(found) => {
                    self.case_mut().found = found;
                    break;
                }
                Move::TimeUp => {
                    self.document.stopped = Some(StopCause::ByTime);
                    return Ok(SearchEnd::Over);
                }
                Move::Step(rate, length, purpose) => {
                    let (harmed, planned) = self.step(&on, rate, length, purpose).await?;
                    if self.document.stopped.is_some() {
                        return Ok(SearchEnd::Over);
                    }
                    if harmed {
                        return Ok(SearchEnd::Harmed);
                    }
                    self.wait_until_idle(&on).await;
                    let judged = self.case_mut().steps.last().map_or(planned, Step::judged);
                    pace.add_step(length, planned, judged);
                    self.say_what_is_foreseen(&pace);
                }
            }
        }
        Box::pin(self.closed_runs(&on)).await?;
        if self.document.stopped.is_none() {
            self.case_mut().finished = true;
        }
        Ok(SearchEnd::Over)
    }

    /// Says before the first step how far the time will get the search, for a limit that is near and one that is far; `observed`
    /// is true if the utilisation of containers predicts the limit.
    fn say_what_the_time_allows(&self, pace: &Pace, observed: bool) {
        let case = &self.document.cases[self.index];
        if !case.tries().is_empty() {
            return;
        }
        let left = pace.steps_left(self.deadline);
        let search = &case.search;
        let near = NEAR_AND_FAR.map(|strides| tidy(search.from * search.growth.powf(strides)).min(search.at_most));
        let reaches: Vec<String> = near
            .iter()
            .map(|limit| {
                let found = search.foresee(&[], *limit, observed, left);
                let reach = match found.holds.zip(found.broken) {
                    Some((low, high)) if low > 0.0 => {
                        format!("a bracket about {:.0} % wide", (high / low - 1.0) * 100.0)
                    }
                    _ => "no rate that breaks".to_owned(),
                };
                format!("{reach} if the limit is near {limit} journeys/s")
            })
            .collect();
        self.options.say(format!(
            "the time is for {left} steps of {:.0} s or more, since clear ones end early: {}",
            pace.takes(RemainingSteps::step(1)),
            reaches.join(", ")
        ));
        let needed = near.iter().map(|limit| search.steps_needed(*limit, observed));
        let needed: Option<Vec<u32>> = needed.collect();
        let most = needed.and_then(|needed| needed.into_iter().max());
        // The values of a sweep share the time, and end early or late.
        if let Some(steps) = most.filter(|steps| *steps > left && self.document.cases.len() == 1) {
            let at_most = self.document.settings.at_most_time.get();
            let spent = at_most.saturating_sub(self.deadline.saturating_duration_since(timer::now()));
            let minutes = (spent.as_secs_f64() + pace.whole(steps)) / 60.0;
            self.options.say(format!(
                "  a bracket of {:.0} %, as asked for, takes up to {steps} steps: `--at-most-time {:.0}m`",
                search.precision * 100.0,
                minutes.ceil()
            ));
        }
    }

    /// Says after the first step how far the time that is left will get the search, if the prediction from that step is right.
    fn say_what_is_foreseen(&self, pace: &Pace) {
        let case = &self.document.cases[self.index];
        let [tried] = case.tries()[..] else { return };
        let Some(full) = tried.saturates.filter(|_| tried.answer == StepVerdict::Met) else {
            return;
        };
        let left = pace.steps_left(self.deadline);
        let found = case.search.foresee(&[tried], full, true, left);
        let reach = match found.holds.zip(found.broken) {
            Some((low, high)) if low > 0.0 => format!("a bracket about {:.0} % wide", (high / low - 1.0) * 100.0),
            _ => "no rate that breaks: allow more with `--at-most-time`".to_owned(),
        };
        self.options.say(format!(
            "  the first resource is full at about {} journeys/s (prediction); the time left is for {left} plain steps: {reach}",
            tidy(full)
        ));
    }

    fn coming(&self, pace: &Pace) -> Move {
        let case = &self.document.cases[self.index];
        pace.coming(&case.search, &case.tries(), self.deadline)
    }

    async fn wait_until_idle(&self, on: &CaseContext<'_>) {
        let at_most = self.document.settings.rest.get();
        let (took, rested) = on.at_rest.wait(on.stack.endpoints(), at_most, &self.options.stop).await;
        if !rested && !self.options.stop.is_cancelled() {
            self.options.say(format!(
                "  the system was not back at rest after {:.0} s: the next step begins all the same",
                took.as_secs_f64()
            ));
        }
    }

    /// Makes a step that does not count: caches of a new stack are cold, and its programs not compiled yet. The result is its judged
    /// time; `None` if none was needed.
    async fn warm_up(&mut self, on: &CaseContext<'_>, pace: &Pace) -> Result<Option<Duration>, CapacityError> {
        if on.stack.endpoints().containers.is_empty() {
            return Ok(None);
        }
        // The rate is no higher than that of the next step, so that nothing breaks that the step itself would not break.
        let rate = match self.coming(pace) {
            Move::Step(rate, ..) => rate.min(on.plans.settings().from.get()),
            // Nothing follows.
            Move::Done(_) | Move::TimeUp => return Ok(None),
        };
        self.options.say("warm-up …".to_owned());
        let plan = on
            .plans
            .plan(StepSize::Rate(rate, on.plans.longest_stay()), 0, 1, &on.sessions)?;
        let options = self.options.of_step(self.folder.warm_up(), on.sessions.clone(), false);
        let (finished, _) = Box::pin(run::run_on(&plan, on.stack, &options)).await?;
        if finished.interrupted {
            self.document.stopped = Some(StopCause::ByUser);
            return Ok(None);
        }
        self.wait_until_idle(on).await;
        Ok(Some(plan.summary.load.judged_window().length()))
    }

    /// Makes one step; returns true if the stack lost a container, and the judged time that was planned.
    async fn step(
        &mut self,
        on: &CaseContext<'_>,
        rate: f64,
        length: u32,
        purpose: Purpose,
    ) -> Result<(bool, Duration), CapacityError> {
        let scarce = self
            .case_mut()
            .steps
            .iter()
            .filter(|step| matches!(step.reason, StepReason::TooFewUsers { .. }));
        // Each earlier step with too few users raises their number by half.
        // More users cost memory in the generator, so they are added only where they were lacking.
        let stay = on.plans.longest_stay() * 1.5_f64.powi(i32::try_from(scarce.count()).unwrap_or(0));
        on.sessions.forget(on.plans.settings().keep_sessions.get());
        let number = self.case_mut().steps.len() + 1;
        let plan = on
            .plans
            .plan(StepSize::Rate(rate, stay), number, length, &on.sessions)?;
        // Growth is confirmed later, where it matters: only there may a step end before its time.
        let when_clear = purpose == Purpose::Growth;
        let planned = plan.summary.load.judged_window().length();
        self.options.say(format!(
            "step {number}: {rate} journeys/s for {}{:.0} s ({}) …",
            if when_clear { "at most " } else { "" },
            planned.as_secs_f64(),
            name_of(purpose)
        ));
        let options = self.of_step(&on.sessions, when_clear);
        let (finished, record) = Box::pin(run::run_on(&plan, on.stack, &options)).await?;
        if finished.interrupted {
            self.document.stopped = Some(StopCause::ByUser);
            return Ok((false, planned));
        }
        let reading = StepFigures::from_run(&record, &finished.document, on.plans.requests, on.plans.thinking);
        let tallies = Step::tallies_of(&finished.document, &record.evidence);
        let steps = self.case_mut().steps.iter();
        let before: Vec<&[Tally]> = steps
            // Steps at the same rate have the same expected share of bad samples, so their samples may be pooled.
            .filter(|step| step.tried.rate.total_cmp(&rate).is_eq() && step.counts())
            .map(|step| step.tallies.as_slice())
            .collect();
        let said = answer(&finished.document, &reading, &tallies, &before);
        let why = said.reason.words(Language::English);
        let after = match &record.evidence.ended {
            Some(_) => format!(" after {:.0} s", reading.seconds),
            None => String::new(),
        };
        self.options
            .say(format!("  {}{after}: {why}", name_of_answer(said.answer)));
        let step = Step {
            tallies,
            tried: SearchStep {
                rate,
                length,
                purpose,
                answer: said.answer,
                saturates: None,
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
        let saturates = case.saturation();
        if let Some(step) = case.steps.last_mut() {
            step.tried.saturates = saturates;
        }
        // After each step, so that an interrupted search loses at most one.
        self.folder.save(self.document)?;
        Ok((said.harmed, planned))
    }

    /// Runs the closed model with as many users as the held rate means, and with as many as were asked about.
    async fn closed_runs(&mut self, on: &CaseContext<'_>) -> Result<(), CapacityError> {
        let users = self.users(on.plans);
        self.case_mut().users = users;
        // Where the machine itself was full, a closed run would measure the machine again.
        let Some(users) = users.filter(|_| self.case_mut().found.end != End::Limited) else {
            return Ok(());
        };
        let asked = match self.document.expected {
            Some(ExpectedLoad::Users(asked)) => Some(asked),
            _ => None,
        };
        for count in std::iter::once(users.concurrent).chain(asked) {
            let done = self.case_mut().closed.iter().any(|run| run.users == count);
            // A resumed search does not repeat what it has.
            if count == 0 || done {
                continue;
            }
            // The closed run may begin long after the last step: tokens older than the limit would expire in it.
            on.sessions.forget(on.plans.settings().keep_sessions.get());
            let case = self.case_mut();
            let number = case.steps.len() + case.closed.len() + 1;
            let plan = on
                .plans
                .plan(StepSize::Users(count, users.cycle), number, 1, &on.sessions)?;
            self.options.say(format!(
                "closed model: {count} users for {:.0} s …",
                plan.summary.load.judged_window().length().as_secs_f64()
            ));
            let options = self.of_step(&on.sessions, false);
            let (finished, record) = Box::pin(run::run_on(&plan, on.stack, &options)).await?;
            if finished.interrupted {
                self.document.stopped = Some(StopCause::ByUser);
                return Ok(());
            }
            let run = self.closed_run(
                count,
                self.pause(on.plans),
                &finished,
                &StepFigures::from_run(&record, &finished.document, on.plans.requests, on.plans.thinking),
            );
            let why = run.reason.words(Language::English);
            self.options.say(format!("  {}: {why}", name_of_answer(run.answer)));
            self.case_mut().closed.push(run);
            self.folder.save(self.document)?;
            self.wait_until_idle(on).await;
        }
        Ok(())
    }

    fn closed_run(&self, users: u32, pause: f64, finished: &Finished, reading: &StepFigures) -> ClosedRun {
        let predicted = match &self.document.cases[self.index].model {
            Some(UslFit::Fit(usl)) => Some(usl.of_users(users, pause)),
            _ => None,
        };
        // Nothing is pooled: the samples of a closed run are of another load than those of the steps.
        let said = answer(&finished.document, reading, &[], &[]);
        ClosedRun {
            users,
            answer: said.answer,
            reason: said.reason,
            throughput: reading.throughput,
            p95: reading.p95,
            predicted,
            run: self.folder.relative(finished.folder.path()),
        }
    }

    /// Seconds that a user pauses for each journey: its think times and the pause between journeys.
    fn pause(&self, plans: &StepPlans) -> f64 {
        let think = self.document.settings.think;
        plans.thinking + think.map_or(0.0, |think| think.mean().as_secs_f64())
    }

    /// The held rate in users.
    fn users(&mut self, plans: &StepPlans) -> Option<UserCapacity> {
        let settings = self.document.settings.clone();
        let pause = self.pause(plans);
        let case = self.case_mut();
        let held = case.held_step()?;
        let cycle = pause + plans.requests * held.reading.service / 1e3;
        let rate = held.tried.rate;
        // Little's law: as many are under way as begin in the time of one cycle. Rounded down, since a bound must hold.
        let concurrent = saturating_u32((rate * cycle).floor());
        Some(UserCapacity {
            rate,
            requests: held.reading.requests,
            cycle,
            concurrent,
            per_day: rate * 3_600.0 / settings.peak_hour.get().max(1e-9) / settings.journeys_per_day.max(1e-9),
        })
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

fn name_of_answer(answer: StepVerdict) -> &'static str {
    match answer {
        StepVerdict::Met => "met",
        StepVerdict::Missed => "missed",
        StepVerdict::Undecided => "undecided",
        StepVerdict::Limited => "no answer",
    }
}
