//! Names around a branch that runs beside others.

use super::super::scope::Scope;

/// Names around a branch that runs beside others.
pub(super) struct BranchScope {
    /// Names known before the group.
    pub(super) outer: Scope,
    /// Names that the branches extract, each with the number of its branch.
    pub(super) taken: Vec<(usize, String)>,
}
