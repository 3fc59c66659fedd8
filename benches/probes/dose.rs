//! More of the same probes beside those of a run, so that what they cost stands out from what the machine does by itself.

use std::time::Duration;

use diapason::evidence::Observations;
use diapason::probe::{self, PreparedProbes, ProbeContext, ProbeError, Watch};
use diapason::record::Window;
use diapason::stack::{ApplicationLogSettings, Endpoints, ProxySettings};
use diapason::timer::RunClock;
use diapason::units::Ratio;
use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Plan;

/// Nginx's lines without whose they are, so that each is taken apart: an id is known to the run's own probe alone.
const ANYBODYS: &str = "$before rt=$request_time uct=\"$upstream_connect_time\" uht=\"$upstream_header_time\" \
                        urt=\"$upstream_response_time\" id=\"$after\"";
/// One in so many reads the logs of proxy and application: it takes all lines apart where the run's own takes one in three.
const READS_LOGS: u32 = 3;
/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(86_400);

/// Has the database log so many times the share of its statements, for the run's own probe.
pub(crate) fn raise(plan: &mut Plan, dose: u32) -> Result<(), Box<dyn std::error::Error>> {
    let expected = plan.summary.load.expected_requests();
    if let Some(postgres) = &mut plan.probes.postgres {
        let share = postgres.rate(expected) * f64::from(dose);
        postgres.sample_rate = Some(Ratio::fraction(share.min(1.0))?);
    }
    Ok(())
}

/// All doses but the first, which is the run's own: each looks at another moment of the second.
pub(crate) struct Beside {
    observing: Vec<JoinHandle<Observations>>,
    over: CancellationToken,
}

impl Beside {
    pub(crate) async fn start(plan: &Plan, endpoints: &Endpoints, dose: u32) -> Result<Self, ProbeError> {
        let over = CancellationToken::new();
        let judged = plan.summary.load.judged_window();
        // Half of it: what they do once at its ends is then within that of the run, whose clock starts some seconds later.
        let quarter = judged.end.saturating_sub(judged.start) / 4;
        let judged = Window {
            start: judged.start + quarter,
            end: judged.end.saturating_sub(quarter),
        };
        let prepared = join_all((1..dose).map(|number| prepare(plan, endpoints, number))).await;
        let prepared = prepared.into_iter().collect::<Result<Vec<_>, _>>()?;
        let observing = prepared.into_iter().zip(1..).map(|(probes, number)| {
            tokio::spawn(probes.observe(Watch {
                clock: RunClock::starting_in(Duration::from_secs(1) * number / dose),
                judged,
                end: FOREVER,
                stop: over.clone(),
            }))
        });
        Ok(Self {
            observing: observing.collect(),
            over: over.clone(),
        })
    }

    /// Fails where any of them saw nothing: then it cost less than it would in a run.
    pub(crate) async fn end(self) -> Result<(), Box<dyn std::error::Error>> {
        self.over.cancel();
        for observed in join_all(self.observing).await {
            let observed = observed?;
            if let Some(failure) = observed.failures.first() {
                return Err(format!("a probe beside the run's failed: {failure:?}").into());
            }
            let saw = [
                observed.postgres.is_none_or(|seen| seen.executions > 0),
                observed.proxy.is_none_or(|seen| {
                    let parts = [seen.all.application, seen.all.own];
                    parts.iter().all(Option::is_some)
                }),
                observed
                    .containers
                    .is_none_or(|seen| seen.containers.iter().all(|container| !container.points.is_empty())),
                observed
                    .front_door
                    .is_none_or(|seen| seen.slices.iter().any(|slice| slice.up)),
            ];
            if saw.contains(&false) {
                return Err(format!(
                    "a probe beside the run's saw nothing (database, proxy, containers, front door): {saw:?}"
                )
                .into());
            }
        }
        Ok(())
    }
}

async fn prepare(plan: &Plan, endpoints: &Endpoints, number: u32) -> Result<PreparedProbes, ProbeError> {
    let mut settings = plan.probes.clone();
    settings.browser = None;
    settings.proxy = settings.proxy.filter(|_| number % READS_LOGS == 1);
    let mut endpoints = endpoints.clone();
    // As if it was attached to: the server's settings are for the run's own.
    if let Some(database) = &mut endpoints.database {
        database.container = None;
    }
    let stack = plan.stack_file.proxy.clone().unwrap_or_default();
    probe::prepare(&ProbeContext {
        proxy: ProxySettings {
            log_format: Some(ANYBODYS.to_owned()),
            application: stack.application.map(|application| ApplicationLogSettings {
                id: None,
                ..application
            }),
            ..stack
        },
        ..ProbeContext::new(settings, endpoints)
    })
    .await
}
