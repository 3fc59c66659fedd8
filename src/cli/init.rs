//! `diapason init`: starting files for the user's own Compose stack.

use super::Exit;
use super::arguments::InitArguments;
use super::output::Output;
use crate::init::{InitOptions, init as write};
use crate::scenario::{Plan, PlanOptions};

pub(super) async fn init(arguments: InitArguments, output: Output) -> Exit {
    let options = InitOptions {
        compose: arguments.compose,
        env_files: arguments.env_files,
        name: arguments.name,
        out: arguments.out,
        force: arguments.force,
    };
    let written = match write(&options).await {
        Ok(written) => written,
        Err(error) => return output.fail(&error),
    };
    for path in [&written.stack, &written.scenario, &written.journey] {
        output.deliver(&path.display().to_string());
    }
    for note in &written.notes {
        output.say(note);
    }
    // The scenario just written must load as a plan.
    if let Err(error) = Plan::load(&written.scenario, PlanOptions::default()) {
        return output.fail(&error);
    }
    output.say(&format!(
        "look them through, then: diapason run {}",
        written.scenario.display()
    ));
    Exit::Met
}
