//! Lines of a scenario file at which its objectives stand.

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
struct Objectives {
    #[serde(default)]
    objective: Vec<NamedSpan>,
}

#[derive(Deserialize)]
struct NamedSpan {
    name: Spanned<String>,
}

/// The line, counted from 1, at which the objective of that name stands; 1 if the file has none of that name.
pub(super) fn line_of(scenario: &str, objective: &str) -> usize {
    let parsed: Option<Objectives> = toml::from_str(scenario).ok();
    let found = parsed.and_then(|all| {
        let mut named = all.objective.into_iter();
        named.find(|named| named.name.get_ref() == objective)
    });
    let start = found.map_or(0, |named| named.name.span().start);
    1 + scenario.get(..start).unwrap_or("").matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_stands_where_its_name_does() {
        let text = "name = \"gate\"\n# Errors\n[[objective]]\nindicator = \"error-rate\"\nname = \"Errors\"\n\n[[objective]]\nname = \"Uptime\"\n";
        assert_eq!(line_of(text, "Errors"), 5);
        assert_eq!(line_of(text, "Uptime"), 8);
        assert_eq!(line_of(text, "gate"), 1);
        assert_eq!(line_of("not toml", "Errors"), 1);
    }
}
