//! The browser's journey: full page loads, and actions on the pages.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::TomlError;

/// One action on a page after it has loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum BrowserAction {
    /// Types a text into the element found by a CSS selector.
    Fill {
        /// CSS selector.
        selector: String,
        /// Text to type.
        text: String,
    },
    /// Clicks the element found by a CSS selector.
    Click {
        /// CSS selector.
        selector: String,
    },
    /// Waits until the element found by a CSS selector is there.
    WaitFor {
        /// CSS selector.
        selector: String,
    },
}

impl fmt::Display for BrowserAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fill { selector, .. } => write!(f, "fill in `{selector}`"),
            Self::Click { selector } => write!(f, "click `{selector}`"),
            Self::WaitFor { selector } => write!(f, "wait for `{selector}`"),
        }
    }
}

/// One full page load and the actions that follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserPage {
    /// The name of the series: `dashboard`.
    pub name: String,
    /// Path below the front door.
    pub path: String,
    /// CSS selector that exists once the page shows its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// Actions after the load, in order; not part of the load time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<BrowserAction>,
}

/// A journey of page loads; after the last page it begins again with `again-from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserJourney {
    /// Its name.
    pub name: String,
    /// Description of the journey, for `list`.
    pub description: String,
    /// The pages in order.
    pub page: Vec<BrowserPage>,
    /// Name of the page at which a new round begins (default: the first), so that a login happens once.
    #[serde(
        default,
        rename = "again-from",
        alias = "again_from",
        skip_serializing_if = "Option::is_none"
    )]
    // The alias is the spelling of the first journey files; keys became kebab-case later.
    pub again_from: Option<String>,
}

/// Error in a journey file.
#[derive(Debug, thiserror::Error)]
pub enum BrowserJourneyError {
    /// The file is not the TOML of a journey of pages.
    #[error("it is no journey of pages")]
    Syntax(#[from] TomlError),
    /// The journey has no page.
    #[error("it has no `[[page]]`")]
    Empty,
    /// Two pages share a name.
    #[error("two pages are named `{0}`")]
    Twice(String),
    /// A path does not begin with `/`: it must lie below the front door.
    #[error("the path `{path}` of page `{page}` does not begin with `/`")]
    Path {
        /// Name of the page.
        page: String,
        /// Its path.
        path: String,
    },
    /// `again-from` names a page that does not exist.
    #[error("`again-from` names no page: `{0}`")]
    AgainFrom(String),
}

impl BrowserJourney {
    /// Reads and checks a journey file's text.
    pub fn parse(text: &str) -> Result<Self, BrowserJourneyError> {
        let journey: Self = toml::from_str(text).map_err(TomlError::from)?;
        if journey.page.is_empty() {
            return Err(BrowserJourneyError::Empty);
        }
        for (position, page) in journey.page.iter().enumerate() {
            if journey.page[..position].iter().any(|earlier| earlier.name == page.name) {
                return Err(BrowserJourneyError::Twice(page.name.clone()));
            }
            if !page.path.starts_with('/') {
                return Err(BrowserJourneyError::Path {
                    page: page.name.clone(),
                    path: page.path.clone(),
                });
            }
        }
        match &journey.again_from {
            Some(name) if journey.position(name).is_none() => Err(BrowserJourneyError::AgainFrom(name.clone())),
            _ => Ok(journey),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.page.iter().position(|page| page.name == name)
    }

    /// Position of the page at which a new round begins.
    pub(super) fn again(&self) -> usize {
        self.again_from
            .as_deref()
            .and_then(|name| self.position(name))
            .unwrap_or(0)
    }

    /// The page after `current`. A page before the rounds (a login) is repeated after one failure. After two failures
    /// in a row the session may be lost, and the journey begins anew.
    pub(super) fn next(&self, current: usize, failures_in_a_row: u32) -> usize {
        match failures_in_a_row {
            0 if current + 1 < self.page.len() => current + 1,
            0 => self.again(),
            1 if current < self.again() => current,
            1 => self.next(current, 0),
            _ => 0,
        }
    }

    /// Every `ready` selector.
    pub(super) fn ready_selectors(&self) -> Vec<&str> {
        let mut selectors: Vec<&str> = self.page.iter().filter_map(|page| page.ready.as_deref()).collect();
        selectors.sort_unstable();
        selectors.dedup();
        selectors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = include_str!("../../../../scenarios/journeys/frontend.toml");

    #[test]
    fn the_reference_journey_logs_in_once_and_goes_round() {
        let journey = BrowserJourney::parse(REFERENCE).unwrap();
        let mut page = 0;
        let mut walked = Vec::new();
        for _ in 0..6 {
            walked.push(journey.page[page].name.as_str());
            page = journey.next(page, 0);
        }
        assert_eq!(
            walked,
            ["login", "dashboard", "projects", "tasks", "dashboard", "projects"]
        );
        assert!(journey.page.iter().all(|page| page.ready.is_some()));
    }

    #[test]
    fn actions_are_read_as_written() {
        let text = r##"
            name = "a"
            description = "b"
            [[page]]
            name = "login"
            path = "/login"
            then = [{ fill = { selector = "#l", text = "x" } }, { click = { selector = "b" } }, { wait-for = { selector = "c" } }]
        "##;
        let journey = BrowserJourney::parse(text).unwrap();
        let selector = |selector: &str| selector.to_owned();
        assert_eq!(
            journey.page[0].then,
            [
                BrowserAction::Fill {
                    selector: selector("#l"),
                    text: "x".to_owned()
                },
                BrowserAction::Click {
                    selector: selector("b")
                },
                BrowserAction::WaitFor {
                    selector: selector("c")
                },
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        let journey = |rest: &str| BrowserJourney::parse(&format!("name = \"a\"\ndescription = \"b\"\n{rest}"));
        let page = |name: &str, path: &str| format!("[[page]]\nname = \"{name}\"\npath = \"{path}\"\n");
        let words = |rest: &str| journey(rest).unwrap_err().to_string();
        assert_eq!(words("page = []"), "it has no `[[page]]`");
        assert_eq!(
            words(&page("x", "login")),
            "the path `login` of page `x` does not begin with `/`"
        );
        assert_eq!(words(&(page("x", "/") + &page("x", "/b"))), "two pages are named `x`");
        assert_eq!(
            words(&("again-from = \"y\"\n".to_owned() + &page("x", "/"))),
            "`again-from` names no page: `y`"
        );
        assert!(matches!(journey("pages = 1"), Err(BrowserJourneyError::Syntax(_))));
    }

    #[test]
    fn a_failed_page_is_not_walked_past_before_the_rounds() {
        let journey = BrowserJourney::parse(REFERENCE).unwrap();
        assert_eq!(journey.next(0, 1), 0, "the login is tried again");
        assert_eq!(journey.next(2, 1), 3, "a page of the rounds may fail");
        assert_eq!(journey.next(3, 2), 0, "twice: the session may be lost");
    }
}
