//! Stops a command at the first signal.

use std::sync::LazyLock;

use tokio_util::sync::CancellationToken;

use super::output::Output;

/// Cancelled at the first SIGINT, SIGTERM or SIGHUP (the terminal was closed); later ones change nothing, since the teardown must finish.
pub(super) fn stop_on_signal(output: Output) -> CancellationToken {
    // Goose, which runs the users of closed phases, installs a handler that exits at the second Ctrl-C. A process has room
    // for one such handler: while this one is installed, goose's is refused. It must be installed before our own listeners,
    // which go on calling it; installed after them, it would replace them.
    let _ = ctrlc::set_handler(|| {});
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        output.say("interrupted: saving what there is and taking the stack down …");
        cancel.cancel();
        loop {
            wait_for_signal().await;
            output.say("still taking the stack down …");
        }
    });
    stop
}

/// True if this process was started with SIGHUP ignored; read before the first handler is installed.
static HANGUP_IGNORED: LazyLock<bool> = LazyLock::new(|| {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_hangup_ignored(&status)
});

/// Bit of signal 1 in the mask of ignored signals.
fn is_hangup_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

pub(super) async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let hangup = async {
        // A program started by `nohup` ignores it, and must go on doing so.
        let listening = (!*HANGUP_IGNORED).then(|| signal(SignalKind::hangup()));
        match listening {
            Some(Ok(mut hangup)) => hangup.recv().await,
            _ => std::future::pending().await,
        }
    };
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup => {}
            }
        }
        // Without handlers the default action ends the process.
        _ => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_known_from_the_mask() {
        for (mask, ignored) in [
            ("0000000000000001", true),
            ("0000000000001001", true),
            ("0000000000001000", false),
            ("", false),
        ] {
            assert_eq!(
                is_hangup_ignored(&format!("Name:\tdiapason\nSigIgn:\t{mask}\nSigCgt:\t0\n")),
                ignored,
                "{mask}"
            );
        }
    }
}
