//! Names of the validity rules.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::ProbeKind;
use crate::slo::Topic;

/// A validity rule. Files hold its English name: `send lag`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Rule {
    /// At least one request was judged.
    JudgedRequests,
    /// The generator sent requests on schedule.
    SendLag,
    /// Few arrivals were dropped for want of an idle user.
    DroppedArrivals,
    /// The generator was not short of processor time.
    GeneratorCpu,
    /// The generator had a descriptor and a port for every connection.
    GeneratorSockets,
    /// The rate limiter refused few requests.
    RateLimitedRequests,
    /// Every response time fits a histogram.
    OutOfRangeSamples,
    /// Every container stayed up.
    Containers,
    /// Every planned event on the stack was carried out.
    StackEvents,
    /// Identities between counts hold.
    Identities,
    /// A probe that a gating objective needs did not fail.
    Probe(ProbeKind),
    /// The browser was not slowed during the load.
    BrowserCalibration,
    /// A rule of another version, with its name.
    Other(String),
}

impl Rule {
    /// Every rule with a fixed name: all but probes and unknown rules.
    const NAMED: [Self; 11] = [
        Self::JudgedRequests,
        Self::SendLag,
        Self::DroppedArrivals,
        Self::GeneratorCpu,
        Self::GeneratorSockets,
        Self::RateLimitedRequests,
        Self::OutOfRangeSamples,
        Self::Containers,
        Self::StackEvents,
        Self::Identities,
        Self::BrowserCalibration,
    ];

    /// Subject of the complaint if it does not hold.
    pub fn topic(&self) -> Topic {
        match self {
            // A slow system occupies its users until none is idle for the next arrival.
            Self::DroppedArrivals => Topic::Requests,
            Self::Containers => Topic::Failures,
            _ => Topic::Validity,
        }
    }

    /// True if its breach means that the load generator was the bottleneck. Dropped arrivals do not: users who wait for a
    /// slow system cause them as well.
    pub fn blames_generator(&self) -> bool {
        matches!(self, Self::SendLag | Self::GeneratorCpu | Self::GeneratorSockets)
    }
}

impl fmt::Display for Rule {
    /// The name in files, which is the English name as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JudgedRequests => "judged requests",
            Self::SendLag => "send lag",
            Self::DroppedArrivals => "dropped arrivals",
            Self::GeneratorCpu => "generator CPU",
            Self::GeneratorSockets => "generator sockets",
            Self::RateLimitedRequests => "rate-limited requests",
            Self::OutOfRangeSamples => "out-of-range samples",
            Self::Containers => "containers",
            Self::StackEvents => "events",
            Self::Identities => "identities",
            Self::BrowserCalibration => "browser calibration",
            Self::Probe(probe) => return write!(f, "{probe} probe"),
            Self::Other(name) => name,
        })
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

impl From<String> for Rule {
    fn from(name: String) -> Self {
        // Names are read as well as written: files of earlier versions hold rules that no longer exist, as `Other`.
        let probe = |name: &str| ProbeKind::ALL.into_iter().find(|probe| probe.name() == name);
        if let Some(rule) = Self::NAMED.into_iter().find(|rule| rule.to_string() == name) {
            return rule;
        }
        match name.strip_suffix(" probe").and_then(probe) {
            Some(probe) => Self::Probe(probe),
            None => Self::Other(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let probes = ProbeKind::ALL.map(Rule::Probe);
        let other = Rule::Other("moon phase".to_owned());
        for rule in Rule::NAMED.into_iter().chain(probes).chain([other]) {
            let text = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
        }
        assert_eq!(Rule::from("browser probe".to_owned()), Rule::Probe(ProbeKind::Browser));
        assert_eq!(Rule::from("tea probe".to_owned()), Rule::Other("tea probe".to_owned()));
    }
}
