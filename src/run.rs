//! A whole run, from the plan to the report.

mod budget;
mod early;
mod error;
mod finished;
mod idle_usage;
mod index;
mod load;
mod options;
mod saved;

pub use error::RunError;
pub use finished::Finished;
pub use idle_usage::IdleUsage;
pub use options::RunOptions;
pub use saved::{add_examination, annotate, entry_of, judge_again, place_again, report_again};

use self::index::index;
use self::load::load;
use self::saved::judged;
use crate::compare::BaselineOutcome;
use crate::live;
use crate::report::render_into;
use crate::runs::{RunFolder, RunRecord};
use crate::scenario::Plan;
use crate::slo::Samples;
use crate::stack::{self, RunningStack, StackSettings};

/// Brings the stack up, applies the load while the probes observe, saves the evidence, takes the stack down, judges, reports.
pub async fn run(plan: &Plan, options: &RunOptions) -> Result<Finished, RunError> {
    let folder = RunFolder::create(&options.out, &plan.summary.scenario)?;
    let outcome = carry_out(plan, folder.clone(), options).await;
    if let Err(error) = &outcome {
        // If this cannot be written either, the error itself is still returned.
        let _ = folder.fail(error);
    }
    outcome
}

async fn carry_out(plan: &Plan, mut folder: RunFolder, options: &RunOptions) -> Result<Finished, RunError> {
    let stack = start_stack(plan, options).await?;
    // Before anything is written into the folder: what is once on disk may be uploaded by a CI server.
    folder.hide(stack.secrets());
    let saved = apply_and_save(plan, &stack, &folder, options).await;
    // The stack goes down before judging: its cores are free for the report, and nothing of it is needed any more.
    let stopped = stop_stack(stack, saved.is_err(), options).await;
    let record = saved?;
    let mut document = judged(&record, options.accept);
    document.examination = folder.examination()?;
    let indexed = match &options.history {
        Some(location) => Some(index(&record, &mut document, &folder, location, &options.out).await),
        None => None,
    };
    if let Some(earlier) = &document.earlier {
        folder.save_earlier(earlier)?;
    }
    // A comparison that failed is told after the report, which it must not cost.
    let compared = options.baselines.apply(&record, &document, &folder);
    if let Ok(BaselineOutcome {
        comparison: Some(Ok(comparison)),
        ..
    }) = &compared
    {
        document.baseline = Some(comparison.into());
    }
    render_into(&folder, &document, crate::report::standard())?;
    folder.mark_latest()?;
    let compared = compared?;
    // A failed tear-down is reported, but only after the report on the measurements was written.
    stopped?;
    Ok(Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared,
        indexed,
    })
}

/// Runs on a stack that is up already and stays up; the run's folder is not marked as the latest.
pub async fn run_on(
    plan: &Plan,
    stack: &RunningStack,
    options: &RunOptions,
) -> Result<(Finished, RunRecord), RunError> {
    let mut folder = RunFolder::create(&options.out, &plan.summary.scenario)?;
    folder.hide(stack.secrets());
    let outcome = async {
        let record = apply_and_save(plan, stack, &folder, options).await?;
        let document = judged(&record, options.accept);
        render_into(&folder, &document, crate::report::standard())?;
        Ok((document, record))
    };
    let outcome: Result<_, RunError> = outcome.await;
    if let Err(error) = &outcome {
        // If this cannot be written either, the error itself is still returned.
        let _ = folder.fail(error);
    }
    let (document, record) = outcome?;
    let finished = Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared: BaselineOutcome::default(),
        indexed: None,
    };
    Ok((finished, record))
}

async fn apply_and_save(
    plan: &Plan,
    stack: &RunningStack,
    folder: &RunFolder,
    options: &RunOptions,
) -> Result<RunRecord, RunError> {
    if options.examine {
        let examination = live::examine_running(plan, stack, &options.talk).await?;
        folder.save_examination(&examination)?;
    }
    let warned = live::warn(plan, stack).await;
    for sentence in &warned.sentences {
        options.talk.say(format!("warning: {sentence}"));
    }
    let judges_limiter = plan
        .summary
        .objectives
        .iter()
        .any(|objective| objective.gate && objective.samples() == Some(Samples::Refusals));
    if !warned.refused.is_empty() && !options.despite_limiter && !judges_limiter {
        return Err(RunError::Limiter(warned.refused));
    }
    let mut record = load(plan, stack, folder, &warned, options).await?;
    // Saved as it was recorded; corrections are applied each time it is read, so that a better correction also mends
    // old runs.
    record.baseline_withdrawn = options.baselines.withdraws(&record);
    folder.save(&record)?;
    Ok(folder.with_event_windows(record.corrected())?)
}

/// Brings the plan's stack up; a stop meanwhile takes it down again.
pub async fn start_stack(plan: &Plan, options: &RunOptions) -> Result<RunningStack, RunError> {
    let settings = StackSettings {
        keep_failed: options.keep_failed,
        fixed_ports: plan.events.iter().any(|event| event.settings.action.stops()),
        ..plan.stack.clone()
    };
    tokio::select! {
        up = stack::up(&plan.stack_file, &settings, &options.talk) => Ok(up?),
        // Dropping the half-started stack takes it down.
        () = options.stop.cancelled() => Err(RunError::Interrupted),
    }
}

/// Takes a stack down, or leaves it up as the options ask; `failed` is true if its run could not be carried out.
pub async fn stop_stack(stack: RunningStack, failed: bool, options: &RunOptions) -> Result<(), RunError> {
    if failed && options.keep_failed && !options.stop.is_cancelled() {
        if let Some(kept) = stack.keep_failed().await {
            options.talk.say(kept.to_string());
        }
        return Ok(());
    }
    if options.keep_stack {
        stack.keep();
        return Ok(());
    }
    Ok(stack.down().await?)
}
