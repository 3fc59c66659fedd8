//! The command line: the only room that prints or decides how the program exits.

mod arguments;
mod capacity;
mod check;
mod compare;
mod exit;
mod export;
mod history;
mod init;
mod list;
mod live;
mod objectives;
mod output;
mod progress;
mod run;
mod stack;

pub use exit::Exit;

use std::process::ExitCode;

use clap::Parser;
use tokio_util::sync::CancellationToken;

use arguments::{Arguments, Command};
use output::Output;

/// Parses the command line, does what it says, and tells how to exit.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap prints them itself and knows its own exit code (2 for bad usage).
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::CouldNot as u8));
        }
    };
    let output = Output::new(arguments.quiet);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Startup(error)).into(),
    };
    runtime.block_on(dispatch(arguments.command, output)).into()
}

#[derive(Debug, thiserror::Error)]
#[error("failed to start the asynchronous runtime")]
struct Startup(#[source] std::io::Error);

impl crate::error::Hint for Startup {}

async fn dispatch(command: Command, output: Output) -> Exit {
    match command {
        Command::Run(arguments) => run::run(arguments, output).await,
        Command::Capacity(arguments) => capacity::capacity(arguments, output).await,
        Command::Check(arguments) => check::check(&arguments, output).await,
        Command::Init(arguments) => init::init(arguments, output).await,
        Command::Report(arguments) => run::report(&arguments, output),
        Command::Compare(arguments) => compare::compare(&arguments, output),
        Command::History(arguments) => history::history(arguments, output).await,
        Command::Objectives(command) => objectives::objectives(command, output),
        Command::Stack(command) => stack::stack(command, output).await,
        Command::List { kind, scenarios } => list::list(kind, &scenarios, output),
    }
}

/// Cancelled at the first SIGINT or SIGTERM; later ones change nothing, since the teardown must finish.
fn stop_on_signal(output: Output) -> CancellationToken {
    // Goose, which runs the users of closed phases, installs a handler that exits at the second Ctrl-C. A process has room
    // for one such handler: with this one there goose's is refused. It must come before our own listeners, which go on
    // calling it; the other way round it would replace them.
    let _ = ctrlc::set_handler(|| {});
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        output.say("interrupted: saving what there is and taking the stack down …");
        cancel.cancel();
        loop {
            wait_for_signal().await;
            output.say("still taking the stack down …");
        }
    });
    stop
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the default action ends the process.
        _ => std::future::pending().await,
    }
}
