//! `diapason check`: the plan and the evidence it will yield, without any load; with `--live`, an examination.

use std::fmt::Write as _;

use super::Exit;
use super::arguments::CheckArguments;
use super::output::Output;
use crate::scenario::{Plan, PlanSummary};
use crate::slo::{LoadModel, SeriesPlan, Statistic};

pub(super) async fn check(arguments: &CheckArguments, output: Output) -> Exit {
    match Plan::load(&arguments.scenario, arguments.plan.options()) {
        Ok(plan) if arguments.live => super::live::live(&plan, output).await,
        Ok(plan) => {
            output.print(&describe(&plan.summary));
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

/// How many requests the plan yields of that series; nobody knows before in the closed model.
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
            phase.amount(),
            phase.judged_words(),
            phase.load
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
