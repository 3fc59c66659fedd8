//! Requests that need values which no earlier request of their session gives.

use super::recorded::LogKind;
use super::rules::{Rule, Rules};
use super::sessions::LoggedRequest;

/// Names of values that some kinds of requests give, and others need.
#[derive(Debug, Default)]
pub(super) struct SharedValues {
    names: Vec<String>,
    /// For each kind, indices of the names that it gives, and of those that it needs.
    kinds: Vec<(Vec<usize>, Vec<usize>)>,
}

impl SharedValues {
    pub(super) fn new(kinds: &[LogKind], rules: &Rules) -> Self {
        // A kind of which the log has no request may be the one that gives a value.
        let mut names: Vec<String> = rules.rule.iter().flat_map(Rule::gives).collect();
        names.sort();
        names.dedup();
        let indices = |holds: &dyn Fn(&String) -> bool| {
            let found = names.iter().enumerate().filter(|(_, name)| holds(name));
            found.map(|(index, _)| index).collect()
        };
        let of_kind = |kind: &LogKind| {
            let gives: Vec<String> = kind.gives().collect();
            let needs = |name: &String| kind.needs(name) && !rules.of_sessions.contains(name);
            (indices(&|name| gives.contains(name)), indices(&needs))
        };
        let kinds = kinds.iter().map(of_kind).collect();
        Self { names, kinds }
    }

    /// Takes the requests out that lack a value, each with the name of the first that it lacks. `visits` are sorted by session and
    /// start; if `alone`, each is made without what those before it gave.
    pub(super) fn take_lacking(&self, visits: &mut Vec<LoggedRequest>, alone: bool) -> Vec<(LoggedRequest, &str)> {
        if self.kinds.iter().all(|(_, needs)| needs.is_empty()) {
            return Vec::new();
        }
        let mut lacking = Vec::new();
        let mut known = vec![false; self.names.len()];
        // What requests under way at the same time give is known when all of them are over.
        let mut coming: Vec<usize> = Vec::new();
        let mut session = None;
        visits.retain(|visit| {
            if session.replace(visit.session) != Some(visit.session) || alone {
                known.fill(false);
                coming.clear();
            }
            if !visit.is_beside() {
                coming.drain(..).for_each(|name| known[name] = true);
            }
            let Some((gives, needs)) = self.kinds.get(usize::from(visit.shape)) else {
                return true;
            };
            if let Some(name) = needs.iter().find(|name| !known[**name]) {
                lacking.push((*visit, self.names[*name].as_str()));
                return false;
            }
            coming.extend(gives);
            true
        });
        lacking
    }
}
