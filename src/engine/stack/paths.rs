//! Paths of a stack file: with environment variables, so that it fits checkouts in different places, and relative to its folder.

use std::path::{Component, Path, PathBuf};

/// The path relative to that folder; both are absolute. Paths that share no folder stay absolute.
pub fn relative(folder: &Path, path: &Path) -> PathBuf {
    let from: Vec<Component<'_>> = folder.components().collect();
    let to: Vec<Component<'_>> = path.components().collect();
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    if common < 2 {
        return path.to_owned();
    }
    let up = from.iter().skip(common).map(|_| Component::ParentDir);
    up.chain(to.iter().skip(common).copied()).collect()
}

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

/// A name as a part of a TOML key.
pub(super) fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        toml::Value::String(name.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_goes_up_and_down_again() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).display().to_string();
        assert_eq!(way("/a/b/stacks", "/a/shop/compose.yml"), "../../shop/compose.yml");
        assert_eq!(way("/a", "/a/compose.yml"), "compose.yml");
        assert_eq!(way("/x/y", "/srv/c.yml"), "/srv/c.yml");
    }

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
