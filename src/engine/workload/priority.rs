//! Priority of the load thread. It must be on time, so it is preferred while it runs, if the kernel permits.
//!
//! With autogroups (`sched(7)`), a nice value counts only among the processes of one session; between sessions, such as a
//! build in another terminal, the session's own nice value counts. So both are set, and the session's is put back.

use std::fs;

/// Nice value to request: preferred, but not to the exclusion of other processes.
const NICE: i32 = -10;
const AUTOGROUP: &str = "/proc/self/autogroup";

/// Prefers the current thread and its session until dropped; without the permission nothing changes.
#[derive(Debug)]
pub(super) struct PriorityGuard {
    session_before: Option<i32>,
}

impl PriorityGuard {
    pub(super) fn current_thread() -> Self {
        // Without the permission the thread runs at normal priority, and the send lag shows the cost.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
        let before = fs::read_to_string(AUTOGROUP).ok().and_then(|text| nice_of(&text));
        let raised = before.filter(|before| is_to_be_raised(*before) && fs::write(AUTOGROUP, NICE.to_string()).is_ok());
        Self { session_before: raised }
    }
}

impl Drop for PriorityGuard {
    fn drop(&mut self) {
        if let Some(before) = self.session_before {
            // The process is about to end or to judge: nothing depends on it any more.
            let _ = fs::write(AUTOGROUP, before.to_string());
        }
    }
}

/// False for a session that is preferred already. A run beside this one may have raised it, and puts it back: if this one did as
/// well, it would put back the raised value, and the session would stay preferred for good.
fn is_to_be_raised(session: i32) -> bool {
    session > NICE
}

/// The nice value in a line such as `/autogroup-123 nice 0`.
fn nice_of(text: &str) -> Option<i32> {
    text.rsplit_once("nice ")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_session_s_nice_value_is_read() {
        assert_eq!(super::nice_of("/autogroup-123 nice -5\n"), Some(-5));
        assert_eq!(super::nice_of("garbage"), None);
    }

    #[test]
    fn a_session_that_another_run_prefers_is_left_to_it() {
        assert_eq!(
            [0, -9, super::NICE, -20].map(super::is_to_be_raised),
            [true, true, false, false]
        );
    }
}
