//! The line of a journey file that an error is about.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A line of a file with a part of it marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the line, from 1.
    pub line: usize,
    text: String,
    /// Columns that are marked, from 0, in characters.
    marked: Range<usize>,
}

impl fmt::Display for Excerpt {
    /// Prints it like the errors of the TOML reader.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let before = " ".repeat(self.marked.start);
        let carets = "^".repeat(self.marked.len());
        write!(f, "{margin} |\n{number} | {}\n{margin} | {before}{carets}", self.text)
    }
}

impl Excerpt {
    /// The value of `key` (`path`, `headers.accept`) of the step of that name, or of the journey itself. What is nearest if the key
    /// is not written; `None` if the text is not TOML or has no such step. Only `fragment` of it is marked if the value holds it.
    pub(super) fn find(text: &str, step: Option<&str>, key: &str, fragment: Option<&str>) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let root = document.get_ref();
        let (table, mut span) = match step {
            None => (root, 0..0),
            Some(name) => {
                let (table, given) = step_named(root, name)?;
                (table, given.span())
            }
        };
        let mut table = Some(table);
        for part in key.splitn(2, '.') {
            let Some(value) = table.and_then(|table| member(table, part)) else {
                break;
            };
            span = value.span();
            table = value.get_ref().as_table();
        }
        Self::from_span(text, narrowed(text, &span, fragment).unwrap_or(span))
    }

    fn from_span(text: &str, span: Range<usize>) -> Option<Self> {
        if span.is_empty() {
            return None;
        }
        let start = text.get(..span.start)?.rfind('\n').map_or(0, |end| end + 1);
        let line = text.get(start..)?.lines().next()?;
        let before = text.get(start..span.start)?.chars().count();
        // Only the first line of a value that has several is shown.
        let marked = text.get(span.start..span.end.min(start + line.len()))?.chars().count();
        Some(Self {
            line: text.get(..start)?.matches('\n').count() + 1,
            // A tab would move the text away from the marks.
            text: line.replace('\t', " "),
            marked: before..before + marked.max(1),
        })
    }
}

/// The first step of that name, and its name: of that table, or of steps within it.
fn step_named<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<(&'a DeTable<'i>, &'a Spanned<DeValue<'i>>)> {
    let steps = member(table, "step")?.get_ref().as_array()?.iter();
    let mut found = steps.filter_map(|step| {
        let table = step.get_ref().as_table()?;
        let given = member(table, "name")?;
        let itself = (given.get_ref().as_str() == Some(name)).then_some((table, given));
        let branches = ["parallel", "choice"].into_iter().filter_map(|key| member(table, key));
        let branches = branches
            .filter_map(|list| list.get_ref().as_array())
            .flat_map(|list| list.iter());
        let mut tables = std::iter::once(table).chain(branches.filter_map(|branch| branch.get_ref().as_table()));
        itself.or_else(|| tables.find_map(|table| step_named(table, name)))
    });
    found.next()
}

/// Place of the fragment within the span: after `{{` or `|` if it does so anywhere, because a short name may be in other words.
fn narrowed(text: &str, span: &Range<usize>, fragment: Option<&str>) -> Option<Range<usize>> {
    let fragment = fragment.filter(|fragment| !fragment.is_empty())?;
    let value = text.get(span.clone())?;
    let places = value.match_indices(fragment).map(|(at, _)| at);
    let places: Vec<usize> = places.collect();
    let opened = |at: &&usize| value[..**at].trim_end().ends_with(['{', '|']);
    let at = places.iter().find(opened).or(places.first())?;
    let start = span.start + at;
    Some(start..start + fragment.len())
}

fn member<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    let mut members = table.iter();
    members.find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = 'j'\n\n[[step]]\nname = 'a'\npath = '/é/{{x}}'\n[[step]]\nname = 'b'\nheaders = { accept = 'x',\n b = 'y' }\n";

    fn shown(step: Option<&str>, key: &str) -> Option<String> {
        Excerpt::find(TEXT, step, key, None).map(|excerpt| excerpt.to_string())
    }

    #[test]
    fn the_value_is_marked_in_its_line() {
        assert_eq!(
            shown(Some("a"), "path").unwrap(),
            "  |\n5 | path = '/é/{{x}}'\n  |        ^^^^^^^^^^"
        );
        assert_eq!(
            shown(Some("b"), "headers.accept").unwrap(),
            "  |\n8 | headers = { accept = 'x',\n  |                      ^^^"
        );
        assert!(shown(Some("b"), "headers.b").unwrap().contains("9 |  b = 'y' }"));
        assert!(shown(Some("b"), "headers").unwrap().starts_with("  |\n8 | headers"));
        assert_eq!(shown(None, "name").unwrap(), "  |\n1 | name = 'j'\n  |        ^^^");
    }

    #[test]
    fn steps_within_steps_are_found() {
        let text =
            "name = 'j'\n[[step]]\nname = 'g'\n[[step.step]]\nname = 'a'\n[[step.step]]\nname = 'b'\npath = 'x'\n";
        let excerpt = Excerpt::find(text, Some("b"), "path", None).unwrap();
        assert_eq!(excerpt.to_string(), "  |\n8 | path = 'x'\n  |        ^^^");
    }

    #[test]
    fn a_part_of_a_value_is_marked_alone() {
        let text =
            "[[step]]\nname = 'a'\npath = '/xa/{{ x }}'\ncheck = [\n  { json = '$.a' },\n  { json = '$.[' },\n]\n";
        let shown = |key, fragment| {
            let excerpt = Excerpt::find(text, Some("a"), key, Some(fragment));
            excerpt.unwrap().to_string()
        };
        assert_eq!(
            shown("path", "x"),
            "  |\n3 | path = '/xa/{{ x }}'\n  |                ^"
        );
        assert_eq!(
            shown("check", "$.["),
            "  |\n6 |   { json = '$.[' },\n  |             ^^^"
        );
        assert_eq!(
            shown("path", "y"),
            "  |\n3 | path = '/xa/{{ x }}'\n  |        ^^^^^^^^^^^^^"
        );
    }

    #[test]
    fn what_is_not_written_is_looked_for_nearby() {
        assert!(shown(Some("a"), "check").unwrap().contains("4 | name = 'a'"));
        assert_eq!(shown(None, "session"), None);
        assert_eq!(shown(Some("c"), "path"), None);
        assert_eq!(Excerpt::find("= no", None, "name", None), None);
    }
}
