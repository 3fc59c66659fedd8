//! Options of the command line that change a plan.

use std::sync::Arc;

use super::ReplayLoad;

/// Options of the command line, which take precedence over the scenario file.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// `--set KEY=VALUE`, in order.
    pub overrides: Vec<(String, String)>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--tag K=V`, in order.
    pub tags: Vec<(String, String)>,
    /// `--target URL`: attach to this front door instead of bringing the stack up.
    pub target: Option<String>,
    /// `--i-own HOST`: hosts that are the user's own, production or not.
    pub own_hosts: Vec<String>,
    /// `--profile NAME`: hold the stack to that machine of its stack file.
    pub profile: Option<String>,
    /// `--scale-profile`: shrink a profile that is larger than the host.
    pub scale_profile: bool,
    /// Users that have a session already and need not log in.
    pub logged_in: u32,
    /// A record that is replayed in place of the scenario's phases.
    pub replay: Option<Arc<ReplayLoad>>,
}
