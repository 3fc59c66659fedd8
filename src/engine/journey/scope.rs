//! The names a template may use at one step.

use std::ops::Range;

use super::KeyError;

/// Names of the built-ins, each with its usage.
pub(super) const BUILT_INS: [(&str, &str); 8] = [
    ("user", "user"),
    ("iteration", "iteration"),
    ("random", "random LOW HIGH"),
    ("pick", "pick A B C"),
    ("uuid", "uuid"),
    ("today", "today"),
    ("origin", "origin"),
    ("date", "date +2d %d.%m.%Y Europe/Paris"),
];

/// True if `name` is that of a built-in. `date` may be the name of a value as well, which hides the built-in.
fn is_built_in(name: &str) -> bool {
    BUILT_INS
        .iter()
        .any(|(built_in, _)| *built_in == name && name != "date")
}

/// Source of a name's value at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A cell of the user's row: index of the feeder, index of the column.
    Cell { feeder: usize, column: usize },
    /// A value extracted from an answer, or set: index into the user's variables.
    Variable(usize),
    /// A value that is the same for every user: index into the scope's.
    Given(usize),
}

/// Names and their origins. Grows step by step: a value is known after the step that extracts it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    names: Vec<(String, Origin)>,
    given: Vec<Box<str>>,
}

impl Scope {
    /// Adds the columns of a feeder (`feeder` is its index in [`Values::feeders`](super::Values)). A known name keeps its origin.
    pub fn add_feeder(&mut self, feeder: usize, columns: &[String]) {
        for (column, name) in columns.iter().enumerate() {
            if self.find(name).is_none() {
                self.names.push((name.clone(), Origin::Cell { feeder, column }));
            }
        }
    }

    /// Adds the names of `other` that this scope lacks.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (name, origin) in &other.names {
            match origin {
                _ if self.find(name).is_some() => {}
                Origin::Given(index) => self.add_constant(name, &other.given[*index]),
                origin => self.names.push((name.clone(), *origin)),
            }
        }
    }

    /// The names of the variables in that range.
    pub(super) fn restricted_to(&self, variables: &Range<usize>) -> Self {
        let names = self.names.iter();
        let within = |origin: &Origin| matches!(origin, Origin::Variable(slot) if variables.contains(slot));
        Self {
            names: names.filter(|(_, origin)| within(origin)).cloned().collect(),
            given: Vec::new(),
        }
    }

    /// Adds a value that is the same for every user.
    pub(super) fn add_constant(&mut self, name: &str, value: &str) {
        self.names.push((name.to_owned(), Origin::Given(self.given.len())));
        self.given.push(value.into());
    }

    /// The value of that index, which is the same for every user.
    pub(super) fn constant(&self, index: usize) -> &str {
        &self.given[index]
    }

    /// True if the name is that of a value or of a built-in.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.find(name).is_some() || is_built_in(name)
    }

    /// Index of the variable that a step extracts `name` into: the existing one if it is the journey's own (from `own_from` on),
    /// else a new one at `next`. A new one hides a session's value of that name from then on, which stays as it is.
    pub(super) fn extract(&mut self, name: &str, own_from: usize, next: &mut usize) -> Result<usize, KeyError> {
        let taken = || KeyError::Conflict(format!("`{name}` is already the name of something else"));
        match self.find(name) {
            // A later step may extract the same name again; a name of the log-in is hidden by a variable of its own.
            Some(Origin::Variable(slot)) if slot >= own_from => return Ok(slot),
            Some(Origin::Variable(_)) => self.names.retain(|(known, _)| known != name),
            Some(_) => return Err(taken()),
            None if is_built_in(name) => return Err(taken()),
            None => {}
        }
        let slot = *next;
        *next += 1;
        self.names.push((name.to_owned(), Origin::Variable(slot)));
        Ok(slot)
    }

    /// The origin of a name.
    pub(super) fn find(&self, name: &str) -> Option<Origin> {
        self.names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, origin)| *origin)
    }

    /// The names of extracted values, each with the index of its variable.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().filter_map(|(name, origin)| match origin {
            Origin::Variable(slot) => Some((name.as_str(), *slot)),
            Origin::Cell { .. } | Origin::Given(_) => None,
        })
    }

    /// Every name, for a hint.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_meaning() {
        let mut scope = Scope::default();
        let mut next = 3;
        scope.add_feeder(0, &["login".to_owned()]);
        scope.add_feeder(1, &["login".to_owned(), "city".to_owned()]);
        assert_eq!(scope.find("login"), Some(Origin::Cell { feeder: 0, column: 0 }));
        assert_eq!(scope.find("city"), Some(Origin::Cell { feeder: 1, column: 1 }));

        assert_eq!(scope.extract("project", 3, &mut next).unwrap(), 3);
        assert_eq!(scope.extract("project", 3, &mut next).unwrap(), 3);
        assert_eq!(scope.extract("task", 3, &mut next).unwrap(), 4);
        for taken in ["login", "uuid"] {
            assert!(scope.extract(taken, 3, &mut next).is_err(), "{taken}");
        }
        assert_eq!(
            scope.extract("project", 5, &mut next).unwrap(),
            5,
            "a session's value is hidden, not changed"
        );
        assert_eq!(scope.find("project"), Some(Origin::Variable(5)));
        assert_eq!(scope.find("task"), Some(Origin::Variable(4)));
    }
}
