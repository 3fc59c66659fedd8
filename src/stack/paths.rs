//! Paths with environment variables, so that a stack file fits checkouts in different places.

use std::path::{Path, PathBuf};

/// The path with each `${NAME}` and `${NAME:-otherwise}` replaced; an unset or empty variable counts as absent.
pub(super) fn expanded(path: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<PathBuf, String> {
    let Some(text) = path.to_str() else {
        return Ok(path.to_owned());
    };
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, after) = after
            .split_once('}')
            .ok_or_else(|| format!("path `{text}` lacks a closing brace"))?;
        let (name, otherwise) = match inside.split_once(":-") {
            Some((name, otherwise)) => (name, Some(otherwise)),
            None => (inside, None),
        };
        let value = variable(name).filter(|value| !value.is_empty());
        let value = value.or_else(|| otherwise.map(str::to_owned));
        let missing = || format!("path `{text}`: set the environment variable `{name}`");
        result.push_str(before);
        result.push_str(&value.ok_or_else(missing)?);
        rest = after;
    }
    result.push_str(rest);
    Ok(PathBuf::from(result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_stands_for_its_value_or_the_default() {
        let expand = |path: &str| {
            let variable = |name: &str| match name {
                "APP" => Some("/srv/app".to_owned()),
                "EMPTY" => Some(String::new()),
                _ => None,
            };
            expanded(Path::new(path), variable).map(|path| path.display().to_string())
        };
        assert_eq!(expand("compose.yml").unwrap(), "compose.yml");
        assert_eq!(expand("${APP:-../app}/compose.yml").unwrap(), "/srv/app/compose.yml");
        assert_eq!(expand("${NONE:-../app}/c.yml").unwrap(), "../app/c.yml");
        assert_eq!(expand("${EMPTY:-../app}/c.yml").unwrap(), "../app/c.yml");
        assert_eq!(
            expand("${NONE}/c.yml").unwrap_err(),
            "path `${NONE}/c.yml`: set the environment variable `NONE`"
        );
        assert!(expand("${NONE").unwrap_err().contains("closing brace"));
    }
}
