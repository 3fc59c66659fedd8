//! The rules of validity by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::ProbeKind;
use crate::slo::Topic;

/// A rule of validity. Files hold its name in English: `send lag`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Rule {
    /// Some request was judged.
    JudgedRequests,
    /// The generator sent in time.
    SendLag,
    /// Hardly any arrival found no idle user.
    DroppedArrivals,
    /// The generator had processor time to spare.
    GeneratorCpu,
    /// The rate limiter refused hardly any request.
    RateLimitedRequests,
    /// Every response time fits a histogram.
    OutOfRangeSamples,
    /// Every container stayed up.
    Containers,
    /// Sums that must agree do.
    Identities,
    /// That probe delivered, which a gating objective needs.
    Probe(ProbeKind),
    /// The browser was as fast during the load as before it.
    BrowserCalibration,
    /// A rule of another version, by its name.
    Other(String),
}

impl Rule {
    /// Every rule that is about neither a probe nor unknown.
    const NAMED: [Self; 9] = [
        Self::JudgedRequests,
        Self::SendLag,
        Self::DroppedArrivals,
        Self::GeneratorCpu,
        Self::RateLimitedRequests,
        Self::OutOfRangeSamples,
        Self::Containers,
        Self::Identities,
        Self::BrowserCalibration,
    ];

    /// What its breach complains of.
    pub fn topic(&self) -> Topic {
        match self {
            // A slow system keeps its users waiting until none is left.
            Self::DroppedArrivals => Topic::Requests,
            Self::Containers => Topic::Failures,
            _ => Topic::Validity,
        }
    }

    /// Whether its breach means that the load generator was the limit. Arrivals are dropped where users wait for a slow system as well.
    pub fn blames_generator(&self) -> bool {
        matches!(self, Self::SendLag | Self::GeneratorCpu)
    }
}

impl fmt::Display for Rule {
    /// The name in files, which is its English name as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JudgedRequests => "judged requests",
            Self::SendLag => "send lag",
            Self::DroppedArrivals => "dropped arrivals",
            Self::GeneratorCpu => "generator CPU",
            Self::RateLimitedRequests => "rate-limited requests",
            Self::OutOfRangeSamples => "out-of-range samples",
            Self::Containers => "containers",
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
