//! Selection of the series that an objective is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ObjectiveError;
use crate::evidence::SeriesPlan;

/// Selection of series: `*`, a journey, a `journey.step`, or a tag written `#api`; a leading `!` excludes. Several terms are
/// separated by commas: `#api, !login.submit`. If all terms exclude, everything else is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Selector(pub String);

/// One comma-separated term.
struct Term<'a> {
    excludes: bool,
    pattern: &'a str,
}

impl Term<'_> {
    fn fits(&self, series: &SeriesPlan) -> bool {
        if self.pattern == "*" {
            return true;
        }
        if let Some(tag) = self.pattern.strip_prefix('#') {
            return series.tags.iter().any(|own| own == tag);
        }
        match series.name.strip_prefix(self.pattern) {
            // `login` selects the journey `login` and its steps, and not a journey `login-sso`.
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        }
    }
}

impl Selector {
    fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        self.0.split(',').map(|text| {
            let text = text.trim();
            let included = text.strip_prefix('!');
            Term {
                excludes: included.is_some(),
                pattern: included.unwrap_or(text).trim(),
            }
        })
    }

    /// True if the series is selected: no excluding term fits it, and an including term does or there is none.
    pub fn matches(&self, series: &SeriesPlan) -> bool {
        let (mut any_includes, mut included) = (false, false);
        for term in self.terms() {
            let fits = term.fits(series);
            if term.excludes && fits {
                return false;
            }
            any_includes |= !term.excludes;
            included |= !term.excludes && fits;
        }
        // Exclusions alone start from everything.
        included || !any_includes
    }

    /// Checks that each term is well formed.
    pub fn validate(&self) -> Result<(), ObjectiveError> {
        let malformed = self.terms().any(|term| {
            let name = term.pattern.strip_prefix('#').unwrap_or(term.pattern);
            name.is_empty() || name.contains(|c: char| c.is_whitespace() || "!#".contains(c))
        });
        if malformed {
            return Err(ObjectiveError::Selector(self.0.clone()));
        }
        Ok(())
    }

    /// Checks that each term is well formed and fits a planned series, and that something remains selected. Without this
    /// check a misspelt exclusion would silently change what is judged.
    pub fn validate_for(&self, series: &[SeriesPlan]) -> Result<(), ObjectiveError> {
        self.validate()?;
        // Each term by itself: a misspelt one among several would otherwise go unnoticed, and its series unjudged.
        if let Some(term) = self.terms().find(|term| !series.iter().any(|series| term.fits(series))) {
            return Err(ObjectiveError::nothing_selected(term.pattern, series));
        }
        if series.iter().any(|series| self.matches(series)) {
            Ok(())
        } else {
            Err(ObjectiveError::nothing_selected(&self.0, series))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned() -> Vec<SeriesPlan> {
        [
            ("login.submit", &["api", "login"][..]),
            ("projects.list", &["api"]),
            ("projects.detail", &["api"]),
            ("projects-archive.list", &["api"]),
            ("pages.home", &["web"]),
        ]
        .into_iter()
        .map(|(name, tags)| SeriesPlan {
            least: None,
            models: Vec::new(),
            name: name.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            expected: 0.0,
        })
        .collect()
    }

    fn selected(selector: &str) -> Vec<String> {
        let selector = Selector(selector.to_owned());
        selector.validate_for(&planned()).unwrap();
        let names = planned().into_iter().filter(|series| selector.matches(series));
        names.map(|series| series.name).collect()
    }

    #[test]
    fn each_form_selects_what_it_says() {
        assert_eq!(selected("*").len(), 5);
        assert_eq!(selected("projects"), ["projects.list", "projects.detail"]);
        assert_eq!(selected("projects.list"), ["projects.list"]);
        assert_eq!(selected("#web"), ["pages.home"]);
        assert_eq!(selected("#web, login"), ["login.submit", "pages.home"]);
        assert_eq!(selected("#api,!login.submit , !#web").len(), 3);
        assert_eq!(selected("!#api"), ["pages.home"]);
    }

    #[test]
    fn a_term_that_fits_nothing_is_an_error_that_names_what_there_is() {
        for (selector, term) in [
            ("project", "project"),
            ("#api, !login.sumbit", "login.sumbit"),
            ("projects.l", "projects.l"),
            ("#web, !pages", "#web, !pages"),
        ] {
            let error = Selector(selector.to_owned()).validate_for(&planned()).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&format!("`{term}`")), "{text}");
        }
    }

    #[test]
    fn malformed_terms_are_refused() {
        for selector in ["", "#", "#api,", "!!login", "##api", "projects list"] {
            let error = Selector(selector.to_owned()).validate_for(&planned()).unwrap_err();
            assert!(matches!(error, ObjectiveError::Selector(_)), "{selector}: {error}");
        }
    }
}
