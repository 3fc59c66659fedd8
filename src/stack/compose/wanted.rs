//! What the rewriting needs beside the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::stack::StackFile;

/// What the rewriting needs beside the configuration.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) file: &'a StackFile,
    pub(super) namespace: &'a str,
    pub(super) labels: &'a BTreeMap<String, String>,
    /// The command of the image of each service, where arguments are appended and the file has no command.
    pub(super) image_commands: &'a BTreeMap<String, Vec<String>>,
    /// A file to mount in place of the one the service has: service, target, source.
    pub(super) replaced: Option<(&'a str, &'a str, String)>,
    /// Copies of what is mounted writable: (path on the host, its copy).
    pub(super) copies: &'a [(PathBuf, PathBuf)],
}
