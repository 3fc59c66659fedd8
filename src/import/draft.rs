//! An imported journey before it is written: the keys of its file, and notes that become comments.

use toml::{Table, Value};

/// A journey. Its keys are those of a journey file; names and notes stand apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Name of the journey and of its file.
    pub name: String,
    /// Its keys other than `name` and `step`.
    pub keys: Table,
    /// The steps in order.
    pub steps: Vec<DraftStep>,
    /// Comments at its head.
    pub notes: Vec<String>,
}

/// Kind of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GroupKind {
    /// Branches that are made at the same time.
    #[default]
    Parallel,
    /// Branches of which one is drawn by weight.
    Choice,
    /// Steps one after another, in its only branch.
    Sequence,
}

/// A step: a request, or a group of branches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftStep {
    /// Name, unique in the journey.
    pub name: String,
    /// Its keys other than `name`.
    pub keys: Table,
    /// Comments before it.
    pub notes: Vec<String>,
    /// Branches of a group; empty for a request.
    pub branches: Vec<Vec<DraftStep>>,
    /// Kind of the group.
    pub kind: GroupKind,
    /// Weights of the branches of a choice.
    pub weights: Vec<f64>,
}

impl Draft {
    /// A journey without steps.
    pub fn new(name: &str, description: &str) -> Self {
        let mut draft = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        draft.set("description", description);
        draft
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.keys.insert(key.to_owned(), value.into());
    }

    /// Sets a key of one of its tables, such as `headers` or `variables`.
    pub fn set_in(&mut self, table: &str, key: &str, value: impl Into<Value>) {
        set_in(&mut self.keys, table, key, value.into());
    }

    /// Removes the step of that name; a group that has no steps left goes with it.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let removed = remove(&mut self.steps, name);
        // The first step begins when the schedule says.
        if let Some(first) = self.steps.first_mut() {
            first.keys.remove("think");
        }
        removed
    }

    /// Number of requests in it.
    pub fn requests(&self) -> usize {
        self.steps.iter().map(DraftStep::requests).sum()
    }
}

impl DraftStep {
    /// Sets a key.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.keys.insert(key.to_owned(), value.into());
    }

    /// Sets a key of one of its tables, such as `headers` or `extract`.
    pub fn set_in(&mut self, table: &str, key: &str, value: impl Into<Value>) {
        set_in(&mut self.keys, table, key, value.into());
    }

    fn requests(&self) -> usize {
        match &self.branches[..] {
            [] => 1,
            branches => branches.iter().flatten().map(Self::requests).sum(),
        }
    }
}

fn set_in(keys: &mut Table, table: &str, key: &str, value: Value) {
    let inner = keys
        .entry(table.to_owned())
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(inner) = inner {
        inner.insert(key.to_owned(), value);
    }
}

fn remove(steps: &mut Vec<DraftStep>, name: &str) -> bool {
    let before = steps.len();
    steps.retain(|step| step.name != name);
    let mut removed = steps.len() < before;
    for step in steps.iter_mut() {
        let is_group = !step.branches.is_empty();
        for branch in &mut step.branches {
            removed |= remove(branch, name);
        }
        let empty: Vec<bool> = step.branches.iter().map(Vec::is_empty).collect();
        step.branches.retain(|branch| !branch.is_empty());
        let mut kept = empty.iter();
        step.weights.retain(|_| !kept.next().copied().unwrap_or(false));
        if is_group && step.branches.is_empty() {
            // Emptied by what was removed: a group without a path is no step.
            step.name.clear();
        }
    }
    steps.retain(|step| !step.name.is_empty());
    removed
}
