//! The export of one run's metrics, from its plan to its last second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::receiver::Receiver;
use super::totals::Totals;
use super::{MetricsError, MetricsPlan, Target, listener};
use crate::record::{Progress, SecondCounts};
use crate::stack::ProgressSender;

/// Time from one push to the next.
const EVERY: Duration = Duration::from_secs(1);

/// The export of one run's metrics.
#[derive(Debug)]
pub struct MetricsExport {
    counting: JoinHandle<()>,
    sending: Vec<JoinHandle<()>>,
    listening: Vec<JoinHandle<()>>,
}

impl MetricsExport {
    /// Listens on addresses and finds hosts, which may fail, then exports every second, zeros included. Returns the sender of the
    /// run's seconds; the export ends once it is dropped.
    pub async fn start(
        targets: &[Target],
        plan: MetricsPlan,
        progress: watch::Receiver<Progress>,
        talk: &ProgressSender,
    ) -> Result<(Self, UnboundedSender<SecondCounts>), MetricsError> {
        let scenario = plan.scenario.clone();
        let totals = Arc::new(Mutex::new(Totals::new(plan)));
        let (mut listeners, mut receivers) = (Vec::new(), Vec::new());
        for target in targets {
            match target {
                // Before the run: an address that is in use is to fail at once and not after a stack has come up.
                Target::Listen(address) => listeners.push(listener::bind(*address).await?),
                Target::Push(protocol, url) => receivers.push(Receiver::find(*protocol, url, &scenario).await?),
            }
        }
        // Unbounded, because whoever sends is the recorder, which must never wait for monitoring. A second is a few
        // kilobytes.
        let (seconds, incoming) = unbounded_channel();
        let (over, ended) = watch::channel(false);
        let sending = receivers
            .into_iter()
            .map(|receiver| tokio::spawn(push(receiver, Arc::clone(&totals), ended.clone(), talk.clone())));
        let listening = listeners
            .into_iter()
            .map(|listener| tokio::spawn(listener::listen(listener, Arc::clone(&totals))));
        let exporting = Self {
            sending: sending.collect(),
            listening: listening.collect(),
            counting: tokio::spawn(count(incoming, progress, totals, over)),
        };
        Ok((exporting, seconds))
    }

    /// Waits until the last second was pushed, and stops listening. The sender of the seconds must have been dropped.
    pub async fn finish(self) {
        // A task that died has exported what it could.
        let _ = self.counting.await;
        for sending in self.sending {
            let _ = sending.await;
        }
        for listening in self.listening {
            // A listener never ends by itself. It is ended last, so that a scraper may still read the final totals.
            listening.abort();
        }
    }
}

/// Adds the seconds as they come; `over` is true after the last one.
async fn count(
    mut incoming: UnboundedReceiver<SecondCounts>,
    progress: watch::Receiver<Progress>,
    totals: Arc<Mutex<Totals>>,
    over: watch::Sender<bool>,
) {
    while let Some(counts) = incoming.recv().await {
        let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.add(counts);
        totals.show(&progress.borrow());
    }
    // A receiver that is gone is no error.
    let _ = over.send(true);
}

/// Pushes every second, and once more after the last one.
async fn push(receiver: Receiver, totals: Arc<Mutex<Totals>>, mut ended: watch::Receiver<bool>, talk: ProgressSender) {
    let mut ticks = interval(EVERY);
    // A slow receiver gets the newest totals: they hold all that the skipped pushes would have told.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut failed = 0_u32;
    loop {
        let last = tokio::select! {
            _ = ticks.tick() => false,
            // The guard of the value must not outlive the wait.
            () = async { drop(ended.wait_for(|ended| *ended).await) } => true,
        };
        let now = totals.lock().unwrap_or_else(PoisonError::into_inner).figures();
        if let Err(error) = receiver.push(&now).await {
            failed += 1;
            // Once, since a receiver that is away would else fill the terminal with a line each second.
            if failed == 1 {
                talk.say(format!("metrics: {} takes none: {error}", receiver.host));
            }
        }
        if last {
            if failed > 1 {
                talk.say(format!("metrics: {failed} pushes to {} failed", receiver.host));
            }
            return;
        }
    }
}
