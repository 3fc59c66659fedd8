//! Service-level indicators: each measures one number, with its bounds and counts, from the evidence.

mod apdex;
mod downtime;
mod error_rate;
mod latency;
mod lost;
pub(super) mod means;
pub(super) mod page_load;
mod page_share;
mod profile;
mod query_time;
mod rate_limited;
mod reading;
mod recovery;
mod requests;
mod response_time;
mod shares;
mod throughput;
mod transaction_time;
mod uptime;

pub use profile::{Label, Profile, Samples, TimeOrigin, Topic};
pub use reading::Indicator;

/// Response time, by which every series of requests is shown and compared.
pub static RESPONSE_TIME: &dyn Indicator = &response_time::ResponseTime;
/// Error rate, by which every series of requests is shown and compared.
pub static ERROR_RATE: &dyn Indicator = &error_rate::ErrorRate;

/// Transaction time, by which every transaction is shown and compared.
pub static TRANSACTION_TIME: &dyn Indicator = &transaction_time::TransactionTime;

/// All indicators.
pub static INDICATORS: &[&dyn Indicator] = &[
    &response_time::ResponseTime,
    &transaction_time::TransactionTime,
    &apdex::Apdex,
    &throughput::Throughput,
    &error_rate::ErrorRate,
    &page_load::PAGE_LOAD,
    &page_load::PAGE_SHOWN,
    &page_load::LARGEST_PAINT,
    &page_load::INTERACTION,
    &page_load::BLOCKING,
    &page_share::LAYOUT_SHIFT,
    &page_share::PAGE_ERRORS,
    &query_time::QueryTime,
    &uptime::Uptime,
    &rate_limited::RateLimited,
    &downtime::Downtime,
    &recovery::Recovery,
    &lost::Lost,
];

/// The indicator of that name.
pub fn find(name: &str) -> Option<&'static dyn Indicator> {
    INDICATORS
        .iter()
        .find(|indicator| indicator.profile().name == name)
        .copied()
}

/// Samples kept of the indicator of that name; `None` if there is no such indicator or it keeps none.
pub fn samples_of(name: &str) -> Option<Samples> {
    find(name)?.profile().samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_described() {
        for (index, indicator) in INDICATORS.iter().enumerate() {
            let profile = indicator.profile();
            let others = INDICATORS[..index].iter().map(|other| other.profile());
            for other in others {
                assert_ne!(other.name, profile.name);
                assert_ne!(other.label.english, profile.label.english);
                assert_ne!(other.label.french, profile.label.french);
                assert!(
                    other.samples.is_none() || other.samples != profile.samples,
                    "{}",
                    profile.name
                );
            }
            assert!(profile.describe.ends_with('.'), "{}", profile.name);
            assert!(profile.statistics.is_empty() || profile.needs_quantile());
            // Bad samples of a share that is not over a time need a description.
            assert_eq!(
                profile.fault.is_some(),
                profile.by_share && !profile.needs_quantile(),
                "{}",
                profile.name
            );
        }
    }
}
