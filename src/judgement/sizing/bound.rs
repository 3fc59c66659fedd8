//! Bounds on the cores that a resource may use.

use serde::{Deserialize, Serialize};

/// The bound on the cores that a resource may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Its CPU limit.
    Limit,
    /// The machine's cores: it has no limit, or a higher one.
    Machine,
    /// The resource is the machine, which the load generator uses as well.
    Shared,
    /// Its processes run on one core each.
    Processes(Processes),
}

/// Processes of a program that uses at most one core for each of them, regardless of its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processes {
    /// The program.
    pub program: Program,
    /// Number of processes.
    pub count: u32,
}

impl Processes {
    /// The cores that they can use together.
    pub fn cores(self) -> f64 {
        f64::from(self.count)
    }
}

/// A program known to use at most one core for each of its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// Node.
    Node,
    /// Redis.
    Redis,
    /// A worker of Nginx.
    Nginx,
}
