//! The comparison in Markdown, short enough for a comment on a pull request.

use std::fmt::Write;

use super::{AbDocument, Outcome, words};
use crate::words::en::text::sentence;
use crate::words::{Language, unmarked};

/// `summary.md`.
pub(super) fn summary(document: &AbDocument) -> String {
    let language = Language::English;
    let escaped = |text: &str| unmarked(text).replace('|', "\\|").replace('<', "&lt;");
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "## {} {}: {}\n",
        sign(document.outcome()),
        escaped(&document.scenario),
        escaped(&words::answer(document, language))
    );
    for (name, side) in ["A", "B"].into_iter().zip(&document.sides) {
        let _ = writeln!(out, "- {name}: {}", escaped(&words::version(side, language)));
    }
    if let Some(settings) = words::for_both(document) {
        let _ = writeln!(out, "- both: {}", escaped(&settings));
    }
    let _ = writeln!(out, "- {}", words::each_run(document, language));
    if let Some(ended) = words::ended(document, language) {
        let _ = writeln!(out, "- **{}**", escaped(&ended));
    }
    let level = words::level(document, language);
    let _ = writeln!(
        out,
        "\n| objective | A | B | B − A, {level} | conclusion |\n|---|---:|---:|---|---|"
    );
    for measure in &document.measures {
        let advisory = if measure.gate { "" } else { " (advisory)" };
        let _ = writeln!(
            out,
            "| {} {} | {} | {} | {} | {}{advisory} |",
            escaped(&measure.name),
            measure.statistic,
            language.value(measure.a, measure.unit),
            language.value(measure.b, measure.unit),
            language.shift(measure.shift, measure.low, measure.high, measure.unit),
            words::outcome(measure.outcome, language)
        );
    }
    for run in &document.discarded {
        let reasons = sentence(&words::reasons(run, language));
        let _ = writeln!(out, "\nA run of side {} did not count: {}", run.side, escaped(&reasons));
    }
    let _ = writeln!(out, "\n{}", words::method(document, language));
    out
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Regressed => "❌",
        Outcome::Undecided => "❔",
        Outcome::NotWorse | Outcome::Unchanged | Outcome::Improved => "✅",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_summary_is_a_table_that_a_comment_can_hold() {
        let text = summary(&fixture::document());
        assert!(
            text.starts_with("## ❌ gate: B is worse: API response time p95\n"),
            "{text}"
        );
        let row = "| API response time p95 | 33.0 ms | 41.4 ms | +8.40 ms [+5.90, +10.9] | regressed |";
        assert!(text.contains(row), "{text}");
    }
}
