//! `diapason run` and `diapason report`.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::arguments::{PlanArguments, ReportArguments, RunArguments};
use super::exit::exit_of;
use super::output::Output;
use super::publish::Publisher;
use super::signal::stop_on_signal;
use super::{Exit, capacity, compare, export, history, progress};
use crate::compare::{BASELINES, BaselineOptions, CompareError, check_name, load_side};
use crate::error::Hint;
use crate::evidence::Accept;
use crate::history::Location;
use crate::metrics::{MetricsError, MetricsExport, MetricsPlan, Target};
use crate::record::{Progress, SecondCounts};
use crate::replay::{ReplayError, ReplayOptions, prepare};
use crate::report::CapacityFolder;
use crate::report::summary::terminal;
use crate::run::{Finished, RunError, RunOptions, add_examination, place_again, report_again};
use crate::runs::examination_file;
use crate::scenario::{Plan, PlanOptions, ScenarioError};
use crate::stack::ProgressSender;
use crate::words::en;
use crate::workload::descriptors_allowed;

impl PlanArguments {
    pub(super) fn options(&self) -> PlanOptions {
        PlanOptions {
            overrides: self.overrides.clone(),
            seed: self.seed,
            tags: self.tags.clone(),
            target: self.target.clone(),
            own_hosts: self.own_hosts.clone(),
            profile: self.profile.clone(),
            scale_profile: self.scale_profile,
            logged_in: 0,
            replay: None,
        }
    }
}

/// Runs each scenario; the worst exit counts.
pub(super) async fn run(arguments: RunArguments, output: Output) -> Exit {
    start(arguments, None, output).await
}

/// Replays a log with each scenario in place of its phases; the worst exit counts.
pub(super) async fn run_replay(arguments: RunArguments, replay: ReplayOptions, output: Output) -> Exit {
    start(arguments, Some(replay), output).await
}

async fn start(arguments: RunArguments, replay: Option<ReplayOptions>, output: Output) -> Exit {
    let bisect = arguments.bisect;
    let exit = Box::pin(run_all(arguments, replay, output)).await;
    if bisect { exit.for_bisect() } else { exit }
}

/// The plan of a scenario, with the log in place of its phases if one is replayed.
fn plan_of(
    path: &Path,
    mut options: PlanOptions,
    replay: Option<&ReplayOptions>,
    output: Output,
) -> Result<Plan, PlanError> {
    if let Some(replay) = replay {
        let prepared = prepare(path, replay)?;
        for line in &prepared.account {
            output.say(line);
        }
        options.replay = Some(Arc::new(prepared.load));
    }
    Ok(Plan::load(path, options)?)
}

#[derive(Debug, thiserror::Error)]
enum PlanError {
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

impl Hint for PlanError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Replay(source) => source.hint(),
            Self::Scenario(source) => source.hint(),
        }
    }
}

async fn run_all(arguments: RunArguments, replay: Option<ReplayOptions>, output: Output) -> Exit {
    let publisher = Publisher::new(arguments.ci, output);
    let mut plan_options = arguments.plan.options();
    plan_options.tags.extend(publisher.tags(&plan_options.tags));
    let exports = match export::parse(&arguments.export) {
        Ok(exports) => exports,
        Err(error) => return output.fail(&error),
    };
    // Before the stack comes up: a path that cannot be written must not cost a whole run.
    if let Some(error) = exports.iter().find_map(|export| export.check_writable().err()) {
        return output.fail(&error);
    }
    let mut plans = Vec::new();
    for path in &arguments.scenarios {
        // All scenarios are planned before the first runs, so that a mistake in the last is known at once.
        match plan_of(path, plan_options.clone(), replay.as_ref(), output) {
            Ok(mut plan) => {
                if !arguments.lang.is_empty() {
                    plan.summary.lang.clone_from(&arguments.lang);
                }
                plans.push(plan);
            }
            Err(error) => return output.fail(&error),
        }
    }
    let mut baselines = match baselines(&arguments) {
        Ok(baselines) => baselines,
        Err(error) => return output.fail(&error),
    };
    for (plan, path) in plans.iter_mut().zip(&arguments.scenarios) {
        match baselines.resolve(plan, path) {
            Ok(said) => said.iter().for_each(|line| output.say(line)),
            Err(error) => return output.fail(&error),
        }
    }
    let stop = stop_on_signal(output);
    let mut worst = Exit::Met;
    for (plan, path) in plans.into_iter().zip(&arguments.scenarios) {
        let (talk, lines) = ProgressSender::channel();
        let (progress, seen) = watch::channel(Progress::default());
        let metrics = match export_metrics(&arguments.metrics, &plan, &progress, &talk).await {
            Ok(metrics) => metrics,
            Err(error) => return output.fail(&error),
        };
        let (exporting, seconds) = metrics.unzip();
        // Before the stack comes up, which may take minutes.
        let announced = publisher.begin(&plan.summary.scenario, &stop).await;
        let talking = tokio::spawn(output.relay(lines));
        let showing = tokio::spawn(progress::show(
            plan.summary.scenario.clone(),
            plan.summary.load.clone(),
            seen,
            arguments.progress,
            output,
        ));
        announce(&plan, output);
        let options = RunOptions {
            seconds,
            baselines: std::mem::take(&mut baselines),
            ..options(&arguments, &stop, talk, progress)
        };
        // The future is large, as it holds a whole run.
        let outcome = Box::pin(crate::run::run(&plan, &options)).await;
        // Its senders would keep the tasks that print and show waiting.
        drop(options);
        if let Some(exporting) = exporting {
            exporting.finish().await;
        }
        // Both end with the senders just dropped; their pending lines come before the verdict.
        let _ = tokio::join!(talking, showing);
        let fail = arguments.baselines.fail_on_regression;
        let exit = conclude(&outcome, &exports, fail, output);
        announced.finish(&outcome, &plan.text, path, exit).await;
        worst = worst.and(exit);
        // A signal means the whole command, not only the scenario under way.
        if stop.is_cancelled() {
            return Exit::Interrupted;
        }
    }
    worst
}

/// Options of a run from the command line, without its baselines.
fn options(
    arguments: &RunArguments,
    stop: &CancellationToken,
    talk: ProgressSender,
    progress: watch::Sender<Progress>,
) -> RunOptions {
    RunOptions {
        out: arguments.out.clone(),
        accept: arguments.accept.into(),
        keep_stack: arguments.keep_stack,
        keep_failed: arguments.keep_failed,
        abort_on_miss: arguments.abort_on_miss,
        when_clear: false,
        despite_limiter: arguments.despite_limiter,
        examine: arguments.examine,
        baselines: BaselineOptions::default(),
        history: Some(history::location(arguments.history.as_deref(), &arguments.out)),
        sessions: <_>::default(),
        stop: stop.clone(),
        talk,
        progress,
        seconds: None,
    }
}

/// Starts the export of a run's metrics, and returns the sender of its seconds; `None` if none is wanted.
async fn export_metrics(
    targets: &[Target],
    plan: &Plan,
    progress: &watch::Sender<Progress>,
    talk: &ProgressSender,
) -> Result<Option<(MetricsExport, UnboundedSender<SecondCounts>)>, MetricsError> {
    if targets.is_empty() {
        return Ok(None);
    }
    let load = &plan.summary.load;
    let named = MetricsPlan {
        scenario: plan.summary.scenario.clone(),
        phases: load
            .phases
            .iter()
            .map(|phase| (phase.name.clone(), phase.judged))
            .collect(),
        series: load.series.iter().map(|series| series.name.clone()).collect(),
        limits: plan.request_limits(),
    };
    MetricsExport::start(targets, named, progress.subscribe(), talk)
        .await
        .map(Some)
}

/// Judges and renders finished runs again, renders searches for capacity again; the worst exit counts.
pub(super) async fn report(arguments: &ReportArguments, output: Output) -> Exit {
    let exports = match export::parse(&arguments.export) {
        Ok(exports) => exports,
        Err(error) => return output.fail(&error),
    };
    let accept = arguments.accept.map(Accept::from);
    let place = arguments
        .history
        .as_deref()
        .map(|said| Location::new(Some(said), Path::new("")));
    let examination = match arguments.examination.as_deref().map(examination_file).transpose() {
        Ok(examination) => examination,
        Err(error) => return output.fail(&error),
    };
    let mut worst = Exit::Met;
    for path in &arguments.runs {
        let exit = if CapacityFolder::is_one(path) {
            capacity::report(path, accept, &arguments.lang, &exports, output)
        } else {
            let placed = match &place {
                Some(place) => place_again(path, place).await,
                None => Ok(()),
            };
            let examined = || {
                examination
                    .iter()
                    .try_for_each(|examination| add_examination(path, examination))
            };
            let accept = accept.unwrap_or(Accept::Target);
            let outcome = placed
                .and_then(|()| examined())
                .and_then(|()| report_again(path, accept, &arguments.lang));
            conclude(&outcome, &exports, false, output)
        };
        worst = worst.and(exit);
    }
    worst
}

fn announce(plan: &Plan, output: Output) {
    let summary = &plan.summary;
    output.say(&format!("scenario {}: {}", summary.scenario, summary.description));
    for phase in &summary.load.phases {
        let judged = en::judged(phase);
        output.say(&format!(
            "  {:<10} {:>4} s  {judged:<12}  {} model  {}",
            phase.name,
            phase.window.length().as_secs_f64(),
            phase.model.name(),
            en::load(&phase.load)
        ));
    }
    for expected in summary.expectations.iter().filter(|expected| !expected.decidable) {
        output.say(&format!(
            "  advisory: {} yields {} samples where a pass needs {}: it cannot be decided at this length",
            expected.objective,
            expected.samples.unwrap_or(0),
            expected.needed
        ));
    }
    caution(plan, output);
}

/// Says what keeps the plan from a verdict though it is valid: nothing gates, or there are too few descriptors.
pub(super) fn caution(plan: &Plan, output: Output) {
    if !plan.summary.objectives.iter().any(|objective| objective.gate) {
        output.say("warning: nothing gates: without an objective that has `gate = true`, a run exits with 3");
    }
    let needed = plan.descriptors();
    if let Some(allowed) = descriptors_allowed().filter(|allowed| *allowed < needed) {
        output.say(&format!(
            "warning: the run opens up to {needed} descriptors, and this process may open {allowed}: raise the limit \
             (`ulimit -Hn {needed}`), or have fewer users"
        ));
    }
}

/// The baseline asked for, read before any load: a misspelt name must not cost a run.
fn baselines(arguments: &RunArguments) -> Result<BaselineOptions, BaselineError> {
    let asked = &arguments.baselines;
    let folder = arguments.out.join(BASELINES);
    if arguments.scenarios.len() > 1 && (asked.save_baseline.is_some() || !asked.baseline.is_empty()) {
        return Err(BaselineError::SeveralScenarios);
    }
    let baseline = if asked.baseline.is_empty() {
        None
    } else {
        Some(load_side(&asked.baseline, &folder)?)
    };
    if let Some(name) = &asked.save_baseline {
        check_name(name)?;
    }
    Ok(BaselineOptions {
        baseline,
        anyway: asked.anyway,
        save_as: asked.save_baseline.clone().map(|name| (folder, name)),
    })
}

#[derive(Debug, thiserror::Error)]
enum BaselineError {
    #[error("a baseline belongs to one scenario")]
    SeveralScenarios,
    #[error(transparent)]
    Compare(#[from] CompareError),
}

impl Hint for BaselineError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::SeveralScenarios => Some("run the scenarios one by one, each with a baseline of its own".to_owned()),
            Self::Compare(source) => source.hint(),
        }
    }
}

fn conclude(outcome: &Result<Finished, RunError>, exports: &[export::Export], fail: bool, output: Output) -> Exit {
    let finished = match outcome {
        Ok(finished) => finished,
        Err(error @ RunError::Interrupted) => {
            output.fail(error);
            return Exit::Interrupted;
        }
        Err(error) => return output.fail(error),
    };
    for export in exports {
        if let Err(error) = export.write(finished, output) {
            return output.fail(&error);
        }
    }
    // Data on standard output stays alone, for whatever reads it.
    if !exports.iter().any(export::Export::to_standard_output) {
        output.print(&terminal(&finished.document, output.colour()));
    }
    output.say(&format!(
        "report: {}",
        finished.folder.path().join("index.html").display()
    ));
    if let Some(indexed) = &finished.indexed {
        history::print_neighbours(indexed, output);
    }
    let compared = compare::print_result(&finished.compared, fail, output);
    exit_of(finished.document.judgement.gate(), compared, finished.interrupted)
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;
    use crate::slo::Gate;

    fn arguments(flags: &str) -> RunArguments {
        match Arguments::parse_line(&format!("run s.toml {flags}")).unwrap().command {
            Command::Run(arguments) => *arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_flag_becomes_an_option_of_the_run_and_changes_no_other() {
        for (flags, expected) in [
            ("--history h.db", "reports Target - - h.db"),
            ("--history h.db --out o", "o Target - - h.db"),
            ("--history h.db -o o", "o Target - - h.db"),
            ("--history h.db --accept acceptable", "reports Acceptable - - h.db"),
            ("--history h.db --keep-stack", "reports Target keep - h.db"),
            ("--history h.db --abort-on-miss", "reports Target - abort h.db"),
            (
                "--history postgres://u:hush@h/d",
                "reports Target - - postgres://u:***@h/d",
            ),
        ] {
            let (talk, _) = ProgressSender::channel();
            let options = options(
                &arguments(flags),
                &CancellationToken::new(),
                talk,
                watch::Sender::default(),
            );
            let told = format!(
                "{} {:?} {} {} {}",
                options.out.display(),
                options.accept,
                if options.keep_stack { "keep" } else { "-" },
                if options.abort_on_miss { "abort" } else { "-" },
                options.history.unwrap().shown()
            );
            assert_eq!(told, expected, "{flags}");
        }
    }

    #[test]
    fn a_baseline_is_of_one_scenario_and_read_before_any_load() {
        let out = tempfile::tempdir().unwrap();
        let asked = |flags: &str| baselines(&arguments(&format!("--out {} {flags}", out.path().display())));
        let none = asked("").unwrap();
        assert!(none.baseline.is_none() && none.save_as.is_none() && !none.anyway);
        let saved = asked("--save-baseline main").unwrap();
        assert_eq!(saved.save_as, Some((out.path().join("baselines"), "main".to_owned())));
        for (flags, told) in [
            ("--save-baseline a/b", "`a/b` cannot be the name of a baseline"),
            ("--baseline main", "neither a run folder nor a saved baseline: main"),
            ("two.toml --save-baseline main", "a baseline belongs to one scenario"),
            ("two.toml --baseline main", "a baseline belongs to one scenario"),
        ] {
            let error = asked(flags).unwrap_err();
            assert!(error.to_string().starts_with(told), "{flags}: {error}");
            assert!(error.hint().is_some() || flags.contains("a/b"), "{flags}");
        }
    }

    #[test]
    fn the_exit_is_the_worst_of_gate_and_baseline() {
        use Exit::{CouldNot, Met, Missed, NoVerdict};
        let baselines = [Met, Missed, CouldNot, NoVerdict];
        for (gate, exits) in [
            (Gate::Passed, [Met, Missed, CouldNot, NoVerdict]),
            // A certain miss outranks a baseline that could not be compared.
            (Gate::Missed, [Missed, Missed, CouldNot, Missed]),
            (Gate::Undecided, [NoVerdict; 4]),
            (Gate::Invalid, [NoVerdict; 4]),
            (Gate::NothingGates, [NoVerdict; 4]),
        ] {
            assert_eq!(
                baselines.map(|baseline| exit_of(gate, baseline, false)),
                exits,
                "{gate:?}"
            );
            for baseline in baselines {
                assert_eq!(exit_of(gate, baseline, true), Exit::Interrupted);
            }
        }
    }

    #[test]
    fn what_could_not_be_run_is_told_apart_from_what_was_interrupted() {
        let exit = |error| conclude(&Err(error), &[], false, Output::new(true));
        assert_eq!(exit(RunError::Interrupted), Exit::Interrupted);
        let misspelt = CompareError::Name("a/b".to_owned());
        assert_eq!(exit(RunError::Compare(misspelt)), Exit::CouldNot);
    }
}
