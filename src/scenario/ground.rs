//! The parts of a scenario that a single user needs: no load, no objectives.

use std::path::{Path, PathBuf};

use super::ScenarioError;
use super::check::Checker;
use super::file::default_timeout;
use super::nearest::nearest;
use super::options::PlanOptions;
use super::plan::{attached, machine, read};
use crate::journey::{Lifecycle, VariableFile, Variables};
use crate::stack::{StackFile, StackSettings, check_host};
use crate::units::Span;

/// Longest wait for a system that runs already.
const PATIENCE: Span = Span::from_millis(10_000);

/// A place to try a journey at: the system under test and the settings of requests.
#[derive(Debug)]
pub struct Ground {
    /// The stack file.
    pub stack_file: StackFile,
    /// Settings of the stack.
    pub stack: StackSettings,
    /// Time-out of steps that name none.
    pub timeout: Span,
    /// Seed of every random choice.
    pub seed: u64,
    /// Values of the journeys' variables, over their defaults.
    pub variables: Variables,
    /// Journeys that are walked before and after the load.
    pub occasions: Lifecycle,
    /// Folder of the journey files.
    pub journeys: PathBuf,
}

impl Ground {
    /// Reads the scenario and its stack file.
    pub fn load(path: &Path, options: &PlanOptions) -> Result<Self, ScenarioError> {
        let (mut scenario, _) = read(path, &options.overrides)?;
        scenario.stack.own_hosts.clone_from(&options.own_hosts);
        let folder = path.parent().unwrap_or(Path::new("."));
        Checker::new(path).scenario(&scenario)?;
        let mut stack_file = match &options.target {
            // The file is read for an attached system too: its allowed hosts and limits hold wherever the stack runs.
            Some(url) => attached(url, &nearest(folder, "stacks"), &scenario.stack.file),
            None => StackFile::load(&nearest(folder, "stacks"), &scenario.stack.file)?,
        };
        stack_file.replace_images(&scenario.stack);
        scenario.stack.machine = machine(options, &stack_file, path)?;
        let ground = Self {
            stack_file,
            variables: scenario.variables(path)?,
            occasions: scenario.occasions(),
            stack: scenario.stack,
            timeout: scenario.timeout,
            seed: options.seed.unwrap_or(scenario.seed),
            journeys: nearest(folder, "journeys"),
        };
        ground.checked()
    }

    /// A system that runs already at that URL, without any scenario; `folder` holds the journey files.
    pub fn attached(url: &str, folder: &Path, options: &PlanOptions) -> Result<Self, ScenarioError> {
        let ground = Self {
            stack_file: StackFile::attached(url),
            stack: StackSettings {
                own_hosts: options.own_hosts.clone(),
                ..StackSettings::default()
            },
            timeout: default_timeout(),
            seed: options.seed.unwrap_or_default(),
            variables: variables(&options.overrides)?,
            occasions: Lifecycle::default(),
            journeys: folder.to_owned(),
        };
        ground.checked()
    }

    fn checked(mut self) -> Result<Self, ScenarioError> {
        if let Some(attach) = &self.stack_file.attach {
            check_host(&attach.url, &self.stack_file, &self.stack)?;
            // It runs already: who tries a journey is not to wait as long as for a start.
            self.stack_file.deadline = self.stack_file.deadline.min(PATIENCE);
        }
        Ok(self)
    }
}

/// Variables by `--set`, the only values that can be set without a scenario.
fn variables(overrides: &[(String, String)]) -> Result<Variables, ScenarioError> {
    let written = overrides.iter().map(|(key, value)| {
        let name = key.strip_prefix("variables.").ok_or_else(|| ScenarioError::Override {
            key: key.clone(),
            reason: "without a scenario, only `variables.NAME` can be set".to_owned(),
        })?;
        let file = VariableFile {
            value: Some(value.clone()),
            ..VariableFile::default()
        };
        Ok((name.to_owned(), file))
    });
    let written = written.collect::<Result<_, ScenarioError>>()?;
    Variables::find(&written, Path::new("")).map_err(|(name, source)| ScenarioError::Variable {
        path: Path::new("--set").to_owned(),
        name,
        source,
    })
}
