//! `diapason check`: the plan and the evidence it will yield, without any load; with `--live`, an examination.

use std::fmt::Write as _;

use super::Exit;
use super::arguments::CheckArguments;
use super::output::Output;
use crate::evidence::{LoadModel, SeriesPlan};
use crate::scenario::{Plan, PlanSummary};
use crate::slo::Statistic;
use crate::stack::{self, Answers, StackError};
use crate::words::en;

pub(super) async fn check(arguments: &CheckArguments, output: Output) -> Exit {
    match Plan::load(&arguments.scenario, arguments.plan.options()) {
        Ok(plan) if arguments.live => super::live::live(&plan, output).await,
        Ok(plan) => {
            if !arguments.fix {
                output.print(&describe(&plan.summary));
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
        Err(error @ (StackError::ComposeMissing { .. } | StackError::ComposeUnreadable { .. })) if !fix => {
            output.say(&format!("the Compose files are not examined: {error}"));
            return Exit::Met;
        }
        Err(error) => return output.fail(&error),
    };
    for caution in &examination.cautions {
        output.say(&caution.to_string());
    }
    let refusals = examination.refusals;
    if fix && refusals.is_empty() {
        output.say("nothing in the Compose files is refused");
    } else if fix {
        output.print(&Answers::new(&refusals).text(&plan.stack_file));
        output.say("these tables of the stack file answer it all, in place of those that it has");
    } else if !refusals.is_empty() {
        return output.fail(&StackError::Refused { refusals });
    }
    Exit::Met
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
    for series in &plan.load.series {
        let _ = writeln!(
            text,
            "  {:<28} {:>7}  {}",
            series.name,
            requests(series),
            series.tags.join(" ")
        );
    }
    if !plan.load.transactions.is_empty() {
        let _ = writeln!(text, "\ntransactions (about so many judged)");
    }
    for series in &plan.load.transactions {
        let _ = writeln!(
            text,
            "  {:<28} {:>7}  {}",
            series.name,
            requests(series),
            series.tags.join(" ")
        );
    }
    let _ = writeln!(text, "\nevidence for each objective");
    for (objective, expected) in plan.objectives.iter().zip(&plan.expectations) {
        let samples = expected
            .samples
            .map_or("known after the run".to_owned(), |samples| format!("about {samples}"));
        let needs = match objective.statistic {
            Some(Statistic::Max) => "none may be over".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Expectation;

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
            plan.expectations = vec![Expectation {
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
