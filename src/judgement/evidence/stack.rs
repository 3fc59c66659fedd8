//! Changes made to the stack.

use serde::{Deserialize, Serialize};

use super::{Rewrite, SizeChange};

/// Changes made to run the stack isolated from everything else on the host; part of the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackRecord {
    /// Name of the stack file.
    pub stack: String,
    /// Name of everything this run made: `diapason-3f9a1c`.
    pub namespace: String,
    /// Rewritten names and ports, in words: `container reference-api-prod → diapason-3f9a1c-api`.
    pub rewritten: Vec<Rewrite>,
    /// Changes to the size of the stack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<SizeChange>,
    /// True if the front door's certificate was not verified (`tls.insecure`).
    #[serde(default)]
    pub unverified: bool,
    /// Environment overrides by the scenario; values of secrets are not kept.
    pub environment: Vec<(String, String)>,
    /// Service, image and image id of each container.
    pub images: Vec<(String, String, String)>,
    /// Row counts verified after seeding.
    pub seeded: Vec<(String, u64)>,
    /// Seconds that each step of bringing it up took.
    pub timings: Vec<(String, f64)>,
}
