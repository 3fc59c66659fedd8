//! Stops a command at the first signal.

use std::sync::LazyLock;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::output::Output;

/// Cancelled at the first SIGINT, SIGTERM, SIGHUP (the terminal was closed) or SIGQUIT; later ones change nothing, since the teardown
/// must finish.
pub(super) fn stop_on_signal(output: Output) -> CancellationToken {
    // Goose, which runs the users of closed phases, installs a handler that exits at the second Ctrl-C. A process has room
    // for one such handler: while this one is installed, goose's is refused. It must be installed before our own listeners,
    // which go on calling it; installed after them, it would replace them.
    let _ = ctrlc::set_handler(|| {});
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        // Before anything is printed: whoever reads the messages may have stopped reading.
        cancel.cancel();
        output.say("interrupted: saving what there is and taking the stack down …");
        loop {
            wait_for_signal().await;
            output.say("still taking the stack down …");
        }
    });
    stop
}

/// Signals that this process was started with as ignored; read before the first handler is installed.
static IGNORED: LazyLock<u64> = LazyLock::new(|| {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_signals(&status)
});

/// Mask of ignored signals, whose bit n is signal n + 1.
fn ignored_signals(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}

fn is_ignored(mask: u64, signal: SignalKind) -> bool {
    mask >> (signal.as_raw_value() - 1) & 1 == 1
}

/// Waits for a signal of that kind; forever if the process was started with it ignored, as `nohup` does, or it cannot be waited
/// for, so that its default action ends the process.
async fn received(kind: SignalKind) {
    let listening = (!is_ignored(*IGNORED, kind)).then(|| signal(kind));
    match listening {
        Some(Ok(mut listener)) => drop(listener.recv().await),
        _ => std::future::pending().await,
    }
}

pub(super) async fn wait_for_signal() {
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = received(SignalKind::hangup()) => {}
                () = received(SignalKind::quit()) => {}
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
    fn signals_ignored_from_the_start_are_known_from_the_mask() {
        for (mask, hangup, quit) in [
            ("0000000000000001", true, false),
            ("0000000000001005", true, true),
            ("0000000000001004", false, true),
            ("0000000000001000", false, false),
            ("", false, false),
        ] {
            let mask = ignored_signals(&format!("Name:\tdiapason\nSigIgn:\t{mask}\nSigCgt:\t0\n"));
            let ignored = [SignalKind::hangup(), SignalKind::quit()].map(|kind| is_ignored(mask, kind));
            assert_eq!(ignored, [hangup, quit], "{mask:x}");
        }
    }
}
