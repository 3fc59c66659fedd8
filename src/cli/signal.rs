//! Stops a command at the first signal.

use tokio_util::sync::CancellationToken;

use super::output::Output;

/// Cancelled at the first SIGINT or SIGTERM; later ones change nothing, since the teardown must finish.
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

pub(super) async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the default action ends the process.
        _ => std::future::pending().await,
    }
}
