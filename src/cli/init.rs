//! `diapason init`: starting files for the user's own Compose stack, or the files that come with the program.

use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::InitArguments;
use super::output::Output;
use crate::init::{InitOptions, init as write};
use crate::scenario::{Plan, PlanOptions};
use crate::shipped;

pub(super) async fn init(arguments: InitArguments, output: Output) -> Exit {
    if let Some(name) = &arguments.example {
        let folder = arguments.out.as_deref().unwrap_or(Path::new("."));
        return example(name, folder, arguments.force, output);
    }
    let options = InitOptions {
        compose: arguments.compose,
        env_files: arguments.env_files,
        name: arguments.name,
        out: arguments.out.unwrap_or_else(|| PathBuf::from("scenarios")),
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

fn example(name: &str, folder: &Path, force: bool, output: Output) -> Exit {
    match shipped::write(name, folder, force) {
        Ok(written) => {
            output.deliver(&written.scenario.display().to_string());
            output.say(&format!(
                "{} files; next: diapason setup && diapason run {}",
                written.files,
                written.scenario.display()
            ));
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}
