//! `--set KEY=VALUE`: any value of the scenario, by its dotted path (`phase.1.duration`, `stack.env.BCRYPT_COST`).

use toml::{Table, Value};

use super::ScenarioError;

/// Interpretation of the text of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interpretation {
    /// As a string if it replaces one. Else as TOML if it parses as such, and as text if it does not.
    Typed,
    /// As text, whatever it looks like.
    Text,
}

/// Puts one value into the scenario's tables.
pub(super) fn apply(table: &mut Table, key: &str, text: &str, reading: Interpretation) -> Result<(), ScenarioError> {
    let refuse = |reason: String| ScenarioError::Override {
        key: key.to_owned(),
        reason,
    };
    let (parents, last) = match key.rsplit_once('.') {
        Some((parents, last)) => (Some(parents), last),
        None => (None, key),
    };
    let mut place = Place::Table(table);
    for name in parents.into_iter().flat_map(|parents| parents.split('.')) {
        place = place.enter(name).map_err(refuse)?;
    }
    place.insert(last, text, reading).map_err(refuse)
}

/// Tables of a saved scenario with a run's overrides applied. One that no longer fits is skipped. `None` if the text is no TOML.
pub fn effective_scenario(text: &str, overrides: &[(String, String)]) -> Option<Table> {
    let mut table: Table = toml::from_str(text).ok()?;
    for (key, value) in overrides {
        // A key that is refused half-way may have made tables on its path: the copy is thrown away then.
        let mut changed = table.clone();
        if apply(&mut changed, key, value, Interpretation::Typed).is_ok() {
            table = changed;
        }
    }
    Some(table)
}

enum Place<'a> {
    Table(&'a mut Table),
    Array(&'a mut Vec<Value>),
}

impl Place<'_> {
    fn enter(self, name: &str) -> Result<Self, String> {
        let value = match self {
            // Optional tables such as `[capacity]` need not be in the file to be set.
            Self::Table(table) => table.entry(name).or_insert_with(|| Value::Table(Table::new())),
            Self::Array(array) => element(array, name)?,
        };
        match value {
            Value::Table(table) => Ok(Place::Table(table)),
            Value::Array(array) => Ok(Place::Array(array)),
            _ => Err(format!("`{name}` is a value, not a table")),
        }
    }

    fn insert(self, name: &str, text: &str, reading: Interpretation) -> Result<(), String> {
        match self {
            Self::Table(table) => {
                let value = read(text, table.get(name), reading);
                table.insert(name.to_owned(), value);
            }
            Self::Array(array) => {
                let element = element(array, name)?;
                *element = read(text, Some(element), reading);
            }
        }
        Ok(())
    }
}

/// The element by its number from 0 or, for tables, by the `name` they hold.
fn element<'a>(array: &'a mut [Value], name: &str) -> Result<&'a mut Value, String> {
    let count = array.len();
    let at = name.parse().ok().or_else(|| {
        array
            .iter()
            .position(|value| value.get("name").and_then(Value::as_str) == Some(name))
    });
    at.and_then(|at: usize| array.get_mut(at)).ok_or_else(|| {
        format!(
            "there is no element `{name}` (by number 0 to {} or by name)",
            count.saturating_sub(1)
        )
    })
}

fn read(text: &str, replaced: Option<&Value>, reading: Interpretation) -> Value {
    let as_text = || Value::String(text.to_owned());
    // A text stays a text: `--set tag=1e3` must not turn it into a number.
    if reading == Interpretation::Text || matches!(replaced, Some(Value::String(_))) {
        return as_text();
    }
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    match parsed.and_then(|mut table| table.remove("value")) {
        // An integer may stand where a fraction is wanted.
        Some(Value::Integer(whole)) if matches!(replaced, Some(Value::Float(_))) => Value::Float(whole as f64),
        Some(value) => value,
        None => as_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        toml::from_str(
            "seed = 1\n[stack]\nuse = 'reference'\n[journeys]\nlogin = 1.5\n[[phase]]\nname = 'warm-up'\nduration = '10s'\n\
             [[phase]]\nname = 'steady'\nduration = '60s'\n",
        )
        .unwrap()
    }

    fn set(key: &str, text: &str) -> Table {
        let mut table = table();
        apply(&mut table, key, text, Interpretation::Typed).unwrap();
        table
    }

    #[test]
    fn a_value_keeps_the_type_of_the_one_it_replaces() {
        assert_eq!(set("stack.use", "42")["stack"]["use"], Value::String("42".into()));
        assert_eq!(set("seed", "42")["seed"], Value::Integer(42));
        assert_eq!(set("journeys.login", "2")["journeys"]["login"], Value::Float(2.0));
    }

    #[test]
    fn elements_are_found_by_number_and_by_name() {
        assert_eq!(
            set("phase.1.duration", "30s")["phase"][1]["duration"].as_str(),
            Some("30s")
        );
        assert_eq!(
            set("phase.steady.duration", "30s")["phase"][1]["duration"].as_str(),
            Some("30s")
        );
        let error = apply(&mut table(), "phase.9.duration", "30s", Interpretation::Typed).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot set `phase.9.duration`: there is no element `9` (by number 0 to 1 or by name)"
        );
    }

    #[test]
    fn tables_on_the_way_are_made() {
        assert_eq!(
            set("stack.env.FAULT", "slow")["stack"]["env"]["FAULT"].as_str(),
            Some("slow")
        );
    }
}
