//! Tests that bring containers up. Those that measure run alone; of the others, two at a time.

mod capacity;
mod containers;
mod database;
mod docker;
mod endings;
mod examples;
mod faults;
mod history;
mod isolation;
mod live;
mod maintenance;
mod own;
mod page;
mod proxy;
mod running;
mod stack;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Names of the example journeys.
pub(crate) fn examples() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/examples/journeys");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    names
}

/// Stacks that memory and processors of a small machine hold side by side.
const AT_ONCE: usize = 2;

static FREE: (Mutex<usize>, Condvar) = (Mutex::new(AT_ONCE), Condvar::new());

/// Places for stacks, until it is dropped.
struct Places(usize);

impl Places {
    fn take(count: usize) -> Self {
        let free = FREE.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = FREE.1.wait_while(free, |free| *free < count);
        *waited.unwrap_or_else(PoisonError::into_inner) -= count;
        Self(count)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        *FREE.0.lock().unwrap_or_else(PoisonError::into_inner) += self.0;
        FREE.1.notify_all();
    }
}

/// Held by a test that measures: no other one of these runs beside it.
fn alone() -> (MutexGuard<'static, ()>, Places) {
    (crate::alone(), Places::take(AT_ONCE))
}

/// Held by a test whose answer does not depend on how busy the machine is.
fn beside() -> Places {
    Places::take(1)
}
