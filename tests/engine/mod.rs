//! Tests that bring containers up. Those that measure run alone; of the others, as many at a time as there are places.

mod actions;
mod containers;
mod database;
mod docker;
mod endings;
mod examples;
mod history;
mod import;
mod isolation;
mod live;
mod maintenance;
mod measuring;
mod own;
mod page;
mod proxy;
mod running;

use std::sync::{Condvar, Mutex, PoisonError, RwLockWriteGuard};
use std::time::Duration;

/// Names of the example journeys.
pub(crate) fn examples() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/examples/journeys");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    // Journeys of pages are for the browser alone.
    let of_requests = paths.filter(|path| !std::fs::read_to_string(path).unwrap().contains("[[page]]"));
    let names = of_requests.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    names
}

/// Stacks of two or three small services that memory and processors of a small machine hold side by side.
const PLACES: usize = 4;
/// The same where something else, such as a build, has the processors: containers that share what is left starve each other.
const PLACES_OF_BUSY: usize = 2;

static TAKEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// How many places there are now.
fn places() -> usize {
    let loads = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = loads
        .split(' ')
        .next()
        .and_then(|load| load.parse().ok())
        .unwrap_or(0.0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    if load > 2.0 * cores { PLACES_OF_BUSY } else { PLACES }
}

/// Places for stacks, until it is dropped.
struct Places(usize);

impl Places {
    fn take(count: usize) -> Self {
        let mut taken = TAKEN.0.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken > 0 && *taken + count > places() {
            // A machine that has become idle tells nobody.
            let waited = TAKEN.1.wait_timeout(taken, Duration::from_secs(2));
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken += count;
        Self(count)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        *TAKEN.0.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
        TAKEN.1.notify_all();
    }
}

/// Held by a test that measures: no other one of these runs beside it.
fn alone() -> (RwLockWriteGuard<'static, ()>, Places) {
    (crate::alone(), Places::take(PLACES))
}

/// Held by a test of a small stack whose answer does not depend on how busy the machine is.
fn beside() -> Places {
    Places::take(1)
}

/// The same for a stack with an application and a database.
fn beside_large() -> Places {
    Places::take(2)
}
