//! A goose attack with everything off but its users: no metrics, logs, controllers, reports, requests or printed output.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction, TransactionResult};
use goose::{GooseAttack, GooseError};
use send_wrapper::SendWrapper;

use super::Crowd;
use crate::journey::Think;
use crate::timer;

/// Goose wants a host; no request is ever sent through its client.
const HOST: &str = "http://goose.invalid/";
/// Users that goose starts per second. In effect all are there at once, and each waits for its turn by our own clock. Goose
/// does not pause between users that are due, and the other tasks of the load thread run only in pauses.
const AT_ONCE: &str = "10000";

/// Log level of the process before the first attack.
static LEVEL: OnceLock<log::LevelFilter> = OnceLock::new();

/// Return type of a goose transaction.
pub(super) type TransactionFuture<'a> = Pin<Box<dyn Future<Output = TransactionResult> + Send + 'a>>;

/// Logger that discards goose's messages, unless the process has a logger of its own.
struct SilentLogger;

impl log::Log for SilentLogger {
    fn enabled(&self, _metadata: &log::Metadata) -> bool {
        false
    }

    fn log(&self, _record: &log::Record) {}

    fn flush(&self) {}
}

/// Builds an attack with the crowd's largest number of users. They begin at `start` and call `transaction` repeatedly.
///
/// Everything goose prepares, it prepares before `start`: its `test_start` transaction then waits for that instant.
pub(super) fn attack<F>(crowd: &Crowd, start: Instant, transaction: F) -> Result<GooseAttack, GooseError>
where
    F: for<'a> Fn(&'a mut GooseUser) -> TransactionFuture<'a> + Send + Sync + 'static,
{
    // Goose brings a logger that prints. Only one can be set per process: if this one is first, goose's is refused.
    let _ = log::set_logger(&SilentLogger);
    let level = *LEVEL.get_or_init(log::max_level);
    let wait: TransactionFunction = Arc::new(move |_user| {
        Box::pin(SendWrapper::new(async move {
            // Goose has raised the level for its own logger.
            log::set_max_level(level);
            timer::sleep_until(start).await;
            Ok(())
        }))
    });
    let mut scenario = Scenario::new("journeys").register_transaction(Transaction::new(Arc::new(transaction)));
    if let Some((low, high)) = crowd.think.map(Think::range) {
        scenario = scenario.set_wait_time(low.get(), high.get())?;
    }
    // A client that checks certificates cannot be built if the system has none; this one is never used.
    let client = GooseClientBuilder::new().without_cookies().accept_invalid_certs(true);
    GooseAttack::initialize_with_config(configuration(crowd))?
        .set_client_builder_without_cookies(client)
        .map(|attack| attack.test_start(Transaction::new(wait)).register_scenario(scenario))
}

/// Configuration of goose. It has no test plan: with one, goose prints a line that cannot be turned off.
fn configuration(crowd: &Crowd) -> GooseConfiguration {
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(HOST.to_owned());
    configuration.users = usize::try_from(crowd.users()).ok();
    configuration.increase_rate = Some(AT_ONCE.to_owned());
    configuration.no_metrics = true;
    configuration.no_print_metrics = true;
    configuration.no_telnet = true;
    configuration.quiet = 2;
    configuration
}
