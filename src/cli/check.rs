//! `diapason check`: the plan and the evidence it will yield, without any load; with `--live`, an examination.

use std::fmt::Write as _;

use super::Exit;
use super::arguments::CheckArguments;
use super::output::Output;
use crate::evidence::{LoadModel, SeriesPlan};
use crate::journey::{FeederOrder, Journey, Journeys, Lifecycle, StepOutline};
use crate::maintenance::{self, PlannedEvent};
use crate::scenario::{FeederUse, Plan, PlanSummary};
use crate::slo::Statistic;
use crate::stack::{self, Answers, ComposeExamination, StackError};
use crate::words::en;

pub(super) async fn check(arguments: &CheckArguments, output: Output) -> Exit {
    match Plan::load(&arguments.scenario, arguments.plan.options()) {
        Ok(plan) if arguments.live => super::live::live(&plan, arguments, output).await,
        Ok(plan) => {
            if !arguments.fix {
                let (described, feeders) = (describe(&plan.summary) + &events(&plan.events), feeders(&plan.feeders));
                output.deliver(&[described, steps(&plan.journeys), feeders, descriptors(&plan)].concat());
                super::run::caution(&plan, output);
                for event in &plan.events {
                    if let Some(problem) = maintenance::lacking(&event.settings).await {
                        output.say(&format!(
                            "event `{}` cannot be carried out here: {problem}",
                            event.settings.name
                        ));
                    }
                }
            }
            isolation(&plan, arguments.fix, output).await
        }
        Err(error) => output.fail(&error),
    }
}

/// Goes through the isolation of the plan's stack without starting anything; with `fix`, prints the settings that answer what
/// it refuses. Without Compose or its files, the plan is checked only.
async fn isolation(plan: &Plan, fix: bool, output: Output) -> Exit {
    let examination = match stack::examine(&plan.stack_file, &plan.stack).await {
        Ok(examination) => examination.unwrap_or_default(),
        Err(
            error @ (StackError::ComposeMissing { .. }
            | StackError::ComposeUnreadable { .. }
            | StackError::ComposeFilesUnreadable { .. }),
        ) if !fix => {
            output.say(&format!("the Compose files are not examined: {error}"));
            return Exit::Met;
        }
        Err(error) => return output.fail(&error),
    };
    for caution in &examination.cautions {
        output.say(&caution.to_string());
    }
    let ComposeExamination {
        refusals,
        lacks,
        cautions,
    } = examination;
    if !fix {
        return match StackError::of_obstacles(refusals, lacks) {
            Some(error) => output.fail(&error),
            None => Exit::Met,
        };
    }
    let answers = Answers::new(&refusals, &lacks, &cautions);
    if answers.is_empty() {
        output.say("nothing in the Compose files is refused");
    } else {
        output.deliver(&answers.text(&plan.stack_file));
        output.say("these tables of the stack file answer it all, in place of those that it has");
    }
    // Settings of the stack file cannot answer the rest.
    let rest: Vec<_> = lacks.into_iter().filter(|lack| lack.emptied().is_none()).collect();
    match StackError::of_obstacles(Vec::new(), rest) {
        Some(error) => output.fail(&error),
        None => Exit::Met,
    }
}

/// A line for each planned event; empty if there are none.
fn events(planned: &[PlannedEvent]) -> String {
    let mut text = String::new();
    if !planned.is_empty() {
        text.push_str("\nevents\n");
    }
    for event in planned {
        let settings = &event.settings;
        let undone = settings.lasts.map(|span| format!(" for {span}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:<24} {:>6} s  {} {}{undone}",
            settings.name,
            event.at.as_secs_f64(),
            settings.action,
            settings.service
        );
    }
    text
}

/// Adds a line for each series: its name, its expected number and its tags.
fn series(text: &mut String, plans: &[SeriesPlan]) {
    for plan in plans {
        let (name, expected, tags) = (&plan.name, requests(plan), plan.tags.join(" "));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<28} {expected:>7}  {tags}");
    }
}

/// Number of requests that the plan yields of that series; it is not known in advance in the closed model.
fn requests(series: &SeriesPlan) -> String {
    let open = format!("{:.0}", series.expected);
    match (
        series.models.contains(&LoadModel::Open),
        series.models.contains(&LoadModel::Closed),
    ) {
        (_, false) => open,
        (true, true) => format!("{open}+"),
        (false, true) => "closed".to_owned(),
    }
}

fn describe(plan: &PlanSummary) -> String {
    let mut text = format!("{}: {}\n\nphases\n", plan.scenario, plan.description);
    // Writing to a String cannot fail.
    for phase in &plan.load.phases {
        let _ = writeln!(
            text,
            "  {:<12} {:>6} s  {:>16}  {:<12}  {}",
            phase.name,
            phase.window.length().as_secs_f64(),
            en::amount(phase),
            en::judged(phase),
            en::load(&phase.load)
        );
    }
    let _ = writeln!(text, "\nseries (about so many requests judged)");
    series(&mut text, &plan.load.series);
    if !plan.load.transactions.is_empty() {
        let _ = writeln!(text, "\ntransactions (about so many judged)");
        series(&mut text, &plan.load.transactions);
    }
    let _ = writeln!(text, "\nevidence for each objective");
    for (objective, expected) in plan.objectives.iter().zip(&plan.expectations) {
        let samples = expected
            .samples
            .map_or("known after the run".to_owned(), |samples| format!("about {samples}"));
        let needs = match objective.statistic {
            Some(Statistic::Max) => "none may be over".to_owned(),
            // An Apdex is decided on two shares, so it has a number of samples as well.
            _ if objective.by_share() || objective.threshold.is_some() => {
                format!("a pass needs {:>5}", expected.needed)
            }
            _ => "their spread decides".to_owned(),
        };
        let _ = writeln!(
            text,
            "  {:<22} {:<9} {samples:<20} {needs:<18}  {}",
            objective.name,
            if expected.gate { "gating" } else { "advisory" },
            if !expected.decidable {
                "cannot be decided"
            } else if objective.lacks_baseline() {
                "can be decided with `run --baseline`"
            } else {
                "can be decided"
            }
        );
    }
    if plan.expectations.iter().any(|expected| expected.samples.is_some()) {
        let _ = writeln!(
            text,
            "\nThese are upper bounds: samples that are slow together, in a burst, are worth fewer, and only the run tells how many."
        );
    }
    text
}

/// The steps of every journey, as they were compiled.
fn steps(journeys: &Journeys) -> String {
    let mut text = "\njourneys\n".to_owned();
    for journey in journeys.all() {
        // Writing to a String cannot fail.
        let _ = match journey.session().and_then(|index| journeys.sessions().nth(index)) {
            Some(session) => writeln!(text, "  {}, with the session of {}", journey.name(), session.name()),
            None => writeln!(text, "  {}", journey.name()),
        };
        if let Some(when) = occasion(journey, journeys.occasions()) {
            let _ = writeln!(text, "    walked {when}");
        }
        for step in journey.outline() {
            text.push_str(&step_lines(journey, &step, journeys));
        }
    }
    text
}

/// Occasion on which a journey outside the mix is walked; `None` for the others.
fn occasion(journey: &Journey, occasions: &Lifecycle) -> Option<&'static str> {
    let all = [
        (&occasions.setup, "once before the load, by user 1"),
        (&occasions.user_setup, "once before the load, by each user"),
        (&occasions.user_teardown, "once after the load, by each user"),
        (&occasions.teardown, "once after the load, by user 1"),
    ];
    let mut found = all
        .into_iter()
        .filter(|(name, _)| name.as_deref() == Some(journey.name()));
    found.next().map(|(_, when)| when)
}

/// Descriptors that the run opens.
fn descriptors(plan: &Plan) -> String {
    let (needed, users) = (plan.descriptors(), plan.users.count);
    let connections = match plan.journeys.most_connections() {
        1 => "a connection".to_owned(),
        several => format!("up to {several} connections"),
    };
    format!("\ndescriptors\n  up to {needed}: {users} users, each with {connections}, and the program's own\n")
}

/// Rows of the feeders, and who takes them.
fn feeders(feeders: &[FeederUse]) -> String {
    let mut text = String::new();
    for (index, feeder) in feeders.iter().enumerate() {
        if index == 0 {
            text.push_str("\nfeeders\n");
        }
        let FeederUse { rows, users, .. } = feeder;
        let note = match feeder.taken {
            _ if feeder.is_shared() => format!("; {users} users share them, more than there are rows"),
            Some(taken) if feeder.order == FeederOrder::Unique => format!("; about {taken:.0} are taken"),
            None if feeder.order == FeederOrder::Unique => "; the run ends when they are exhausted".to_owned(),
            _ => String::new(),
        };
        let (path, order, journeys) = (feeder.path.display(), feeder.order.name(), feeder.journeys.join(", "));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {path}: {rows} rows, {order}, for {journeys}{note}");
    }
    text
}

fn step_lines(journey: &Journey, step: &StepOutline, journeys: &Journeys) -> String {
    let series = journeys.series().get(usize::from(step.series.0));
    let name = series.map_or("", |series| series.name.as_str());
    let name = name
        .strip_prefix(journey.name())
        .unwrap_or(name)
        .trim_start_matches('.');
    let mut parts = vec![format!("{} {}", step.method, step.path)];
    parts.extend(step.body.map(|body| format!("body {body}")));
    parts.extend(step.think.map(|think| format!("think {think}")));
    parts.extend((step.redirects > 0).then(|| format!("up to {} redirects", step.redirects)));
    parts.push(step.status.clone());
    if !step.extracted.is_empty() {
        parts.push(format!("extracts {}", step.extracted.join(" ")));
    }
    parts.extend(
        step.removal
            .as_ref()
            .map(|removal| format!("removed by {removal} after the load")),
    );
    parts.extend(step.stops.then(|| "stops the iteration if it fails".to_owned()));
    let mut text = format!("    {name:<16} {}\n", parts.join("; "));
    for check in &step.checks {
        let _ = writeln!(text, "    {:<16} checks {check}", "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::EvidenceExpectation;

    #[test]
    fn the_requests_of_closed_phases_are_known_by_nobody_before() {
        use LoadModel::{Closed, Open};
        for (models, expected) in [
            (&[Open][..], "2500"),
            (&[Open, Closed], "2500+"),
            (&[Closed], "closed"),
            (&[], "2500"),
        ] {
            let series = SeriesPlan {
                least: None,
                name: "projects.list".to_owned(),
                tags: Vec::new(),
                expected: 2_500.4,
                models: models.to_vec(),
            };
            assert_eq!(requests(&series), expected, "{models:?}");
        }
    }

    #[test]
    fn what_a_plan_cannot_decide_and_what_waits_for_a_baseline_is_said() {
        let mut plan = crate::report::sample::document().plan;
        plan.objectives.truncate(1);
        let mut said = |samples, decidable, gate, target: &str| {
            plan.objectives[0].target = target.to_owned().try_into().unwrap();
            plan.expectations = vec![EvidenceExpectation {
                objective: "API response time".to_owned(),
                samples,
                needed: 59,
                gate,
                decidable,
            }];
            let text = describe(&plan);
            let line = text.lines().find(|line| line.contains("API response time"));
            let words: Vec<&str> = line.unwrap().split_whitespace().skip(3).collect();
            (words.join(" "), text.contains("upper bounds"))
        };
        for (samples, decidable, gate, target, expected) in [
            (
                Some(2_500),
                true,
                true,
                "100ms",
                "gating about 2500 a pass needs 59 can be decided",
            ),
            (
                Some(20),
                false,
                false,
                "100ms",
                "advisory about 20 a pass needs 59 cannot be decided",
            ),
            (
                Some(2_500),
                true,
                true,
                "baseline + 10 %",
                "gating about 2500 a pass needs 59 can be decided with `run --baseline`",
            ),
            (
                None,
                true,
                true,
                "100ms",
                "gating known after the run a pass needs 59 can be decided",
            ),
        ] {
            // A number not known in advance is not called an upper bound.
            assert_eq!(
                said(samples, decidable, gate, target),
                (expected.to_owned(), samples.is_some())
            );
        }
    }
}
