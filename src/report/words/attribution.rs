//! Sentences on where the time went.

use super::Language;
use crate::cause::SlowBudget;

/// Name of the row of the requests about p95: `about p95 (47 requests)`.
pub(in crate::report) fn about_p95(slow: &SlowBudget, language: Language) -> String {
    match language {
        Language::English => format!("about p95 ({})", language.plural(slow.requests, "request", "")),
        Language::French => format!("vers p95 ({})", language.plural(slow.requests, "", "requête")),
    }
}

/// The requests about p95 in one sentence; `None` if their parts are not known.
pub(in crate::report) fn slow(slow: &SlowBudget, language: Language) -> Option<String> {
    let busiest = slow.busiest()?;
    let (time, part) = (language.time(slow.millis), language.wording().part(busiest.part));
    let share = language.portion(busiest.millis / slow.millis);
    Some(match language {
        Language::English => format!("One about p95 takes {time}, {share} of it {part}."),
        Language::French => format!("Vers p95, elle prend {time}, dont {share} : {part}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{BudgetPart, Share};

    #[test]
    fn the_largest_part_of_a_slow_request_is_named() {
        let share = |part, millis| Share {
            part,
            millis,
            estimated: false,
        };
        let slow_requests = SlowBudget {
            requests: 47,
            millis: 50.0,
            parts: vec![share(BudgetPart::Proxy, 5.0), share(BudgetPart::Application, 45.0)],
        };
        let said = |language| {
            (
                about_p95(&slow_requests, language),
                slow(&slow_requests, language).unwrap(),
            )
        };
        assert_eq!(
            said(Language::English),
            (
                "about p95 (47 requests)".to_owned(),
                "One about p95 takes 50.0 ms, 90 % of it application.".to_owned()
            )
        );
        assert_eq!(
            said(Language::French),
            (
                "vers p95 (47 requêtes)".to_owned(),
                "Vers p95, elle prend 50,0 ms, dont 90 % : application.".to_owned()
            )
        );
    }
}
