//! Inputs of the rewriting, besides the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::stack::StackFile;

/// Inputs of the rewriting, besides the configuration.
#[derive(Debug)]
pub(super) struct RewriteInputs<'a> {
    pub(super) file: &'a StackFile,
    pub(super) namespace: &'a str,
    pub(super) labels: &'a BTreeMap<String, String>,
    /// The command of each service's image, for services with appended arguments whose file has no command.
    pub(super) image_commands: &'a BTreeMap<String, Vec<String>>,
    /// Libraries that database servers preload already, by service, where the stack file appends some.
    pub(super) preloaded: &'a BTreeMap<String, Vec<String>>,
    /// A file to mount in place of the service's own: service, target, source.
    pub(super) replaced: Option<(&'a str, &'a str, String)>,
    /// Copies of mounts that are written to: (path on the host, its copy).
    pub(super) copies: &'a [(PathBuf, PathBuf)],
    /// True if published ports are chosen here, not by the engine at each start.
    pub(super) fixed_ports: bool,
    /// Files with the content of secrets and configs that is made up, by their key.
    pub(super) made_up: &'a BTreeMap<String, PathBuf>,
}
