//! The command line: the only module that prints or decides the exit code.

mod ab;
mod arguments;
mod capacity;
mod check;
mod compare;
mod doctor;
mod dossier;
mod exit;
mod export;
mod fetch;
mod history;
mod import;
mod init;
mod list;
mod live;
mod manual;
mod objectives;
mod output;
mod pdf;
mod progress;
mod publish;
mod replay;
mod run;
mod setup;
mod signal;
mod stack;
mod transcript;
mod trial;

pub use exit::Exit;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use output::Output;

/// Parses the command line, carries the command out, and returns its exit code.
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
    let exit = runtime.block_on(dispatch(arguments.command, output));
    output.conclude(exit).into()
}

#[derive(Debug, thiserror::Error)]
#[error("failed to start the asynchronous runtime")]
struct Startup(#[source] std::io::Error);

impl crate::error::Hint for Startup {}

async fn dispatch(command: Command, output: Output) -> Exit {
    match command {
        Command::Run(arguments) => run::run(*arguments, output).await,
        Command::Replay(arguments) => replay::replay(*arguments, output).await,
        Command::Ab(arguments) => ab::ab(*arguments, output).await,
        Command::Capacity(arguments) => capacity::capacity(arguments, output).await,
        Command::Try(arguments) => trial::trial(arguments, output).await,
        Command::Check(arguments) => check::check(&arguments, output).await,
        Command::Init(arguments) => init::init(arguments, output).await,
        Command::Import(command) => import::import(command, output).await,
        Command::Report(arguments) => run::report(&arguments, output).await,
        Command::Pack(arguments) => dossier::pack(arguments, output).await,
        Command::Verify(arguments) => dossier::verify(arguments, output).await,
        Command::Publish { runs } => publish::publish(&runs, output).await,
        Command::Compare(arguments) => compare::compare(&arguments, output),
        Command::History(arguments) => history::history(arguments, output).await,
        Command::Objectives(command) => objectives::objectives(command, output),
        Command::Stack(command) => stack::stack(command, output).await,
        Command::Setup { parts } => setup::setup(parts, output),
        Command::Doctor { format } => doctor::doctor(format, output).await,
        Command::List { kind, scenarios } => list::list(kind, &scenarios, output),
        Command::Schema { kind, markdown } => manual::schema(kind, markdown, output),
        Command::Completions { shell } => manual::completions(shell, output),
        Command::Man { out } => manual::pages(out.as_deref(), output),
    }
}
