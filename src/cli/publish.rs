//! `--ci` of `diapason run`, and `diapason publish`: publish runs to the CI server; its errors change no exit code.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Exit;
use super::arguments::CiServer;
use super::exit::exit_of;
use super::output::{Output, explained};
use crate::error::Hint;
use crate::evidence::Accept;
use crate::publish::{Ci, Github, GithubContext, Origin, Publication, PublishError, add_to_summary, widgets};
use crate::run::{Finished, RunError, report_again};

/// A variable of the environment that is set and not empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says that something was not published, and why.
fn print_failure(error: &PublishError, output: Output) {
    output.say(&format!(
        "not published: {}",
        explained(error).trim_start_matches("error: ").trim_end()
    ));
}

/// Tells the CI server of the runs of one command.
pub(super) struct Publisher {
    ci: Option<Ci>,
    github: Option<GithubContext>,
    output: Output,
}

impl Publisher {
    pub(super) fn new(server: CiServer, output: Output) -> Self {
        let ci = match server {
            CiServer::Auto => Ci::detect(variable),
            CiServer::Github => Some(Ci::Github),
            CiServer::Gitlab => Some(Ci::Gitlab),
            CiServer::None => None,
        };
        let mut github = None;
        if ci == Some(Ci::Github) {
            match GithubContext::read(variable) {
                Ok(context) => github = Some(context),
                Err(error) => print_failure(&error, output),
            }
        }
        Self { ci, github, output }
    }

    /// Tags for the origin of the runs (branch, commit), without those in `given`; empty outside CI.
    pub(super) fn tags(&self, given: &[(String, String)]) -> Vec<(String, String)> {
        if self.ci.is_none() {
            return Vec::new();
        }
        let mut origin = Origin::read(variable);
        if let Some(github) = &self.github {
            // On a pull request GITHUB_SHA is a merge that nobody has made; the head is what was pushed.
            origin.commit = Some(github.head.clone());
        }
        origin.or_git(Path::new(".")).tags(given)
    }

    /// Tells that a run of that scenario begins, and that it is cancelled as soon as `stop` is.
    pub(super) async fn begin(&self, scenario: &str, stop: &CancellationToken) -> Published {
        let github = match &self.github {
            Some(context) => self.begin_github(context, scenario).await,
            None => None,
        };
        let output = self.output;
        // Told as soon as the run is stopped: GitHub kills a cancelled job ten seconds after its first signal, and
        // taking a stack down may last longer.
        let watching = github.clone().map(|github| {
            let stop = stop.clone();
            tokio::spawn(async move {
                stop.cancelled().await;
                if let Err(error) = github.cancelled().await {
                    print_failure(&error, output);
                }
            })
        });
        Published {
            ci: self.ci,
            github,
            watching,
            stop: stop.clone(),
            output,
        }
    }

    async fn begin_github(&self, context: &GithubContext, scenario: &str) -> Option<Arc<Github>> {
        match Github::begin(context.clone(), scenario).await {
            Ok((github, failed)) => {
                if let Some(error) = failed {
                    print_failure(&error, self.output);
                }
                Some(Arc::new(github))
            }
            Err(error) => {
                print_failure(&error, self.output);
                None
            }
        }
    }
}

/// A run that the CI server knows to have begun.
pub(super) struct Published {
    ci: Option<Ci>,
    github: Option<Arc<Github>>,
    watching: Option<JoinHandle<()>>,
    stop: CancellationToken,
    output: Output,
}

impl Published {
    /// Tells how it ended; `text` and `path` are the scenario's.
    pub(super) async fn finish(self, outcome: &Result<Finished, RunError>, text: &str, path: &Path, exit: Exit) {
        if let Some(watching) = self.watching {
            // What it tells must come first, as the end of the run is told after it.
            if self.stop.is_cancelled() {
                let _ = watching.await;
            } else {
                watching.abort();
            }
        }
        if self.ci.is_none() {
            return;
        }
        if let (Some(Ci::Gitlab), Ok(finished)) = (self.ci, outcome) {
            for (name, content) in widgets(&finished.document) {
                if let Err(error) = finished.folder.write_text(name, &content) {
                    self.output.say(&format!("not published: {error}"));
                }
            }
        }
        let publication = publication(outcome, text, exit);
        if self.ci == Some(Ci::Github)
            && let Some(file) = variable("GITHUB_STEP_SUMMARY")
            && let Err(error) = add_to_summary(Path::new(&file), &publication)
        {
            print_failure(&error, self.output);
        }
        if let Some(github) = &self.github {
            for error in github.finish(&publication, Some(path)).await {
                print_failure(&error, self.output);
            }
        }
    }
}

fn publication(outcome: &Result<Finished, RunError>, text: &str, exit: Exit) -> Publication {
    match outcome {
        Ok(finished) => {
            let comparison = finished.compared.comparison.as_ref();
            let comparison = comparison.and_then(|compared| compared.as_ref().ok());
            Publication::new(&finished.document, comparison, text, exit as u8)
        }
        Err(RunError::Interrupted) => Publication::cancelled(),
        Err(error) => Publication::failed(&explained(error)),
    }
}

/// A run that could not be published.
#[derive(Debug, thiserror::Error)]
enum FailedPublish {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("failed to publish {}", path.display())]
    Publish {
        path: PathBuf,
        #[source]
        source: PublishError,
    },
}

impl Hint for FailedPublish {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Run(source) => source.hint(),
            Self::Publish { source, .. } => source.hint(),
        }
    }
}

/// Publishes finished runs on GitHub.
pub(super) async fn publish(runs: &[PathBuf], output: Output) -> Exit {
    let mut exit = Exit::Met;
    for path in runs {
        if let Err(error) = publish_one(path, output).await {
            exit = output.fail(&error);
        }
    }
    exit
}

async fn publish_one(path: &Path, output: Output) -> Result<(), FailedPublish> {
    let failed = |source| FailedPublish::Publish {
        path: path.to_owned(),
        source,
    };
    let finished = report_again(path, Accept::Target, &[])?;
    let context = GithubContext::read(variable).map_err(failed)?;
    let exit = exit_of(finished.document.judgement.gate(), Exit::Met, finished.interrupted);
    let mut publication = Publication::new(&finished.document, None, "", exit as u8);
    // A run of a fork has the texts of a stranger.
    if context.afterwards {
        publication = publication.untrusted();
    }
    let scenario = finished.document.plan.scenario.clone();
    let (github, unchecked) = Github::begin(context, &scenario).await.map_err(failed)?;
    if let Some(error) = unchecked {
        return Err(failed(error));
    }
    if let Some(error) = github.finish(&publication, None).await.into_iter().next() {
        return Err(failed(error));
    }
    output.say(&format!("published: {scenario}"));
    Ok(())
}
