//! Plan of a run: the scenario with everything it names, read, compiled and cross-checked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::Checker;
use super::events::planned_events;
use super::expectation::expect;
use super::layout::lay_out;
use super::nearest::nearest;
use super::options::PlanOptions;
use super::overrides::{self, Interpretation};
use super::{FeederUse, Phase, PlanSummary, ReplayLoad, Scenario, ScenarioError, feeding};
use crate::error::TomlError;
use crate::journey::{Journeys, Variables};
use crate::maintenance::{ConsistencySettings, PlannedEvent};
use crate::probe::ProbeSettings;
use crate::probe::browser::BrowserJourney;
use crate::secrets::masked;
use crate::slo::{Objective, Samples};
use crate::stack::{Machine, StackFile, StackSettings, check_host};
use crate::units::Span;
use crate::workload::{PhaseJob, Task, Users, descriptors_needed};

/// Connections of a user whose requests overlap over HTTP/1.1, as many as browsers have.
const CONNECTIONS: u32 = 6;

/// A scenario that can be run.
#[derive(Debug)]
pub struct Plan {
    /// The part that is kept with the run.
    pub summary: PlanSummary,
    /// The scenario file's text.
    pub text: String,
    /// The stack file.
    pub stack_file: StackFile,
    /// Settings of the stack in the scenario.
    pub stack: StackSettings,
    /// The virtual users.
    pub users: Users,
    /// Time-out of steps that name none.
    pub timeout: Span,
    /// The compiled journeys.
    pub journeys: Arc<Journeys>,
    /// Job of each phase, in the order of `summary.load.phases`.
    pub phases: Vec<PhaseJob>,
    /// Use of the journeys' feeders.
    pub feeders: Vec<FeederUse>,
    /// Events on services of the stack, with their times.
    pub events: Vec<PlannedEvent>,
    /// Comparisons of acknowledged writes with the database.
    pub consistency: Vec<ConsistencySettings>,
    /// Settings of the probes.
    pub probes: ProbeSettings,
    /// True if the last phase ends as soon as every gating objective is decided.
    pub auto: bool,
    /// The journey the browser walks.
    pub browser_journey: Option<BrowserJourney>,
    /// The session journey whose cookies the browser begins with.
    pub browser_session: Option<Arc<Journeys>>,
}

impl Plan {
    /// Most descriptors that a run of the plan opens.
    pub fn descriptors(&self) -> u64 {
        let overlap = self
            .phases
            .iter()
            .any(|job| matches!(&job.task, Task::Walk(walks) if walks.overlap()));
        let connections = if overlap { CONNECTIONS } else { 1 };
        descriptors_needed(self.users.count, self.journeys.most_connections().max(connections))
    }

    /// Reads the scenario and everything it names, and checks that it fits together.
    pub fn load(path: &Path, options: PlanOptions) -> Result<Self, ScenarioError> {
        let (mut scenario, text) = read(path, &options.overrides)?;
        scenario.stack.own_hosts.clone_from(&options.own_hosts);
        let folder = path.parent().unwrap_or(Path::new("."));
        Checker::new(path).scenario(&scenario)?;
        let replay = options.replay.as_deref();
        let names = replay.map_or_else(|| scenario.journey_names(), ReplayLoad::journey_names);
        let (written, occasions) = (nearest(folder, "journeys"), scenario.occasions());
        let variables = scenario.variables(path)?;
        let journeys = match replay {
            None => Journeys::load_around(&written, &names, &occasions, &variables)?,
            Some(replay) => Journeys::load_more(&written, &names, &replay.journeys, &occasions, &variables)?,
        };
        if let Some(replay) = replay {
            Checker::new(path).replay(scenario.users.count, replay)?;
        }
        let mut stack_file = match &options.target {
            Some(url) => attached(url, &nearest(folder, "stacks"), &scenario.stack.file),
            None => StackFile::load(&nearest(folder, "stacks"), &scenario.stack.file)?,
        };
        stack_file.replace_images(&scenario.stack);
        scenario.stack.machine = machine(&options, &stack_file, path)?;
        // Before anything speaks to the address: load on a host that nobody allowed must not even begin.
        if let Some(attach) = &stack_file.attach {
            check_host(&attach.url, &stack_file, &scenario.stack)?;
        }
        let browser = scenario.probes.browser.as_ref();
        let browser_journey = browser.map(|browser| read_browser_journey(folder, &browser.journey));
        let browser_journey = browser_journey.transpose()?;
        let browser_session = browser_session(&scenario, &written, &variables)?;
        let seed = options.seed.unwrap_or(scenario.seed);
        let (phases, load) = lay_out(&scenario, &journeys, &names, seed, &options);
        // Only now: the log-ins and the replay are part of the whole, and their length is known from the layout.
        Checker::new(path).length(&load)?;
        let feeders = feeding::uses(&journeys, &phases, scenario.users.count);
        Checker::new(path).feeders(&feeders)?;
        Checker::new(path).crowds(scenario.users.count, &load)?;
        Checker::new(path).objectives(&scenario.objective, &scenario.probes, &load)?;
        let events = planned_events(&scenario.event, &load);
        Checker::new(path).planned(&scenario.event, &events)?;
        let has_database = stack_file.database.is_some();
        Checker::new(path).consistency(&scenario.consistency, &scenario.objective, &journeys, has_database)?;
        let expectations = expect(&scenario.objective, &load, &scenario.probes);
        Checker::new(path).expectations(&expectations)?;
        let plan = Self {
            summary: PlanSummary {
                // A run of its own in the history: its load is another than the scenario's.
                scenario: match replay {
                    None => scenario.name,
                    Some(_) => format!("{}-replay", scenario.name),
                },
                description: scenario.description,
                seed,
                overrides: options
                    .overrides
                    .into_iter()
                    .map(|(key, value)| {
                        // The plan is written into the run's folder and its reports, which others read.
                        let shown = masked(&key, &value);
                        (key, shown)
                    })
                    .collect(),
                tags: options.tags,
                lang: scenario.lang,
                load,
                objectives: scenario.objective,
                expectations,
            },
            text,
            stack_file,
            stack: scenario.stack,
            users: scenario.users,
            timeout: scenario.timeout,
            journeys: Arc::new(journeys),
            phases,
            feeders,
            events,
            consistency: scenario.consistency,
            probes: scenario.probes,
            // A replay ends with its record, whatever is decided by then.
            auto: options.replay.is_none() && scenario.phase.iter().any(Phase::is_auto),
            browser_journey,
            browser_session,
        };
        Checker::new(path).budget(&plan.events, plan.summary.error_budget().is_some())?;
        Ok(plan)
    }

    /// Replaces the objectives and checks the plan again; `path` is the scenario's.
    pub fn revise(&mut self, path: &Path, objectives: Vec<Objective>) -> Result<(), ScenarioError> {
        let checker = Checker::new(path);
        checker.objectives(&objectives, &self.probes, &self.summary.load)?;
        let expectations = expect(&objectives, &self.summary.load, &self.probes);
        checker.expectations(&expectations)?;
        self.summary.objectives = objectives;
        self.summary.expectations = expectations;
        Ok(())
    }

    /// The times that requests are counted against, ascending.
    pub fn request_limits(&self) -> Vec<Span> {
        let objectives = self.summary.objectives.iter();
        let mut limits: Vec<Span> = objectives
            .filter_map(|objective| Some((objective, objective.indicator().ok()?)))
            .filter(|(_, indicator)| indicator.profile().over_requests())
            .flat_map(|(objective, indicator)| indicator.counted_limits(objective))
            .collect();
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    /// The times that the objectives on such samples are counted against, ascending.
    pub fn limits_of(&self, samples: Samples) -> Vec<Span> {
        let objectives = self.summary.objectives.iter();
        let mut limits: Vec<Span> = objectives
            .filter(|objective| objective.samples() == Some(samples))
            .filter_map(|objective| Some(objective.indicator().ok()?.counted_limits(objective)))
            .flatten()
            .collect();
        limits.sort_unstable();
        limits.dedup();
        limits
    }
}

/// Machine profile that the stack is held to; `None` if no profile is selected.
pub(super) fn machine(options: &PlanOptions, stack: &StackFile, path: &Path) -> Result<Option<Machine>, ScenarioError> {
    let Some(profile) = &options.profile else {
        return Ok(None);
    };
    let known: Vec<&str> = stack.profile.keys().map(String::as_str).collect();
    let size = stack.profile.get(profile).cloned();
    let size = size.ok_or_else(|| ScenarioError::Invalid {
        path: path.to_owned(),
        at: format!("stack `{}`", stack.name),
        problem: format!("it has no profile `{profile}`"),
        hint: match known.as_slice() {
            [] => "write `[profile.NAME]` with `cpus`, `memory` and `service` into the stack file".to_owned(),
            known => format!("use one of {}", known.join(", ")),
        },
    })?;
    Ok(Some(Machine {
        profile: profile.clone(),
        size,
        scaled: options.scale_profile,
    }))
}

pub(super) fn read(path: &Path, settings: &[(String, String)]) -> Result<(Scenario, String), ScenarioError> {
    let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Read {
        path: path.to_owned(),
        source,
    })?;
    let parse = |source: toml::de::Error| ScenarioError::Parse {
        what: "scenario",
        path: path.to_owned(),
        source: Box::new(TomlError::from(source)),
    };
    // Read once as it stands: only then do errors carry line and column.
    let scenario: Scenario = toml::from_str(&text).map_err(parse)?;
    if settings.is_empty() {
        return Ok((scenario, text));
    }
    let mut table: toml::Table = toml::from_str(&text).map_err(parse)?;
    for (key, value) in settings {
        table = overridden(&table, key, value)?;
    }
    Ok((table.try_into().map_err(parse)?, text))
}

/// The session journey whose cookies the browser begins with.
fn browser_session(
    scenario: &Scenario,
    journeys: &Path,
    variables: &Variables,
) -> Result<Option<Arc<Journeys>>, ScenarioError> {
    let session = scenario
        .probes
        .browser
        .as_ref()
        .and_then(|browser| browser.session.as_ref());
    let session = session.map(|session| Journeys::load_session(journeys, session, variables));
    Ok(session.transpose()?.map(Arc::new))
}

/// Tables with one value set: typed if the scenario takes it so, else as text.
fn overridden(table: &toml::Table, key: &str, value: &str) -> Result<toml::Table, ScenarioError> {
    let set = |reading| -> Result<_, ScenarioError> {
        let mut changed = table.clone();
        overrides::apply(&mut changed, key, value, reading)?;
        let scenario: Result<Scenario, _> = changed.clone().try_into();
        Ok(scenario.map(|_| changed))
    };
    // A variable is a text: `0042` and `1.50` stay what they are.
    if key.starts_with("variables.") {
        return set(Interpretation::Text)?.map_err(|error| refused(key, error));
    }
    // Typed first: `5` for a duration is refused as a number, and only then may it be a text. The first error is shown,
    // since it
    // names the type that was wanted.
    set(Interpretation::Typed)?.or_else(|error| {
        set(Interpretation::Text)?
            .map_err(|_| error)
            .map_err(|error| refused(key, error))
    })
}

fn refused(key: &str, error: toml::de::Error) -> ScenarioError {
    ScenarioError::Override {
        key: key.to_owned(),
        reason: TomlError::from(error).message().to_owned(),
    }
}

/// Stack file for the system at that URL. Allowed and production hosts, the limiter and the way to the front door are those of the scenario's stack file, if
/// it can be read.
pub(super) fn attached(url: &str, folder: &Path, name: &str) -> StackFile {
    let mut file = StackFile::attached(url);
    // What concerns the system and not the way to bring it up holds for one that is attached to as well.
    if let Ok(named) = StackFile::load(folder, name) {
        file.allowed_hosts = named.allowed_hosts;
        file.production = named.production;
        file.limiter = named.limiter;
        file.front_door = named.front_door;
    }
    file
}

fn read_browser_journey(folder: &Path, name: &str) -> Result<BrowserJourney, ScenarioError> {
    let path: PathBuf = nearest(folder, "journeys").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).map_err(|source| ScenarioError::Read {
        path: path.clone(),
        source,
    })?;
    BrowserJourney::parse(&text).map_err(|source| ScenarioError::Parse {
        what: "browser journey",
        path,
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests;
