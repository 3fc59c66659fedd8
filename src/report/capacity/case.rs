//! One search of a sweep: its steps, their result, and the conclusions from them.

use serde::{Deserialize, Serialize};

use super::{ExpectedAnswer, ExpectedLoad, Step, StepReason};
use crate::evidence::SizeChange;
use crate::sizing::{
    Bound, Demand, Misfit, Processes, Resource, Search, SearchResult, SearchStep, StepVerdict, Usl, closed_level, fit,
    rank,
};

/// Outcome of fitting the Universal Scalability Law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UslFit {
    /// The law describes the data.
    Fit(Box<Usl>),
    /// The law does not describe the data, or there are too few to fit.
    Refused(Misfit),
}

/// The held rate in users, from measurements at that rate and from the stated behaviour of users.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserCapacity {
    /// Journeys per second that hold.
    pub rate: f64,
    /// Requests per second at that rate, measured.
    pub requests: f64,
    /// Seconds from one journey of a user to the next: think times, answers and the pause between journeys.
    pub cycle: f64,
    /// Users at once: rate × cycle (the interactive response-time law).
    pub concurrent: u32,
    /// Users per day: journeys in the busiest hour, over its share of the day's journeys and the journeys of a user a day.
    pub per_day: f64,
}

/// A run of the closed model, with as many users as the held rate means or as were asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedRun {
    /// Users at once.
    pub users: u32,
    /// Answer of the run.
    pub answer: StepVerdict,
    /// Reason for the answer.
    pub reason: StepReason,
    /// Journeys per second they made.
    pub throughput: f64,
    /// 95th percentile of the response times in milliseconds.
    pub p95: Option<f64>,
    /// Journeys per second that the fitted model predicts for that number of users; `None` without a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted: Option<f64>,
    /// Its run folder, relative to the search's.
    pub run: String,
}

/// One search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Key and value that the sweep set; `None` without a sweep.
    pub sweep: Option<(String, String)>,
    /// Settings of the search, such as its first and highest rate.
    pub search: Search,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Result of the steps; while the search goes on, of the steps so far.
    pub found: SearchResult,
    /// True if the search came to its end.
    pub finished: bool,
    /// Bounds of services beside their CPU limits: processes that are known to run on one core each.
    #[serde(default)]
    pub bounds: Vec<(String, Processes)>,
    /// Changes made to size the stack.
    #[serde(default)]
    pub sizes: Vec<SizeChange>,
    /// Fit of throughput against concurrency; `None` until conclusions are drawn.
    pub model: Option<UslFit>,
    /// Service demand of a journey on each resource, the resource that saturates first at the top.
    pub demands: Vec<Demand>,
    /// The held rate in users.
    pub users: Option<UserCapacity>,
    /// Runs of the closed model at that many users.
    pub closed: Vec<ClosedRun>,
    /// Seconds it took, bringing the stack up included.
    pub seconds: f64,
}

/// Name of the machine among the resources.
pub(crate) const MACHINE: &str = "machine";

impl Case {
    /// A search that has not begun.
    pub fn new(sweep: Option<(String, String)>, search: Search) -> Self {
        Self {
            sweep,
            found: search.found(&[]),
            search,
            steps: Vec::new(),
            finished: false,
            bounds: Vec::new(),
            sizes: Vec::new(),
            model: None,
            demands: Vec::new(),
            users: None,
            closed: Vec::new(),
            seconds: 0.0,
        }
    }

    /// The tries of the steps, in order.
    pub fn tries(&self) -> Vec<SearchStep> {
        self.steps.iter().map(|step| step.tried).collect()
    }

    /// The swept key and value, such as `stack.limits.api.cpus=1`; empty without a sweep.
    pub fn name(&self) -> String {
        self.sweep
            .as_ref()
            .map_or_else(String::new, |(key, value)| format!("{key}={value}"))
    }

    /// The longest step at that rate with that answer.
    pub fn at(&self, rate: Option<f64>, answer: StepVerdict) -> Option<&Step> {
        let steps = self.steps.iter();
        let of = steps.filter(|step| Some(step.tried.rate) == rate && step.tried.answer == answer);
        // The longest of several at the same rate has the most evidence.
        of.max_by_key(|step| step.tried.length)
    }

    /// The step that shows the highest held rate.
    pub fn held_step(&self) -> Option<&Step> {
        self.at(self.found.holds, StepVerdict::Met)
    }

    /// The step that shows the lowest broken rate.
    pub fn broken_step(&self) -> Option<&Step> {
        self.at(self.found.broken, StepVerdict::Missed)
    }

    /// Computes the result, the model and the demands from the steps so far.
    pub fn conclude(&mut self, seed: u64) {
        let tries = self.tries();
        let end = self.found.end;
        self.found = SearchResult {
            end,
            ..self.search.found(&tries)
        };
        let counted = || self.steps.iter().filter(|step| step.counts());
        let levels: Vec<(f64, f64)> = counted()
            .map(|step| closed_level(step.reading.concurrency, step.reading.throughput))
            .collect();
        // The bootstrap draws from the scenario's seed: the same steps give the same intervals.
        let model = match fit(&levels, seed) {
            Ok(usl) => UslFit::Fit(Box::new(usl)),
            Err(misfit) => UslFit::Refused(misfit),
        };
        let demands = rank(&self.resources());
        self.model = Some(model);
        self.demands = demands;
    }

    /// Predicted journeys per second at which the first resource is full: from the service demands of at least three levels, else
    /// from the last step, as if nothing were used without load. `None` if no container was observed.
    pub fn saturation(&self) -> Option<f64> {
        let last = self.steps.iter().rfind(|step| step.counts())?;
        if last.reading.usage.is_empty() {
            return None;
        }
        if let Some(first) = self.demands.first() {
            return Some(first.limit.point);
        }
        let resources = self.resources();
        let full = resources.iter().filter_map(|resource| {
            let (throughput, used) = resource.points.last()?;
            (*used > 0.0).then(|| throughput * resource.cores / used)
        });
        full.min_by(f64::total_cmp)
    }

    /// Usage of every service and of the machine over the steps.
    fn resources(&self) -> Vec<Resource> {
        let mut names: Vec<&str> = Vec::new();
        for usage in self.steps.iter().flat_map(|step| &step.reading.usage) {
            if !names.contains(&usage.service.as_str()) {
                names.push(&usage.service);
            }
        }
        let mut resources: Vec<Resource> = names.into_iter().map(|name| self.service(name)).collect();
        resources.extend(self.machine());
        resources
    }

    fn service(&self, name: &str) -> Resource {
        let used = |step: &Step| {
            let usage = step.reading.usage.iter().find(|usage| usage.service == name)?;
            Some((usage.cores, usage.throttled))
        };
        let cores = self.steps.iter().map(|step| step.reading.cores).fold(0.0, f64::max);
        let limit = self
            .steps
            .iter()
            .flat_map(|step| &step.reading.usage)
            .find(|usage| usage.service == name);
        let mut bound = (cores, Bound::Machine);
        if let Some(limit) = limit.and_then(|usage| usage.limit).filter(|limit| *limit <= bound.0) {
            bound = (limit, Bound::Limit);
        }
        // Replicas, such as `api-2`, have the bound of their service, `api`.
        let stem =
            |bounded: &str| name == bounded || name.strip_prefix(bounded).is_some_and(|rest| rest.starts_with('-'));
        if let Some((_, processes)) = self
            .bounds
            .iter()
            .find(|(service, processes)| stem(service) && processes.cores() < bound.0)
        {
            bound = (processes.cores(), Bound::Processes(*processes));
        }
        let counted = self.steps.iter().filter(|step| step.counts());
        Resource {
            name: name.to_owned(),
            cores: bound.0,
            because: bound.1,
            points: counted
                .filter_map(|step| Some((step.reading.throughput, used(step)?.0)))
                .collect(),
            held: self.held_step().and_then(used),
            broken: self.broken_step().and_then(used),
        }
    }

    /// The machine as a whole, the generator included.
    fn machine(&self) -> Option<Resource> {
        let cores = self.steps.first()?.reading.cores;
        let used = |step: &Step| (step.reading.host, 0.0);
        let counted = self.steps.iter().filter(|step| step.counts());
        Some(Resource {
            name: MACHINE.to_owned(),
            cores,
            because: Bound::Shared,
            points: counted
                .map(|step| (step.reading.throughput, step.reading.host))
                .collect(),
            held: self.held_step().map(used),
            broken: self.broken_step().map(used),
        })
    }

    /// Decides from the measurements if that load holds.
    pub fn expected_answer(&self, expected: ExpectedLoad) -> ExpectedAnswer {
        let by_rate = |rate: f64| match (self.found.holds, self.found.broken) {
            (Some(holds), _) if rate <= holds => ExpectedAnswer::Yes,
            (_, Some(broken)) if rate >= broken => ExpectedAnswer::No,
            _ => ExpectedAnswer::Unknown,
        };
        match expected {
            ExpectedLoad::Rate(rate) => by_rate(rate),
            ExpectedLoad::Users(users) => {
                // Only a run of the closed model with exactly that many users decides.
                match self.closed.iter().find(|run| run.users == users).map(|run| run.answer) {
                    Some(StepVerdict::Met) => ExpectedAnswer::Yes,
                    Some(StepVerdict::Missed) => ExpectedAnswer::No,
                    _ => ExpectedAnswer::Unknown,
                }
            }
        }
    }
}
