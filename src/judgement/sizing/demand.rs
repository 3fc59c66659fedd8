//! Service demand of each resource for one journey, and the rate at which the resource is saturated.

use serde::{Deserialize, Serialize};

use super::{Bound, Estimate, weighted_slope};

/// A fixed seed, so that the same levels give the same interval.
const SEED: u64 = 0;

/// One resource under several levels of load.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its name: that of a service, or the machine's.
    pub name: String,
    /// The cores it may use: the least of its limit, what its processes can run on, and the machine's.
    pub cores: f64,
    /// The bound that sets `cores`.
    pub because: Bound,
    /// (throughput per second, cores used) at each level.
    pub points: Vec<(f64, f64)>,
    /// Cores used and share of scheduling periods throttled at the highest rate that held.
    pub held: Option<(f64, f64)>,
    /// The same at the lowest rate that broke.
    pub broken: Option<(f64, f64)>,
}

/// The service-demand law applied to one resource: U = idle + D · X, so X = (cores − idle) / D at saturation.
///
/// Denning and Buzen, "The operational analysis of queueing network models", ACM Computing Surveys 10 (1978).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// The resource.
    pub name: String,
    /// The cores it may use.
    pub cores: f64,
    /// The bound that sets `cores`.
    pub because: Bound,
    /// CPU seconds for one journey, with their interval.
    pub seconds: Estimate,
    /// Cores used without load.
    pub idle: f64,
    /// Predicted journeys per second at which it is saturated, if no other resource limits first.
    pub limit: Estimate,
    /// Share of its cores used at the highest rate that held.
    pub used_when_held: Option<f64>,
    /// Share of its cores used at the lowest rate that broke.
    pub used_when_broken: Option<f64>,
    /// Share of scheduling periods in which it was throttled at the lowest rate that broke.
    pub throttled_when_broken: Option<f64>,
}

/// Service demand of one resource; `None` if there are too few levels or its use does not rise with load.
pub fn demand(resource: &Resource) -> Option<Demand> {
    let line = weighted_slope(&resource.points, SEED)?;
    if line.slope.point <= 0.0 {
        return None;
    }
    // A fitted line may cross the axis below 0; no resource uses less than nothing at rest.
    let idle = line.intercept.clamp(0.0, resource.cores);
    // An end of the interval at or below 0 leaves the limit unbounded above.
    let limit = |slope: f64| {
        if slope > 0.0 {
            (resource.cores - idle) / slope
        } else {
            f64::MAX
        }
    };
    let used = |cores: f64| cores / resource.cores;
    Some(Demand {
        name: resource.name.clone(),
        cores: resource.cores,
        because: resource.because,
        seconds: line.slope,
        idle,
        limit: line.slope.map(limit),
        used_when_held: resource.held.map(|(cores, _)| used(cores)),
        used_when_broken: resource.broken.map(|(cores, _)| used(cores)),
        throttled_when_broken: resource.broken.map(|(_, throttled)| throttled),
    })
}

/// The demands, ascending by limit: the resource that saturates first comes first.
pub fn rank(resources: &[Resource]) -> Vec<Demand> {
    let mut demands: Vec<Demand> = resources.iter().filter_map(demand).collect();
    demands.sort_by(|one, other| one.limit.point.total_cmp(&other.limit.point));
    demands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(name: &str, cores: f64, idle: f64, seconds: f64) -> Resource {
        let rates = [5.0, 10.0, 20.0, 40.0, 60.0];
        Resource {
            name: name.to_owned(),
            cores,
            because: Bound::Limit,
            points: rates.map(|rate| (rate, idle + seconds * rate)).to_vec(),
            held: Some((idle + seconds * 60.0, 0.0)),
            broken: Some((cores, 0.4)),
        }
    }

    #[test]
    fn the_resource_that_is_full_first_comes_first() {
        let ranked = rank(&[
            resource("postgres", 2.0, 0.02, 0.004),
            resource("api", 1.0, 0.05, 0.012),
            resource("redis", 1.0, 0.01, 0.0),
        ]);
        let names: Vec<&str> = ranked.iter().map(|demand| demand.name.as_str()).collect();
        assert_eq!(names, ["api", "postgres"]);
        // (1 − 0.05) / 0.012 and (2 − 0.02) / 0.004
        assert!((ranked[0].limit.point - 79.167).abs() < 0.01);
        assert!((ranked[1].limit.point - 495.0).abs() < 0.01);
        assert!((ranked[0].used_when_held.unwrap() - 0.77).abs() < 1e-9);
        assert_eq!(ranked[0].throttled_when_broken, Some(0.4));
    }

    #[test]
    fn two_levels_say_nothing() {
        let mut few = resource("api", 1.0, 0.0, 0.01);
        few.points.truncate(2);
        assert_eq!(demand(&few), None);
    }
}
