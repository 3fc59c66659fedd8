//! `diapason ab`.

use tokio_util::sync::CancellationToken;

use super::Exit;
use super::arguments::AbArguments;
use super::output::Output;
use super::signal::stop_on_signal;
use crate::ab::{
    AbComparison, AbDocument, AbEnd, AbError, AbOptions, Outcome, SideName, SideSettings, compare_in_turns, terminal,
};
use crate::run::RunError;
use crate::scenario::PlanOptions;
use crate::stack::ProgressSender;

pub(super) async fn ab(arguments: AbArguments, output: Output) -> Exit {
    let (talk, lines) = ProgressSender::channel();
    let options = match options(&arguments, CancellationToken::new(), talk) {
        Ok(options) => AbOptions {
            stop: stop_on_signal(output),
            ..options
        },
        Err(error) => return output.fail(&error),
    };
    let talking = tokio::spawn(output.relay(lines));
    let outcome = compare_in_turns(&arguments.scenario, &options).await;
    drop(options);
    // Pending messages are printed first.
    let _ = talking.await;
    match outcome {
        Ok(compared) => conclude(&compared, output),
        Err(error) => {
            let stopped = matches!(error, AbError::Run(RunError::Interrupted));
            let exit = output.fail(&error);
            if stopped { Exit::Interrupted } else { exit }
        }
    }
}

/// Options of a comparison from the command line.
fn options(arguments: &AbArguments, stop: CancellationToken, talk: ProgressSender) -> Result<AbOptions, AbError> {
    Ok(AbOptions {
        plan: PlanOptions {
            overrides: arguments.overrides.clone(),
            seed: arguments.seed,
            tags: arguments.tags.clone(),
            profile: arguments.profile.clone(),
            ..PlanOptions::default()
        },
        sides: [
            SideSettings::parse(SideName::A, &arguments.a)?,
            SideSettings::parse(SideName::B, &arguments.b)?,
        ],
        out: arguments.out.clone(),
        at_most_time: arguments.at_most_time,
        run_length: arguments.run_length,
        languages: arguments.lang.clone(),
        stop,
        talk,
    })
}

fn conclude(compared: &AbComparison, output: Output) -> Exit {
    output.print(&terminal(&compared.document));
    let page = compared.folder.path().join("index.html");
    output.say(&format!("report: {}", page.display()));
    exit(&compared.document)
}

/// Exit code of a comparison: 1 for a certain regression of a deciding objective, 3 while one is undecided.
fn exit(document: &AbDocument) -> Exit {
    match (&document.end, document.outcome()) {
        (Some(AbEnd::Interrupted), _) => Exit::Interrupted,
        (_, Outcome::Regressed) => Exit::Missed,
        (Some(AbEnd::Invalid(_)), _) | (_, Outcome::Undecided) => Exit::NoVerdict,
        (_, Outcome::NotWorse | Outcome::Unchanged | Outcome::Improved) => Exit::Met,
    }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;
    use crate::ab::fixture;

    fn asked(flags: &str) -> Result<AbOptions, AbError> {
        let Command::Ab(arguments) = Arguments::parse_line(&format!("ab s.toml {flags}")).unwrap().command else {
            panic!("no comparison in turns");
        };
        options(&arguments, CancellationToken::new(), ProgressSender::channel().0)
    }

    #[test]
    fn each_flag_becomes_an_option_of_the_comparison_and_changes_no_other() {
        for (flags, expected) in [
            ("", "reports 10m None [] - None [] -"),
            ("-o o --at-most-time 3m", "o 3m None [] - None [] -"),
            ("--run-length 15s", "reports 10m Some(15s) [] - None [] -"),
            ("--lang fr,en", "reports 10m None [] fr,en None [] -"),
            ("--seed 4 --set a.b=1", "reports 10m None [\"a.b\"] - Some(4) [] -"),
            ("--profile small", "reports 10m None [] - None [] small"),
            ("--b stack.env.A=1", "reports 10m None [] - None [\"stack.env.A\"] -"),
        ] {
            let options = asked(flags).unwrap();
            let keys =
                |pairs: &[(String, String)]| format!("{:?}", pairs.iter().map(|(key, _)| key).collect::<Vec<_>>());
            let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
            let tags: Vec<&str> = options.languages.iter().map(|language| language.tag()).collect();
            let length = options
                .run_length
                .map_or("None".to_owned(), |length| format!("Some({length})"));
            let told = format!(
                "{} {} {length} {} {} {:?} {} {}",
                options.out.display(),
                options.at_most_time,
                keys(&options.plan.overrides),
                or_dash(tags.join(",")),
                options.plan.seed,
                keys(&options.sides[1].settings),
                or_dash(options.plan.profile.clone().unwrap_or_default()),
            );
            assert_eq!(told, expected, "{flags}");
            assert_eq!(options.sides[0], SideSettings::default(), "{flags}");
        }
        assert_eq!(asked("--a v1.4").unwrap().sides[0].revision.as_deref(), Some("v1.4"));
        assert!(asked("--a users.count=3").is_err());
    }

    #[test]
    fn a_regression_is_certain_and_all_else_needs_every_objective() {
        for (outcome, expected) in [
            (Outcome::Regressed, Exit::Missed),
            (Outcome::Undecided, Exit::NoVerdict),
            (Outcome::NotWorse, Exit::Met),
            (Outcome::Unchanged, Exit::Met),
            (Outcome::Improved, Exit::Met),
        ] {
            let mut document = fixture::document();
            document.measures[0].outcome = outcome;
            assert_eq!(exit(&document), expected, "{outcome:?}");
            document.end = Some(AbEnd::Interrupted);
            assert_eq!(exit(&document), Exit::Interrupted, "{outcome:?}");
        }
        let mut document = fixture::document();
        document.measures[0].outcome = Outcome::Unchanged;
        document.end = Some(AbEnd::Invalid(SideName::A));
        assert_eq!(exit(&document), Exit::NoVerdict);
    }
}
