//! Runs load generators next to each other, in turns, and prints what each costs and how true it is.

mod arguments;
mod driver;
mod peer;

use std::process::ExitCode;

use clap::Parser;
use diapason_peers::Failure;

use arguments::{Arguments, Command, Part};
use driver::{Site, closed, measure, memory, oracle, rate, stall};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Some(Command::Measure { usage, command }) => measure::measure(usage, command),
        None => compare(&arguments).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn compare(arguments: &Arguments) -> Result<(), Failure> {
    let site = Site::new(arguments)?;
    site.introduce();
    for part in arguments.parts() {
        let table = match part {
            Part::Closed => closed::run(&site)?.to_string(),
            Part::Rate => rate::run(&site),
            Part::Stall => stall::run(&site).to_string(),
            Part::Memory => memory::run(&site)?.to_string(),
            Part::Oracle => oracle::run(&site).to_string(),
        };
        println!("{table}");
    }
    Ok(())
}
