//! Settings or revision of each side.

use super::{AbError, SideName};

/// Keys that may differ between the sides.
const KEYS: &str = "stack.";

/// Settings or revision of one side, from the command line, over the scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SideSettings {
    /// Settings of the stack, as `--set` takes them.
    pub settings: Vec<(String, String)>,
    /// The git revision that its Compose files and build contexts are taken from; `None` for those of the working tree.
    pub revision: Option<String>,
}

impl SideSettings {
    /// Parses the values of `--a` or `--b`: settings, and at most one git revision, which holds no `=`.
    pub fn parse(side: SideName, given: &[String]) -> Result<Self, AbError> {
        let mut parsed = Self::default();
        for text in given {
            match text.split_once('=') {
                None if text.trim().is_empty() || text.starts_with('-') => {
                    return Err(AbError::Unclear {
                        side,
                        given: text.clone(),
                    });
                }
                None if parsed.revision.is_some() => return Err(AbError::TwoRevisions { side }),
                None => parsed.revision = Some(text.trim().to_owned()),
                Some((key, value)) if key.trim().starts_with(KEYS) => {
                    parsed.settings.push((key.trim().to_owned(), value.to_owned()));
                }
                Some((key, _)) => {
                    return Err(AbError::OtherKey {
                        side,
                        key: key.trim().to_owned(),
                    });
                }
            }
        }
        Ok(parsed)
    }

    /// The settings that count, the last of each key, by key.
    fn effective(&self) -> Vec<(&str, &str)> {
        let mut last: Vec<(&str, &str)> = Vec::new();
        for (key, value) in &self.settings {
            last.retain(|(known, _)| known != key);
            last.push((key, value));
        }
        last.sort_unstable();
        last
    }

    /// True if both sides would be the same version.
    pub fn same_as(&self, other: &Self) -> bool {
        self.revision == other.revision && self.effective() == other.effective()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;

    fn parse(given: &[&str]) -> Result<SideSettings, AbError> {
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        SideSettings::parse(SideName::B, &given)
    }

    #[test]
    fn a_side_is_settings_and_a_revision() {
        let side = parse(&["stack.image.api=shop/api:1.5", "v1.5", "stack.env.A=b=c"]).unwrap();
        assert_eq!(side.revision.as_deref(), Some("v1.5"));
        assert_eq!(side.settings[1], ("stack.env.A".to_owned(), "b=c".to_owned()));
        for (given, told) in [
            (&["phase.steady.duration=3s"][..], "is no setting of a stack"),
            (&["v1", "v2"], "two revisions"),
            (&["--force"], "neither a setting nor a revision"),
            (&[" "], "neither a setting nor a revision"),
        ] {
            let error = parse(given).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn sides_are_the_same_if_the_last_value_of_every_key_is() {
        let side = |given: &[&str]| parse(given).unwrap();
        assert!(side(&[]).same_as(&side(&[])));
        assert!(side(&["stack.env.A=1", "stack.env.A=2"]).same_as(&side(&["stack.env.A=2"])));
        assert!(side(&["stack.env.A=1", "stack.env.B=2"]).same_as(&side(&["stack.env.B=2", "stack.env.A=1"])));
        assert!(!side(&["stack.env.A=1"]).same_as(&side(&["stack.env.A=2"])));
        assert!(!side(&["main"]).same_as(&side(&[])));
    }
}
