//! Errors of bringing a stack up, examining it and tearing it down.

use std::path::{Path, PathBuf};

use testcontainers::bollard;

use super::awaited::Awaited;
use super::causes;
use super::kept_stack::KeptStack;
use super::lack::{self, Lack};
use super::reach::Refusal;
use crate::error::{Hint, TomlError};
use crate::secrets::Secrets;
use crate::units::Span;
use crate::wire::WireError;
use crate::wire::engine::EngineError;
use crate::wire::postgres::OpenError;

/// A stack that could not be brought up, examined or torn down.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A file that could not be read.
    #[error("failed to read {path}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A Compose file or environment file that could not be read.
    #[error("failed to read {path}", path = path.display())]
    ComposeUnreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Compose files and environment files that could not be read.
    #[error("failed to read {} files:{}", failures.len(), unreadable(failures))]
    ComposeFilesUnreadable {
        /// The files, each with its cause.
        failures: Vec<(PathBuf, std::io::Error)>,
    },
    /// A stack file that could not be understood.
    #[error("failed to understand stack file {path}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The place in the file and the cause.
        source: TomlError,
    },
    /// A scenario where a stack file is expected.
    #[error("{path} is a scenario, not a stack file", path = path.display())]
    IsScenario {
        /// The file.
        path: PathBuf,
        /// The stack file that it names; `None` if it names none.
        stack: Option<PathBuf>,
    },
    /// A stack file that contradicts itself or its Compose files.
    #[error("stack file {stack}: {problem}")]
    Contradiction {
        /// The stack file.
        stack: String,
        /// The contradiction, in words.
        problem: String,
    },
    /// A front door that cannot be used.
    #[error(transparent)]
    FrontDoor(WireError),
    /// An environment override that no Compose file of the stack reads.
    #[error("no Compose file of the stack reads the environment variable `{name}`")]
    UnknownVariable {
        /// The variable.
        name: String,
    },
    /// The engine is not found, or cannot be used.
    #[error(transparent)]
    Engineless(#[from] EngineError),
    /// No Docker Engine answers.
    #[error("the Docker Engine does not answer")]
    EngineUnreachable {
        /// The cause.
        source: Box<bollard::errors::Error>,
    },
    /// The engine answers a request with an error.
    #[error("the Docker Engine failed to {doing}")]
    Engine {
        /// The request, as a verb phrase.
        doing: String,
        /// The cause.
        source: Box<bollard::errors::Error>,
    },
    /// There is no `docker compose`.
    #[error("`docker compose` cannot be run: {problem}")]
    ComposeMissing {
        /// The failure to run it, in words.
        problem: String,
    },
    /// A `docker` command that failed.
    #[error("{command} failed:\n{output}")]
    Command {
        /// The command, or its purpose.
        command: String,
        /// The end of its output.
        output: String,
    },
    /// Testcontainers could not start containers.
    #[error("failed to start {services}")]
    Start {
        /// The services.
        services: String,
        /// The error of Compose.
        source: Box<testcontainers::compose::ComposeError>,
    },
    /// A service that ended, or restarted, while it should run.
    #[error("service `{service}` died ({how}); the end of its log:\n{log}")]
    ServiceDied {
        /// The service.
        service: String,
        /// Exit code, or that it ran out of memory.
        how: String,
        /// The end of its log.
        log: String,
    },
    /// Something that was not ready in time.
    #[error("{what} was not {} within {deadline}: {last}", what.goal())]
    DeadlinePassed {
        /// The part waited for.
        what: Awaited,
        /// The time allowed.
        deadline: Span,
        /// The last state seen.
        last: String,
    },
    /// A seed command that failed.
    #[error("seed `{seed}` failed with {how}{}", printed(output))]
    SeedingFailed {
        /// The seed.
        seed: String,
        /// Exit code of its command, or that it ran out of memory.
        how: String,
        /// The end of its output.
        output: String,
    },
    /// A request of a seed that got an unexpected answer.
    #[error("seed `{seed}`: {request}: {problem}")]
    SeedRefused {
        /// The seed.
        seed: String,
        /// Method and path.
        request: String,
        /// The fault in the answer.
        problem: String,
    },
    /// A seed that left fewer rows than expected.
    #[error("seed `{seed}` left {count} {what}, at least {at_least} are expected{}", ended_well(output.as_deref()))]
    VerificationFailed {
        /// The seed.
        seed: String,
        /// The thing counted.
        what: String,
        /// The count found.
        count: u64,
        /// The least count expected.
        at_least: u64,
        /// The end of the output of its command; `None` if it ran none.
        output: Option<String>,
    },
    /// An action in the database that failed.
    #[error("failed to {doing} in the database")]
    Database {
        /// The action that failed, as a verb phrase.
        doing: String,
        /// The cause.
        source: OpenError,
    },
    /// Features of the Compose files that would reach beyond the isolated stack.
    #[error("refused to run {}", listed(refusals))]
    Refused {
        /// All of them.
        refusals: Vec<Refusal>,
    },
    /// Parts that the Compose files name and that are not there, and whatever else keeps the stack from being started.
    #[error("{}", in_the_way(refusals, lacks, also.as_deref()))]
    InTheWay {
        /// Features that would reach beyond the isolated stack.
        refusals: Vec<Refusal>,
        /// The missing parts.
        lacks: Vec<Lack>,
        /// The error of Compose, if it has another one.
        also: Option<Box<StackError>>,
        /// True if Compose did not read the files to their end.
        cut_short: bool,
    },
    /// A part of the configuration that the isolated stack would share with another: a fault of the rewriting.
    #[error("refused to run {place}: {problem}")]
    NotRewritten {
        /// The place in the Compose file.
        place: String,
        /// The fault, in words.
        problem: String,
    },
    /// A front door on a host that is not listed as the user's own.
    #[error("`{host}` is neither this machine nor a host that you list as your own: it is not loaded")]
    NotOwned {
        /// The host.
        host: String,
    },
    /// A front door that a Compose project not started by Diapason publishes.
    #[error("{url} is published by `{container}` of the Compose project `{project}`, which looks like production")]
    LooksLikeProduction {
        /// The front door.
        url: String,
        /// The project.
        project: String,
        /// The container.
        container: String,
        /// The host to name with `--i-own`.
        host: String,
    },
    /// The scratch folder could not be written.
    #[error("failed to write {path}", path = path.display())]
    Scratch {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// An error while a stack came up, which was kept as it was then.
    #[error("{source}")]
    Kept {
        /// The containers that are left.
        kept: KeptStack,
        /// The error.
        source: Box<StackError>,
    },
    /// No stack of that name runs.
    #[error("there is no stack `{namespace}`")]
    NoSuchStack {
        /// The requested name.
        namespace: String,
    },
    /// Containers, networks or volumes of the stack are left on the engine.
    #[error("stack {namespace} could not be torn down; left: {left}")]
    NotTornDown {
        /// The stack's namespace.
        namespace: String,
        /// The things left.
        left: String,
    },
}

impl StackError {
    /// The error for all that keeps a stack from being started; `None` if nothing does.
    pub fn of_obstacles(refusals: Vec<Refusal>, lacks: Vec<Lack>) -> Option<Self> {
        match (refusals.is_empty(), lacks.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Self::Refused { refusals }),
            (_, false) => Some(Self::InTheWay {
                refusals,
                lacks,
                also: None,
                cut_short: false,
            }),
        }
    }

    /// Masks the secrets that logs and outputs may hold.
    pub(super) fn masked(mut self, secrets: &Secrets) -> Self {
        match &mut self {
            Self::Command { output: text, .. }
            | Self::ServiceDied { log: text, .. }
            | Self::DeadlinePassed { last: text, .. }
            | Self::SeedingFailed { output: text, .. }
            | Self::SeedRefused { problem: text, .. }
            | Self::VerificationFailed { output: Some(text), .. }
            | Self::Contradiction { problem: text, .. } => *text = secrets.mask(text),
            Self::InTheWay { also, .. } => *also = also.take().map(|error| Box::new(error.masked(secrets))),
            Self::Kept { source, .. } => {
                let hidden = std::mem::replace(
                    source.as_mut(),
                    Self::NoSuchStack {
                        namespace: String::new(),
                    },
                );
                **source = hidden.masked(secrets);
            }
            Self::Start { services, source } => {
                return Self::Command {
                    command: format!("starting {services}"),
                    output: secrets.mask(&source.to_string()),
                };
            }
            _ => {}
        }
        self
    }

    /// Text of the failure that comes from the system under test, a command or the operating system.
    fn foreign_text(&self) -> Option<String> {
        match self {
            Self::Command { command, output } => Some(format!("{output}\n{command}")),
            Self::ServiceDied { log: text, .. }
            | Self::DeadlinePassed { last: text, .. }
            | Self::SeedingFailed { output: text, .. } => Some(text.clone()),
            Self::Start { source, .. } => Some(source.to_string()),
            Self::Scratch { source, .. } => Some(source.to_string()),
            _ => None,
        }
    }
}

/// Output of a command that failed.
fn printed(output: &str) -> String {
    if output.is_empty() {
        " and printed nothing".to_owned()
    } else {
        format!(":\n{output}")
    }
}

/// Output of a command that ended well, and yet did not do what it was for.
fn ended_well(output: Option<&str>) -> String {
    output.map_or_else(String::new, |output| {
        format!("; its command ended with exit code 0{}", printed(output))
    })
}

/// The next move where a scenario was given in place of its stack file.
fn scenario_hint(scenario: &Path, stack: Option<&Path>) -> String {
    let scenario = scenario.display();
    match stack {
        Some(stack) => format!(
            "its stack file is {stack}: `diapason stack up {stack}`; `diapason run {scenario}` brings the stack up and runs the scenario on it",
            stack = stack.display()
        ),
        None => format!("it names no stack file under `[stack] use`: `diapason run {scenario} --target URL` runs it"),
    }
}

/// One refusal in a line, several each in a line of its own.
fn listed(refusals: &[Refusal]) -> String {
    if let [one] = refusals {
        return one.to_string();
    }
    let lines = refusals.iter().map(|refusal| format!("\n  {refusal}"));
    format!(
        "{} features of the Compose files:{}",
        refusals.len(),
        lines.collect::<String>()
    )
}

/// The missing parts, the refusals and the error of Compose, each in lines of its own.
fn in_the_way(refusals: &[Refusal], lacks: &[Lack], also: Option<&StackError>) -> String {
    let mut text = match lacks {
        [one] => format!("the stack lacks a part: {one}"),
        several => {
            let lines = several.iter().map(|lack| format!("\n  {lack}"));
            format!("the stack lacks {} parts:{}", several.len(), lines.collect::<String>())
        }
    };
    if !refusals.is_empty() {
        text = format!("{text}\nand it is refused to run {}", listed(refusals));
    }
    if let Some(error) = also {
        text = format!("{text}\nand {error}");
    }
    text
}

fn unreadable(failures: &[(PathBuf, std::io::Error)]) -> String {
    let lines = failures
        .iter()
        .map(|(path, cause)| format!("\n  {}: {cause}", path.display()));
    lines.collect()
}

/// The next move where features are refused.
const REFUSED: &str = "`diapason check SCENARIO --fix` prints the lines of the stack file that answer all of it; an override file \
    listed in `[compose] files` can take it out as well";

/// Compose names one fault at a time.
const FIRST_OF_COMPOSE: &str = "Compose ends at its first error, so more may follow";

/// The next move for each kind of missing part, and for what is refused.
fn in_the_way_hint(refusals: &[Refusal], lacks: &[Lack], cut_short: bool) -> String {
    let answered = !refusals.is_empty() || lacks.iter().any(|lack| lack.emptied().is_some());
    let mut advice = vec![lack::advice(lacks)];
    advice.extend(answered.then(|| REFUSED.to_owned()));
    advice.extend(cut_short.then(|| FIRST_OF_COMPOSE.to_owned()));
    advice.join("; ")
}

/// The next move after an error that was kept with what is up.
fn kept_hint(kept: &KeptStack, source: &StackError) -> String {
    // The advice on a failed seed is followed already.
    let is_seed = matches!(
        source,
        StackError::SeedingFailed { .. }
            | StackError::SeedRefused { .. }
            | StackError::VerificationFailed { .. }
            | StackError::Database { .. }
    );
    let advice = if is_seed && source.foreign_text().as_deref().and_then(causes::advice).is_none() {
        None
    } else {
        source.hint()
    };
    advice.map_or_else(|| kept.to_string(), |advice| format!("{advice}\n{kept}"))
}

impl Hint for StackError {
    fn hint(&self) -> Option<String> {
        let is_of_compose = matches!(self, Self::Command { command, .. } if command == "docker compose config");
        if let Some(advice) = self.foreign_text().as_deref().and_then(causes::advice) {
            let more = if is_of_compose {
                format!("; {FIRST_OF_COMPOSE}")
            } else {
                String::new()
            };
            return Some(format!("{advice}{more}"));
        }
        let text = match self {
            Self::Unreadable { .. } => "`diapason list scenarios` shows what there is",
            Self::ComposeUnreadable { .. } | Self::ComposeFilesUnreadable { .. } => {
                "Compose files and environment files given on the command line are relative to the working directory, those of a \
                 stack file to that file"
            }
            Self::UnknownVariable { .. } => "check the spelling of `stack.env` and of `--set stack.env.NAME=VALUE`",
            Self::EngineUnreachable { .. } => {
                "start the engine and see that you may use it: `diapason setup docker` does both, and `diapason doctor` shows what else is missing"
            }
            Self::Engine { .. } => {
                "see that the engine runs (`diapason doctor`); `diapason stack down --all` removes what a run left"
            }
            Self::ComposeMissing { .. } => {
                "install the Compose v2 plugin: `diapason setup docker` does, and `diapason doctor` shows what else is missing"
            }
            Self::ServiceDied { .. } => {
                "its log says why; `[service.NAME]` in the stack file can change its settings (`environment`), say that it is a job that \
                 ends (`state = \"exited-0\"`), or have it started again (`restarts = 10`)"
            }
            Self::DeadlinePassed { what, .. } => return Some(what.hint()),
            Self::SeedingFailed { .. } | Self::SeedRefused { .. } | Self::VerificationFailed { .. } => {
                "`--keep-failed` leaves what is up, so that the seed can be run by hand there"
            }
            Self::Database { .. } => "`--keep-failed` leaves what is up, so that the same can be tried by hand there",
            Self::IsScenario { path, stack } => return Some(scenario_hint(path, stack.as_deref())),
            Self::Refused { .. } => REFUSED,
            Self::InTheWay {
                refusals,
                lacks,
                cut_short,
                ..
            } => return Some(in_the_way_hint(refusals, lacks, *cut_short)),
            Self::NotRewritten { .. } => "this is a fault of diapason: please report it with the Compose file",
            Self::FrontDoor(error) => return error.hint(),
            Self::Engineless(error) => return error.hint(),
            Self::Kept { kept, source } => return Some(kept_hint(kept, source)),
            Self::NotOwned { host } => {
                return Some(format!(
                    "if it is yours to load: `--i-own {host}`, or `allowed-hosts = [\"{host}\"]` in the stack file or under `[stack]`"
                ));
            }
            Self::LooksLikeProduction { host, .. } => {
                return Some(format!(
                    "its stack file brings an isolated copy up; to load this one all the same: `--i-own {host}`"
                ));
            }
            Self::NoSuchStack { .. } => "`diapason stack ps` lists them",
            Self::NotTornDown { namespace, .. } => {
                return Some(format!(
                    "once the engine answers, `diapason stack down {namespace}` removes the rest"
                ));
            }
            Self::Command { .. } | Self::Start { .. } | Self::Scratch { .. } => {
                "`diapason doctor` shows what this machine lacks"
            }
            Self::Invalid { .. } => "`diapason schema stack --markdown` describes every key of a stack file",
            Self::Contradiction { .. } => return None,
        };
        Some(text.to_owned())
    }
}
