//! Limit on open files, of which each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything but the users' connections: files, probes, the browser's driver, the engine, the runtimes.
const OWN: u64 = 200;

/// Most descriptors that a run opens whose users have so many connections each.
pub fn descriptors_needed(users: u32, connections: u32) -> u64 {
    OWN + u64::from(users) * u64::from(connections)
}

/// Most descriptors that this process may open once its limit is raised; `None` if nothing limits them.
pub fn descriptors_allowed() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// Raises the limit to the most that this process may have. Shells often give 1,024, and allow many more. A limit that cannot be
/// raised is left: the run says so if it is met.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where the limit cannot be raised, requests without a socket tell so: they are interrupted, and the run is
    // invalid.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
}
