//! `diapason replay`: an access log as the load of a scenario.

use super::Exit;
use super::arguments::ReplayArguments;
use super::output::Output;
use super::run::run_replay;
use crate::evidence::ReplayStarts;
use crate::replay::ReplayOptions;

/// Replays the log with each scenario; the worst exit counts.
pub(super) async fn replay(arguments: ReplayArguments, output: Output) -> Exit {
    let starts = match (arguments.open, arguments.fit) {
        (true, _) => ReplayStarts::Lines,
        (_, true) => ReplayStarts::Fitted,
        _ => ReplayStarts::Sessions,
    };
    let mut files = vec![arguments.first];
    files.extend(arguments.more);
    let options = ReplayOptions {
        log: arguments.log.options(files, ""),
        starts,
        speed: arguments.speed,
        max_rate: arguments.max_rate,
        seed: arguments.run.plan.seed.unwrap_or(0),
    };
    run_replay(arguments.run, options, output).await
}
