//! The capacity page: the bracket first, then the limiting resource, charts, tables and method.

use maud::{DOCTYPE, Markup, html};

use super::bound::bound;
use super::{CapacityDocument, Case, ExpectedAnswer, Language, UslFit, charts, markdown, words};
use crate::report::ReportError;
use crate::report::export::html::{figure, head, other_languages, prose, skip_link, table, words as sentences_table};
use crate::sizing::End;
use crate::words::en::text;

/// The whole page in that language, with links to those in the others of `all`.
pub(super) fn page(document: &CapacityDocument, language: Language, all: &[Language]) -> Result<String, ReportError> {
    let mut cases = Vec::new();
    for case in &document.cases {
        cases.push((case, charts::all(case, &document.objectives, language)?));
    }
    let sweep = charts::sweep(&document.cases, language)?;
    let title = language.say("Capacity", "Capacité");
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&format!("{title} · {} · Diapason", document.scenario), language))
            body {
                (skip_link(language))
                (other_languages(language, all))
                main #content {
                    (first_screen(document, language))
                    @if document.cases.len() > 1 { (table_of_cases(document, language)) }
                    @if let Some(chart) = &sweep { (figure(chart)) }
                    @for (case, charts) in &cases { (section(document, case, charts, language)) }
                    (method(document, language))
                }
                footer { "Diapason " (document.environment.diapason) " · " (document.id) " · capacity.json, steps.csv" }
            }
        }
    };
    Ok(page.into_string())
}

fn class(document: &CapacityDocument) -> &'static str {
    let ends = || document.cases.iter().map(|case| case.found.end);
    match document.expected_answer() {
        Some(ExpectedAnswer::No) => "fail",
        Some(ExpectedAnswer::Unknown) => "inconclusive",
        // Worst first: one case without an answer leaves the sweep without one.
        _ if ends().any(|end| end == End::Limited) => "invalid",
        _ if ends().any(|end| end == End::Undecided) => "inconclusive",
        _ if ends().all(|end| end == End::NeverHeld) => "fail",
        _ => "pass",
    }
}

fn first_screen(document: &CapacityDocument, language: Language) -> Markup {
    let environment = &document.environment;
    let only = (document.cases.len() == 1).then(|| document.cases.first()).flatten();
    let headline = only.map_or_else(
        || {
            language
                .say("One search for each value", "Une recherche par valeur")
                .to_owned()
        },
        |case| words::headline(case, language),
    );
    let sentences: Vec<String> = only.map_or_else(Vec::new, |case| {
        markdown::sentences(document, case, language)
            .into_iter()
            // The first sentence is the headline already.
            .skip(1)
            .collect()
    });
    html! {
        header {
            div class={ "banner " (class(document)) } { div {
                p.word { (language.say("CAPACITY", "CAPACITÉ")) " · " (document.scenario) }
                h1 { (prose(&headline, language)) }
                @if let Some(sentence) = words::expectation(document, language) { p.exit { (prose(&sentence, language)) } }
                @if let Some(why) = document.stopped { p.exit { (prose(words::stopped(why, language), language)) } }
            } }
            p.where {
                (document.started.strftime("%Y-%m-%d %H:%M UTC")) " · " (environment.processor) ", " (environment.cores) " "
                (language.say("cores", "cœurs")) ", " (language.bytes(&text::bytes(environment.memory as f64)))
                @if let Some(profile) = &document.profile { " · " (language.say("profile", "profil")) " " (profile) }
            }
            @if !sentences.is_empty() { ul.summary { @for sentence in &sentences { li { (prose(sentence, language)) } } } }
        }
    }
}

fn table_of_cases(document: &CapacityDocument, language: Language) -> Markup {
    let header = match language {
        Language::English => [
            "Case",
            "Holds",
            "Broken",
            "Users at once",
            "CPU per user",
            "First to give way",
        ],
        Language::French => [
            "Cas",
            "Tient",
            "Cède",
            "Utilisateurs simultanés",
            "Processeur par utilisateur",
            "Cède en premier",
        ],
    };
    let rows: Vec<Vec<String>> = document
        .cases
        .iter()
        .map(|case| markdown::row(case, language))
        .collect();
    html! { section { h2 { (language.say("All cases", "Tous les cas")) } (table(language, language.say("All cases", "Tous les cas"), &header, &rows)) } }
}

fn section(
    document: &CapacityDocument,
    case: &Case,
    charts: &[crate::report::chart::Chart],
    language: Language,
) -> Markup {
    let name = case.name();
    html! {
        section {
            h2 { @if name.is_empty() { (language.say("The search", "La recherche")) } @else { (name) } }
            @if !name.is_empty() {
                ul.summary { @for sentence in markdown::sentences(document, case, language) { li { (prose(&sentence, language)) } } }
            }
            @for chart in charts { @if chart.svg.is_some() { (figure(chart)) } }
            (resources(case, language))
            (residuals(case, language))
            (steps(case, language))
            @if !case.sizes.is_empty() {
                h3 { (language.say("Sizes", "Dimensionnement")) }
                ul { @for resized in &case.sizes { li { (prose(&language.wording().size_change(resized), language)) } } }
            }
        }
    }
}

fn resources(case: &Case, language: Language) -> Markup {
    let header = match language {
        Language::English => [
            "Resource",
            "Cores",
            "CPU a journey",
            "Full at (prediction)",
            "Used, held",
            "Used, broken",
            "Throttled",
        ],
        Language::French => [
            "Ressource",
            "Cœurs",
            "CPU par parcours",
            "Saturée à (prédiction)",
            "Occupée, tenu",
            "Occupée, rupture",
            "Bridée",
        ],
    };
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| language.percent(share));
    let rows: Vec<Vec<String>> = case
        .demands
        .iter()
        .map(|demand| {
            vec![
                format!("{} ({})", demand.name, bound(demand.because, demand.cores, language)),
                language.number(demand.cores),
                language.millis(Some(demand.seconds.point * 1e3)),
                format!("{}/s", language.number(demand.limit.point)),
                share(demand.used_when_held),
                share(demand.used_when_broken),
                share(demand.throttled_when_broken),
            ]
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            h3 { (language.say("What each resource spends", "Ce que dépense chaque ressource")) }
            (table(language, language.say("What each resource spends", "Ce que dépense chaque ressource"), &header, &rows))
        }
    }
}

fn residuals(case: &Case, language: Language) -> Markup {
    let Some(UslFit::Fit(usl)) = &case.model else {
        return html! {};
    };
    let header = match language {
        Language::English => ["At once", "Measured", "Fitted", "Residual"],
        Language::French => ["Simultanées", "Mesuré", "Ajusté", "Résidu"],
    };
    let rows: Vec<Vec<String>> = usl
        .levels
        .iter()
        .map(|level| {
            vec![
                language.number(level.concurrency),
                language.number(level.throughput),
                language.number(level.fitted),
                language.written(&format!("{:+.1} %", level.residual * 100.0)),
            ]
        })
        .collect();
    html! {
        details {
            summary { (language.say("Residuals of the fit", "Résidus de l’ajustement")) }
            (table(language, language.say("Residuals of the fit", "Résidus de l’ajustement"), &header, &rows))
        }
    }
}

fn steps(case: &Case, language: Language) -> Markup {
    let header = match language {
        Language::English => ["Rate", "Judged", "Why", "Answer", "p95", "Reason", "Run"],
        Language::French => ["Débit", "Jugé", "Motif", "Réponse", "p95", "Raison", "Passage"],
    };
    let rows: Vec<Vec<String>> = case
        .steps
        .iter()
        .map(|step| {
            vec![
                format!("{}/s", language.number(step.tried.rate)),
                format!("{:.0} s", step.reading.seconds),
                markdown::purpose(step.tried.purpose, language).to_owned(),
                words::answer(step.tried.answer, language).to_owned(),
                language.millis(step.reading.p95),
                step.reason.words(language),
                step.run.clone(),
            ]
        })
        .collect();
    html! {
        h3 { (language.say("Steps", "Paliers")) }
        (sentences_table(language, language.say("Steps", "Paliers"), &header, &rows))
    }
}

fn method(document: &CapacityDocument, language: Language) -> Markup {
    let precision = language.percent(document.settings.precision.get());
    html! {
        section {
            h2 { (language.say("Method", "Méthode")) }
            @match language {
                Language::English => {
                    p {
                        "Each step applies one rate (open model) after a warm-up and is judged on exact counts with 95 % confidence; an undecided "
                        "step is repeated twice as long. The rate doubles until something breaks, the bracket is halved to " (precision)
                        ", and both ends are seen a second time. A step in which the generator or the machine beside the stack was the limit is no "
                        "capacity. Between steps the stack comes back to rest."
                    }
                    p {
                        "Resources: U = idle + D · X by a robust line (weighted pairwise slopes, Jaeckel); full where U reaches its cores. Model: Universal Scalability Law by "
                        "non-linear least squares, intervals by bootstrap. What is marked as a prediction was not measured."
                    }
                }
                Language::French => {
                    p {
                        "Chaque palier applique un débit (modèle ouvert) après une mise en chauffe ; il est jugé sur des comptes exacts à 95 % de "
                        "confiance ; un palier indécis est repris deux fois plus long. Le débit double jusqu’à la rupture, l’encadrement est réduit à "
                        (precision) ", et ses deux bornes sont vues une seconde fois. Un palier où le générateur, ou la machine hors de la pile, était la "
                        "limite n’est pas une capacité. Entre deux paliers la pile revient au repos."
                    }
                    p {
                        "Ressources : U = repos + D · X par une droite robuste (pentes par paires pondérées, Jaeckel) ; saturation quand U atteint les cœurs. Modèle : loi universelle de "
                        "passage à l’échelle par moindres carrés non linéaires, intervalles par rééchantillonnage. Ce qui est dit prédiction n’a pas été mesuré."
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// Words of this page's English that French does not have.
    const ENGLISH: [&str; 44] = [
        "the",
        "of",
        "and",
        "with",
        "limit",
        "cores",
        "steps",
        "step",
        "missed",
        "met",
        "undecided",
        "users",
        "journeys",
        "busy",
        "over",
        "allowed",
        "at",
        "is",
        "was",
        "not",
        "holds",
        "broken",
        "target",
        "host",
        "none",
        "measured",
        "failed",
        "prediction",
        "requests",
        "answered",
        "full",
        "when",
        "used",
        "held",
        "load",
        "every",
        "shared",
        "far",
        "to",
        "or",
        "are",
        "most",
        "least",
        "found",
    ];

    /// The texts of a page without its style, its footer and all tags.
    fn texts(page: &str) -> String {
        let begin = page.find("</style>").unwrap();
        let end = page.find("<footer>").unwrap();
        let mut text = String::new();
        for part in page[begin..end].split('<').skip(1) {
            // The link to the English page.
            if part.contains("lang=\"en\"") {
                continue;
            }
            text.push_str(part.split_once('>').map_or("", |(_, text)| text));
            text.push('\n');
        }
        text
    }

    #[test]
    fn nothing_of_the_french_page_is_english() {
        let mut document = fixture::document();
        // A second, empty case adds the parts of the page on several cases.
        let mut other = fixture::case();
        other.sweep = Some(("stack.env.INDEX".to_owned(), "1".to_owned()));
        for cases in [1, 2] {
            let text = texts(&page(&document, Language::French, &Language::ALL).unwrap());
            let left: Vec<&str> = text
                .lines()
                .filter(|line| {
                    let mut words = line.split(|letter: char| !letter.is_alphabetic());
                    words.any(|word| ENGLISH.contains(&word.to_lowercase().as_str()))
                })
                .collect();
            assert!(left.is_empty(), "{cases}: {left:#?}");
            let digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
            let letters: Vec<char> = text.chars().collect();
            let points = letters
                .windows(3)
                .filter(|three| three.get(1) == Some(&'.') && digit(three.first()) && digit(three.last()));
            assert_eq!(points.count(), 0, "{text}");
            document.cases.push(other.clone());
        }
    }

    #[test]
    fn the_headline_and_the_steps_say_why_in_the_language_of_the_page() {
        let document = fixture::document();
        let (english, french) = (
            texts(&page(&document, Language::English, &Language::ALL).unwrap()),
            texts(&page(&document, Language::French, &Language::ALL).unwrap()),
        );
        for (page, told) in [
            (
                &english,
                "Holds at 1.25 journeys/s or more; no capacity, because the machine was the limit: 1.99 of 2 cores busy, 0.50 of them with \
                 the load generator and 0.30 with a browser, the engine's network or other programs.",
            ),
            (
                &french,
                "Tient à 1,25 parcours/s au moins ; pas de capacité mesurée, car la machine était la limite : 1,99 de ses 2 cœurs occupés, \
                 dont 0,50 par le générateur de charge et 0,30 par un navigateur, le réseau du moteur de conteneurs ou d’autres programmes.",
            ),
            (&french, "api (limite CPU de 0,25 cœur)"),
            (&french, "nginx (2 processus Nginx, un cœur chacun)"),
            (&french, "postgres (4 cœurs, toute la machine)"),
            (&french, "machine (4 cœurs, générateur de charge compris)"),
            (&french, "limite CPU de api : 2 → 0,25"),
            (&french, "tous les services → cœurs 0-1 de l’hôte"),
        ] {
            let told = Language::French.typeset(told);
            assert!(
                page.lines().any(|line| Language::French.typeset(line) == told),
                "{told}\n{page}"
            );
        }
        for reason in fixture::reasons() {
            let told = Language::French.typeset(&reason.words(Language::French));
            assert!(french.lines().any(|line| line == told), "{told}");
        }
    }

    #[test]
    fn a_search_with_every_kind_of_reason_survives_being_saved() {
        let document = fixture::document();
        let text = serde_json::to_string_pretty(&document).unwrap();
        let read: CapacityDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read, document);
        let reasons = read.cases[0].steps.iter().map(|step| step.reason.clone());
        assert_eq!(reasons.collect::<Vec<_>>(), fixture::reasons());
    }
}
