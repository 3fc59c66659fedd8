//! What keeps a resource from using more cores.

use serde::{Deserialize, Serialize};

/// Why a resource may use no more cores than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Its CPU limit.
    Limit,
    /// The machine's cores: it has no limit, or a higher one.
    Machine,
    /// It is the machine, which the load generator uses as well.
    Shared,
    /// Its processes run on one core each.
    Processes(Processes),
}

/// Processes of a program that runs on one core for each of them, whatever it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processes {
    /// The program.
    pub program: Program,
    /// How many of them there are.
    pub count: u32,
}

impl Processes {
    /// The cores that they can use together.
    pub fn cores(self) -> f64 {
        f64::from(self.count)
    }
}

/// A program known to run on one core for each of its processes.
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
