//! `diapason setup`: installs and starts what a run needs.

use super::Exit;
use super::output::Output;
use crate::shipped::set_up;

/// Parts that the script knows and that a run may need.
pub(super) const PARTS: [&str; 3] = ["docker", "images", "browser"];

pub(super) fn setup(parts: Vec<String>, output: Output) -> Exit {
    let parts = if parts.is_empty() {
        PARTS.map(str::to_owned).to_vec()
    } else {
        parts
    };
    match set_up(&parts) {
        Ok(status) if status.success() => Exit::Met,
        Ok(_) => Exit::CouldNot,
        Err(error) => output.fail(&error),
    }
}
