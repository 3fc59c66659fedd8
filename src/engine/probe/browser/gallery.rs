//! Chooses the loads that are shown for each page: the median, the slowest, the first that failed. They are known only
//! at the end, but a picture can be taken only at once; so a picture is taken whenever a load is the best candidate so far.

use crate::evidence::browser::{Exhibit, ExhibitReason, PageLoad};

/// Most pages of which loads are shown.
const MOST_PAGES: usize = 8;

/// Candidates of one page so far.
#[derive(Debug)]
struct Page {
    name: String,
    /// Load times so far, ascending.
    times: Vec<f64>,
    /// Load times of the kept exhibits, typical and slowest.
    typical: Option<f64>,
    slowest: Option<f64>,
    failed: bool,
}

/// Exhibits so far, of all pages.
#[derive(Debug, Default)]
pub(super) struct Gallery {
    pages: Vec<Page>,
    pub(super) exhibits: Vec<Exhibit>,
}

impl Gallery {
    /// Reasons for which a load that was just measured is to be shown; empty for most loads.
    pub(super) fn exhibit_reasons(&mut self, load: &PageLoad) -> Vec<ExhibitReason> {
        let known = self.pages.iter().position(|page| page.name == load.page);
        let index = match known {
            Some(index) => index,
            None if self.pages.len() == MOST_PAGES => return Vec::new(),
            None => {
                self.pages.push(Page {
                    name: load.page.clone(),
                    times: Vec::new(),
                    typical: None,
                    slowest: None,
                    failed: false,
                });
                self.pages.len() - 1
            }
        };
        self.pages
            .get_mut(index)
            .map(|page| page.exhibit_reasons(load))
            .unwrap_or_default()
    }

    /// Adds the exhibit, replacing the earlier one of the same page with the same reason.
    pub(super) fn hang(&mut self, exhibit: Exhibit) {
        self.exhibits
            .retain(|other| other.why != exhibit.why || other.page != exhibit.page);
        self.exhibits.push(exhibit);
    }
}

impl Page {
    fn exhibit_reasons(&mut self, load: &PageLoad) -> Vec<ExhibitReason> {
        let Some(time) = load.load_ms.filter(|_| load.failure.is_none()) else {
            let first = !std::mem::replace(&mut self.failed, true);
            return if first { vec![ExhibitReason::Failed] } else { Vec::new() };
        };
        let place = self.times.partition_point(|other| *other < time);
        self.times.insert(place, time);
        let median = self.times.get((self.times.len() - 1) / 2).copied().unwrap_or(time);
        let mut wanted = Vec::new();
        if self
            .typical
            .is_none_or(|typical| (time - median).abs() < (typical - median).abs())
        {
            self.typical = Some(time);
            wanted.push(ExhibitReason::Typical);
        }
        if self.slowest.is_none_or(|slowest| time > slowest) {
            self.slowest = Some(time);
            wanted.push(ExhibitReason::Slowest);
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(page: &str, millis: Option<f64>) -> PageLoad {
        PageLoad {
            load_ms: millis,
            ..match millis {
                Some(_) => PageLoad {
                    page: page.to_owned(),
                    ..PageLoad::default()
                },
                None => PageLoad::failed(page, 0.0, "broken".to_owned()),
            }
        }
    }

    #[test]
    fn the_median_the_slowest_and_the_first_that_failed_are_shown() {
        let mut gallery = Gallery::default();
        let times = [500.0, 100.0, 300.0, 900.0, 310.0, 290.0, 305.0, 200.0, 320.0];
        for (at, time) in times.iter().map(|time| Some(*time)).chain([None, None]).enumerate() {
            for why in gallery.exhibit_reasons(&load("a", time)) {
                gallery.hang(Exhibit {
                    why,
                    page: "a".to_owned(),
                    at: at as f64,
                    picture: None,
                    resources: Vec::new(),
                });
            }
        }
        let mut shown: Vec<(ExhibitReason, f64)> = gallery.exhibits.iter().map(|one| (one.why, one.at)).collect();
        shown.sort_by_key(|(why, _)| *why);
        // 100 200 290 300 [305] 310 320 500 900
        assert_eq!(
            shown,
            [
                (ExhibitReason::Typical, 6.0),
                (ExhibitReason::Slowest, 3.0),
                (ExhibitReason::Failed, 9.0)
            ]
        );
    }

    #[test]
    fn pictures_are_few() {
        let mut gallery = Gallery::default();
        // A walk through 0 … 996 in an order without a trend (997 is prime).
        let wanted = (0..997_u32).map(|step| {
            gallery
                .exhibit_reasons(&load("a", Some(f64::from(step * 389 % 997))))
                .len()
        });
        let wanted: usize = wanted.sum();
        assert!(wanted < 120, "{wanted}");
        assert!(gallery.exhibit_reasons(&load("b", Some(1.0))).len() == 2);
        for page in 0..20 {
            gallery.exhibit_reasons(&load(&page.to_string(), Some(1.0)));
        }
        assert_eq!(gallery.pages.len(), MOST_PAGES);
    }
}
