//! Redirects to other hosts: counted and not followed, so that no load goes to machines of others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Series;
use crate::record::SeriesId;

/// Most pairs of origin and series that are counted apart; a host name made up for every user must not fill the memory.
const MOST_ORIGINS: usize = 100;
const OTHERS: &str = "(others)";

/// Counts of redirects to other hosts, by series and origin; clones count together. Only such a redirect takes the lock.
#[derive(Debug, Clone, Default)]
pub struct ForeignRedirects(Arc<Mutex<BTreeMap<(String, u16), u64>>>);

impl ForeignRedirects {
    pub(super) fn count(&self, series: SeriesId, origin: String) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = counts.contains_key(&(origin.clone(), series.0)) || counts.len() < MOST_ORIGINS;
        let origin = if known { origin } else { OTHERS.to_owned() };
        *counts.entry((origin, series.0)).or_default() += 1;
    }

    /// Rows of origin, name of the series, and number of redirects.
    pub fn counts(&self, series: &[Series]) -> Vec<(String, String, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = |id: u16| {
            series
                .get(usize::from(id))
                .map_or(String::new(), |series| series.name.clone())
        };
        let counts = counts.iter();
        counts
            .map(|((origin, id), count)| (origin.clone(), name(*id), *count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_beyond_the_most_count_together() {
        let elsewhere = ForeignRedirects::default();
        for number in 0..MOST_ORIGINS + 5 {
            elsewhere.count(SeriesId(0), format!("https://user{number}.example"));
        }
        elsewhere.clone().count(SeriesId(0), "https://user0.example".to_owned());
        let series = [Series {
            name: "login.sso".to_owned(),
            tags: Vec::new(),
        }];
        let counts = elsewhere.counts(&series);
        assert_eq!(counts.len(), MOST_ORIGINS + 1);
        assert_eq!(counts[0], (OTHERS.to_owned(), "login.sso".to_owned(), 5));
        assert_eq!(
            counts.iter().map(|(.., count)| count).sum::<u64>(),
            MOST_ORIGINS as u64 + 6
        );
    }
}
