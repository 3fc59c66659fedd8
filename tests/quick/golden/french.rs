//! The French page of each saved run: no English is left on it but names, code and what foreign programs said.

use std::fs;

use super::reports::runs;
use super::{Copies, for_each, hold, page};

/// Runs whose French page is reviewed word by word: one of each kind of answer.
const REVIEWED: [&str; 6] = [
    "errors",
    "failed-log-ins",
    "interrupted",
    "killed-container",
    "no-index",
    "passing",
];

/// Words of English that French does not have.
const ENGLISH: [&str; 96] = [
    "the",
    "of",
    "and",
    "with",
    "was",
    "were",
    "not",
    "no",
    "is",
    "are",
    "has",
    "have",
    "had",
    "from",
    "by",
    "for",
    "that",
    "this",
    "these",
    "those",
    "it",
    "its",
    "in",
    "to",
    "at",
    "which",
    "what",
    "who",
    "how",
    "why",
    "when",
    "where",
    "while",
    "during",
    "than",
    "they",
    "their",
    "them",
    "there",
    "then",
    "an",
    "be",
    "been",
    "between",
    "each",
    "every",
    "all",
    "any",
    "some",
    "none",
    "more",
    "most",
    "less",
    "least",
    "only",
    "over",
    "under",
    "after",
    "before",
    "behind",
    "outside",
    "inside",
    "request",
    "requests",
    "second",
    "seconds",
    "missed",
    "misses",
    "met",
    "allowed",
    "limit",
    "failed",
    "measured",
    "found",
    "held",
    "holds",
    "load",
    "loads",
    "statement",
    "statements",
    "waited",
    "waiting",
    "stopped",
    "started",
    "killed",
    "used",
    "uses",
    "slow",
    "slower",
    "longest",
    "would",
    "could",
    "may",
    "can",
    "nobody",
    "nothing",
];

/// Elements without an end.
const VOID: [&str; 6] = ["meta", "img", "br", "line", "rect", "path"];

#[test]
fn nothing_of_a_french_page_is_english() {
    for_each(&runs(), |name| {
        let copies = Copies::new();
        let folder = copies.of(name);
        copies.diapason(&["report", name, "--lang", "fr,en"]);
        let html = fs::read_to_string(folder.join("index.fr.html")).unwrap();
        let found = faults(&html);
        assert!(found.is_empty(), "{name}: {found:#?}");
        if REVIEWED.contains(&name) {
            hold(name, "page-fr", &page::text(&html));
        }
        assert!(folder.join("index.html").exists());
    });
}

#[test]
fn one_language_alone_is_the_main_page() {
    let copies = Copies::new();
    let folder = copies.of("passing");
    copies.diapason(&["report", "passing", "--lang", "fr,en"]);
    assert!(folder.join("index.fr.html").exists());
    copies.diapason(&["report", "passing", "--lang", "fr"]);
    let html = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(html.contains("<html lang=\"fr\">"));
    assert!(!folder.join("index.fr.html").exists());
    let refused = copies.shown(&["report", "passing", "--lang", "de"]);
    assert!(
        refused.starts_with("exit 2") && refused.contains("reports are not written in `de`; use `en` or `fr`"),
        "{refused}"
    );
}

#[test]
fn what_is_not_french_is_found() {
    for (planted, fault) in [
        ("<p>La campagne was arrêtée</p>", "was"),
        ("<p>12.5 ms</p>", "12.5"),
        ("<p>Verdict : rien</p>", " :"),
        ("<td>the <code>SELECT</code></td>", "the"),
    ] {
        let page = format!("<body>{planted}</body>");
        assert!(faults(&page).iter().any(|found| found.contains(fault)), "{planted}");
    }
    for fine in [
        "<p>Échec\u{202f}: <span translate=\"no\">the page was <b>not</b> ready: 1.5 s</span>, 12,5\u{202f}ms</p>",
        "<p><code translate=\"no\">SELECT 1.5 FROM the</code></p>",
        "<a lang=\"en\" href=\"index.html\">Read it</a>",
    ] {
        assert_eq!(faults(&format!("<body>{fine}</body>")), Vec::<String>::new());
    }
}

/// Lines of the page with an English word, with a decimal point, or with a space that may break before a mark.
pub(super) fn faults(html: &str) -> Vec<String> {
    let text = french_text(html);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .filter_map(|line| Some(format!("{}: {line}", fault(line)?)))
        .collect()
}

fn fault(line: &str) -> Option<String> {
    let words = line.split(|letter: char| letter.is_whitespace() || matches!(letter, '’' | '\'' | '(' | ')' | '/'));
    for word in words {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        if ENGLISH.contains(&bare.to_lowercase().as_str()) {
            return Some(bare.to_owned());
        }
        let letters: Vec<char> = bare.chars().collect();
        let point = letters
            .windows(3)
            .any(|three| three[1] == '.' && three[0].is_ascii_digit() && three[2].is_ascii_digit());
        if point {
            return Some(bare.to_owned());
        }
    }
    let marks = [" :", " ;", " ?", " !", " »", "« ", " %"];
    marks.into_iter().find(|mark| line.contains(mark)).map(str::to_owned)
}

/// The text of the page without what is marked as not to be translated, code, and text in another language.
fn french_text(html: &str) -> String {
    let mut text = String::new();
    // Names of the open elements inside one that is left out; empty outside of it.
    let mut left_out: Vec<&str> = Vec::new();
    let mut rest = html.split_once("<body>").map_or(html, |(_, body)| body);
    // The page's own script is no text.
    rest = rest.split_once("<script>").map_or(rest, |(text, _)| text);
    while let Some((before, after)) = rest.split_once('<') {
        if left_out.is_empty() {
            text.push_str(before);
        }
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        let is_void = VOID.contains(&name) || tag.ends_with('/');
        let foreign = ["translate=\"no\"", "lang=\"en\""]
            .iter()
            .any(|mark| tag.contains(mark))
            || name == "code";
        if tag.starts_with('/') {
            if left_out.last() == Some(&name) {
                left_out.pop();
            }
        } else if !is_void && (foreign || !left_out.is_empty()) {
            left_out.push(name);
        }
        if left_out.is_empty()
            && (tag.contains("class=\"why\"") || !matches!(name, "span" | "strong" | "b" | "i" | "code" | "a"))
        {
            text.push('\n');
        }
    }
    text
}
