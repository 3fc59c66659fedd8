//! The comparison as one self-contained HTML page a language.

use maud::{DOCTYPE, Markup, html};

use super::{AbDocument, ComparedMeasure, Outcome, Pair, SideName, words};
use crate::report::kit::{facts, head_row, label, plain, prose, wide};
use crate::report::{change_class, head, moment, other_languages, skip_link};
use crate::slo::Change;
use crate::words::en::text::sentence;
use crate::words::{Language, quoted};

/// Width of an interval's drawing in pixels, and the margin left and right of the widest interval.
const WIDTH: f64 = 220.0;
const MARGIN: f64 = 8.0;

/// `index.html`; `all` are the languages that it is written in.
pub(super) fn page(document: &AbDocument, language: Language, all: &[Language]) -> String {
    let outcome = document.outcome();
    let word = words::outcome(outcome, language);
    let title = format!("{word} · {} · Diapason", quoted(&document.scenario));
    let mut about = vec![(words::DATE, moment(document.started, language))];
    about.extend(SideName::BOTH.map(|side| {
        let version = words::version(&document.sides[side.index()], language);
        (words::side_label(side), version)
    }));
    about.extend(words::for_both(document).map(|settings| (words::FOR_BOTH, settings)));
    about.push((words::EACH_RUN, words::each_run(document, language)));
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&title, language))
            body {
                (skip_link(language))
                (other_languages(language, all))
                main #content {
                    header {
                        div class={ "banner " (class(outcome)) } {
                            div {
                                p.word { (word.to_uppercase()) " · " span translate="no" { (document.scenario) } }
                                h1 { (prose(&sentence(&words::answer(document, language)), language)) }
                            }
                        }
                        @if let Some(ended) = words::ended(document, language) { p { strong { (prose(&ended, language)) } } }
                        @for measure in document.measures.iter().filter(|measure| measure.gate) {
                            p { (prose(&sentence(&words::measure(measure, language)), language)) }
                        }
                        (facts(language, &about))
                    }
                    (objectives(document, language))
                    (pairs(document, language))
                    (discarded(document, language))
                    p.note { (prose(&words::method(document, language), language)) }
                    p.note { (label(words::DRAWN, language)) }
                }
                footer { span translate="no" { "Diapason " (env!("CARGO_PKG_VERSION")) } }
            }
        }
    };
    page.into_string()
}

/// Style of a conclusion.
fn class(outcome: Outcome) -> &'static str {
    change_class(match outcome {
        Outcome::Regressed => Change::Regressed,
        Outcome::Undecided => Change::Undecided,
        Outcome::NotWorse | Outcome::Unchanged => Change::Unchanged,
        Outcome::Improved => Change::Improved,
    })
}

fn objectives(document: &AbDocument, language: Language) -> Markup {
    let level = words::level(document, language);
    html! {
        section {
            h2 { (label(words::OBJECTIVES, language)) }
            (wide(language, language.label(words::OBJECTIVES), &html! {
                table.words.changes {
                    (head_row(language, &words::columns(language, &level)))
                    tbody { @for (index, measure) in document.measures.iter().enumerate() {
                        (line(document, index, measure, language))
                    } }
                }
            }))
        }
    }
}

fn line(document: &AbDocument, index: usize, measure: &ComparedMeasure, language: Language) -> Markup {
    let value = |value: Option<f64>| {
        if measure.pairs == 0 {
            "–".to_owned()
        } else {
            language.value(value, measure.unit)
        }
    };
    html! {
        tr {
            th scope="row" {
                (prose(&quoted(&measure.name), language))
                @if !measure.gate { span.advisory { " " (label(words::ADVISORY, language)) } }
            }
            td { (language.statistic(&measure.statistic)) }
            td.number { (prose(&value(measure.a), language)) }
            td.number { (prose(&value(measure.b), language)) }
            td.tight { (prose(&language.shift(measure.shift, measure.low, measure.high, measure.unit), language)) }
            td { (drawn(document, index, measure, language)) }
            td { span class={ "badge " (class(measure.outcome)) } { (words::outcome(measure.outcome, language)) } }
        }
    }
}

/// The interval as a line over the range of shifts that do not matter, and each pair's difference as a dot above it.
fn drawn(document: &AbDocument, index: usize, measure: &ComparedMeasure, language: Language) -> Markup {
    let Some(shift) = measure.shift else { return html! {} };
    let dots: Vec<f64> = document
        .pairs
        .iter()
        .filter_map(|pair| difference(pair, index))
        .collect();
    let ends = [measure.low, measure.high].into_iter().flatten();
    let reach = ends
        .chain(dots.iter().copied())
        .chain([shift, measure.matters])
        .map(f64::abs)
        .fold(0.0, f64::max);
    if reach <= 0.0 {
        return html! {};
    }
    let x = |value: f64| format!("{:.1}", WIDTH / 2.0 + value / reach * (WIDTH / 2.0 - MARGIN));
    // An unbounded end runs to the edge.
    let end = |end: Option<f64>, open: f64| end.map_or_else(|| format!("{open:.1}"), x);
    let colour = format!("var(--{})", class(measure.outcome));
    let band = format!("{:.1}", measure.matters / reach * (WIDTH - 2.0 * MARGIN));
    let name = plain(&words::measure(measure, language), language);
    html! {
        svg width=(WIDTH) height="24" viewBox={ "0 0 " (WIDTH) " 24" } role="img" aria-label=(name) {
            rect x=(x(-measure.matters)) y="2" width=(band) height="20" fill="var(--line)" opacity="0.6" {}
            line x1=(x(0.0)) x2=(x(0.0)) y1="0" y2="24" stroke="var(--faint)" {}
            @for dot in dots { circle cx=(x(dot)) cy="6" r="2" fill="var(--faint)" {} }
            line x1=(end(measure.low, 0.0)) x2=(end(measure.high, WIDTH)) y1="15" y2="15" stroke=(colour) stroke-width="3" {}
            circle cx=(x(shift)) cy="15" r="4" fill=(colour) {}
        }
    }
}

/// B − A of a pair; `None` without a value on both sides, or if one falls among failures.
fn difference(pair: &Pair, index: usize) -> Option<f64> {
    let [a, b] = [0, 1].map(|side| pair.runs[side].readings.get(index)?.value());
    Some(b? - a?).filter(|difference| difference.is_finite())
}

fn pairs(document: &AbDocument, language: Language) -> Markup {
    let mut head = vec!["n".to_owned(), language.say("Order", "Ordre").to_owned()];
    head.extend(document.measures.iter().map(|measure| {
        let statistic = language.statistic(&measure.statistic);
        format!("{} {statistic}, A → B", quoted(&measure.name))
    }));
    head.push(language.say("Runs", "Campagnes").to_owned());
    html! {
        @if !document.pairs.is_empty() {
            section {
                h2 { (label(words::PAIRS, language)) }
                (wide(language, language.label(words::PAIRS), &html! {
                    table.words {
                        (head_row(language, &head))
                        tbody { @for (number, pair) in document.pairs.iter().enumerate() { tr {
                            th scope="row" { (number + 1) }
                            td { (words::order(pair)) }
                            @for (index, measure) in document.measures.iter().enumerate() {
                                td { (prose(&values(pair, index, measure, language), language)) }
                            }
                            td { @for side in SideName::BOTH {
                                a href={ (pair.runs[side.index()].run) "/index.html" } { (side) } " "
                            } }
                        } } }
                    }
                }))
            }
        }
    }
}

fn values(pair: &Pair, index: usize, measure: &ComparedMeasure, language: Language) -> String {
    let of = |side: usize| match pair.runs[side].readings.get(index).and_then(|reading| reading.value()) {
        None => "–".to_owned(),
        Some(value) => language.value(Some(value).filter(|value| value.is_finite()), measure.unit),
    };
    format!("{} → {}", of(0), of(1))
}

fn discarded(document: &AbDocument, language: Language) -> Markup {
    html! {
        @if !document.discarded.is_empty() {
            section {
                h2 { (label(words::DISCARDED, language)) }
                (wide(language, language.label(words::DISCARDED), &html! {
                    table.words {
                        (head_row(language, &words::discarded_columns(language)))
                        tbody { @for run in &document.discarded { tr {
                            th scope="row" { (run.side) }
                            td { a href={ (run.run) "/index.html" } translate="no" { (run.run) } }
                            td { (prose(&words::reasons(run, language), language)) }
                        } } }
                    }
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_page_shows_answer_intervals_and_every_pair_with_its_runs() {
        let document = fixture::document();
        for language in Language::ALL {
            let page = page(&document, language, &Language::ALL);
            assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
            for needed in [
                language.say("B is worse", "B est moins bon"),
                language.say("+8.40", "+8,40"),
                "runs/20260301-081506-gate-B/index.html",
                "stack.env.DELAY=10",
            ] {
                assert!(page.contains(needed), "no {needed} in {language:?}");
            }
            // Seven dots and one mean for each of two objectives.
            assert_eq!(page.matches("<circle").count(), 16);
        }
    }
}
