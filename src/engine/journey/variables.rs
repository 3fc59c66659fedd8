//! Variables: values that a journey has by default, and that a scenario or `--set` replaces.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::KeyError;
use super::inputs::VariableFile;
use crate::secrets::Secrets;

/// Name under which a secret value is learnt, whatever the variable is called.
const SECRET: &str = "secret";

/// The value of a variable.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) text: Box<str>,
    /// True if it came from the environment or a file of its own.
    pub(super) secret: bool,
}

impl fmt::Debug for Variable {
    /// Prints no value, because it may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variable")
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// Variables by name, with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, Variable>);

impl Variables {
    /// Finds the values of variables as they are written; `folder` is that of the file. Errors come with the variable's name.
    pub fn find(written: &BTreeMap<String, VariableFile>, folder: &Path) -> Result<Self, (String, KeyError)> {
        let found = written.iter().map(|(name, file)| {
            let variable = Variable::find(file, folder).map_err(|error| (name.clone(), error))?;
            Ok((name.clone(), variable))
        });
        found.collect::<Result<_, _>>().map(Self)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds the values that are secret by their source or their name.
    pub fn learn_secrets(&self, secrets: &mut Secrets) {
        for (name, variable) in &self.0 {
            secrets.learn(if variable.secret { SECRET } else { name }, &variable.text);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Variable)> {
        self.0.iter()
    }

    /// The same with the values of `other`, which take precedence.
    #[must_use]
    pub(super) fn overridden(mut self, other: &Self) -> Self {
        self.0
            .extend(other.0.iter().map(|(name, variable)| (name.clone(), variable.clone())));
        self
    }
}

impl Variable {
    fn find(file: &VariableFile, folder: &Path) -> Result<Self, KeyError> {
        let secret = |text: String| Self {
            text: text.into(),
            secret: true,
        };
        match (&file.value, &file.env, &file.file) {
            (Some(value), None, None) => Ok(Self {
                text: value.as_str().into(),
                secret: false,
            }),
            (None, Some(name), None) => std::env::var(name)
                .map(secret)
                .map_err(|_| KeyError::Environment { name: name.clone() }),
            (None, None, Some(path)) => {
                let path = folder.join(path);
                match std::fs::read_to_string(&path) {
                    Ok(text) => Ok(secret(text.trim_end().to_owned())),
                    Err(source) => Err(KeyError::File { path, source }),
                }
            }
            _ => Err(KeyError::Conflict(
                "a variable has one of `value`, `env` and `file`".to_owned(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, folder: &Path) -> Result<Variables, String> {
        let written: BTreeMap<String, VariableFile> = toml::from_str(text).map_err(|error| error.to_string())?;
        Variables::find(&written, folder).map_err(|(name, error)| format!("{name}: {error}"))
    }

    #[test]
    fn a_value_comes_from_the_file_the_environment_or_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pin"), "hidden-pin-1\n").unwrap();
        let variables = found(
            "a = 'x'\nb = 5\nc = 1.5\nd = true\npin = { file = 'pin' }\nhome = { env = 'PATH' }\ne = { value = 'y' }",
            folder.path(),
        )
        .unwrap();
        let text = |name: &str| variables.get(name).unwrap().text.to_string();
        assert_eq!(["a", "b", "c", "d", "e"].map(text), ["x", "5", "1.5", "true", "y"]);
        assert_eq!(text("pin"), "hidden-pin-1");
        assert!(variables.get("home").unwrap().secret && !variables.get("a").unwrap().secret);
        let mut secrets = Secrets::default();
        variables.learn_secrets(&mut secrets);
        assert_eq!(secrets.mask("the hidden-pin-1, x"), "the ***, x");
        assert!(!format!("{variables:?}").contains("hidden"));
    }

    #[test]
    fn a_source_that_is_not_there_is_told() {
        let told = |text: &str| found(text, Path::new("/nowhere")).unwrap_err();
        assert_eq!(
            told("a = { env = 'DIAPASON_NO_SUCH_VARIABLE' }"),
            "a: the environment has no variable `DIAPASON_NO_SUCH_VARIABLE`"
        );
        assert!(told("a = { file = 'pin' }").starts_with("a: failed to read /nowhere/pin"));
        assert!(told("a = { env = 'A', file = 'b' }").contains("one of `value`, `env` and `file`"));
        assert!(told("a = []").contains("a text, a number, a boolean, or a table"));
        assert!(told("a = { evn = 'A' }").contains("unknown field `evn`"));
    }
}
