//! Split of the time, series by series, and the suspected causes.

use maud::{Markup, html};

use super::words;
use crate::cause::{Budget, Part, Share};
use crate::report::Document;
use crate::words::en;
use crate::words::en::text;
use crate::words::en::text::portion;

/// Most series that are listed, in addition to all together.
const MOST_SERIES: usize = 12;

pub(super) fn section(document: &Document) -> Markup {
    let attribution = &document.attribution;
    html! {
        @if !attribution.budgets.is_empty() || !attribution.suspects.is_empty() {
            section #attribution {
                h2 { "Where the time went" }
                @if !attribution.suspects.is_empty() { (suspects(document)) }
                @if let Some(all) = attribution.budgets.first() {
                    div.legend { @for share in &all.parts { span { i.swatch.(class(share.part)) {} (en::cause::part(share.part)) } } }
                    div.wide {
                        table.budget {
                            thead { tr { th { "Series" } th.number { "Mean" } th { "Parts of a mean request" } } }
                            tbody { @for budget in attribution.budgets.iter().take(MOST_SERIES + 1) { (row(budget)) } }
                        }
                    }
                    p.note {
                        "Successful requests of the judged window. Statements are shared out over all requests by their time: which "
                        "request made which is not known, so that part and the application's are estimates (~)."
                    }
                }
            }
        }
    }
}

fn row(budget: &Budget) -> Markup {
    let name = if budget.series == "*" { "all" } else { &budget.series };
    html! {
        tr {
            td { (name) }
            td.number { (text::millis(budget.mean_ms)) }
            td.parts {
                div.bar {
                    @for share in &budget.parts {
                        i.(class(share.part)) style={ "width:" (format!("{:.2}", budget.share(share.part) * 100.0)) "%" } title=(told(share)) {}
                    }
                }
                span.why { (budget.parts.iter().filter(|share| budget.share(share.part) >= 0.02).map(told).collect::<Vec<_>>().join(" · ")) }
            }
        }
    }
}

fn told(share: &Share) -> String {
    let about = if share.estimated { "~" } else { "" };
    format!("{} {about}{}", en::cause::part(share.part), text::millis(share.millis))
}

fn suspects(document: &Document) -> Markup {
    let rows: Vec<Vec<String>> = document
        .attribution
        .suspects
        .iter()
        .map(|suspect| {
            vec![
                suspect
                    .service
                    .clone()
                    .unwrap_or_else(|| en::cause::tier(suspect.tier).to_owned()),
                text::sentence(&suspect.clause),
                suspect.evidence.join("; "),
                suspect.advice.clone(),
                portion(suspect.weight),
            ]
        })
        .collect();
    words(&["Suspect", "What happens", "Evidence", "Next", "Weight"], &rows)
}

/// The name used in styles.
fn class(part: Part) -> &'static str {
    match part {
        Part::Generator => "generator",
        Part::Network => "network",
        Part::Proxy => "proxy",
        Part::Connect => "connect",
        Part::Application => "application",
        Part::Database => "database",
        Part::Behind => "behind",
    }
}
