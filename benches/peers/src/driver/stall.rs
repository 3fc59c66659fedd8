//! `stall`: 1,000 requests/s against a server that freezes for 1 s in every 5 s.
//!
//! Of an open stream of arrivals, 80 % are answered at once; the others wait between nothing and 1 s, all waits being
//! alike: p90 is 0.5 s, p99 0.95 s, the slowest 1 s, and a little more while the server works off what waited.

use diapason_peers::Failure;
use diapason_peers::arrivals::response_times;
use diapason_peers::quantiles::Quantiles;

use super::Site;
use super::server::{Behaviour, FreezeServer};
use super::table::{Table, number};
use crate::peer::{Load, Peer};

const RATE: u32 = 1000;
/// Two whole periods.
const SECONDS: u32 = 10;
const TRUTH: Quantiles = Quantiles {
    p50: 0.0,
    p90: 500.0,
    p99: 950.0,
    max: 1000.0,
};

/// What each reports, beside what the server saw in the same turn.
pub(crate) fn run(site: &Site) -> Table {
    let head = [
        "generator",
        "p50, ms",
        "p90, ms",
        "p99, ms",
        "max, ms",
        "the server saw p90 / p99 / max",
        "largest error",
    ];
    let mut table = Table::new(
        format!("Truth under a stall, {RATE} requests/s, 1 s frozen in every 5 s"),
        &head,
    );
    let cells = |quantiles: Quantiles| {
        [quantiles.p50, quantiles.p90, quantiles.p99, quantiles.max]
            .map(Some)
            .map(number)
    };
    let [p50, p90, p99, max] = cells(TRUTH);
    table.row(vec![
        "analytic truth".to_owned(),
        p50,
        p90,
        p99,
        max,
        "–".to_owned(),
        "–".to_owned(),
    ]);
    for peer in site.able(Load::Stall { rate: RATE }) {
        match one(site, peer) {
            Ok((reported, seen)) => {
                let [p50, p90, p99, max] =
                    reported.map_or_else(|| [const { String::new() }; 4].map(|_| number(None)), cells);
                let served = seen.map_or_else(
                    || number(None),
                    |seen| {
                        let [_, p90, p99, max] = cells(seen);
                        format!("{p90} / {p99} / {max}")
                    },
                );
                // Where the arrivals did not keep to the schedule, only the analytic truth is left.
                let error = reported.map(|reported| largest_error(reported, seen.unwrap_or(TRUTH)));
                let error = error.map_or_else(|| number(None), |error| format!("{:.1} %", 100.0 * error));
                table.row(vec![peer.name.to_owned(), p50, p90, p99, max, served, error]);
            }
            Err(error) => eprintln!("warning: {}: {error}", peer.name),
        }
    }
    table
}

/// The largest relative error of p90, p99 and the slowest.
pub(super) fn largest_error(reported: Quantiles, truth: Quantiles) -> f64 {
    let pairs = [
        (reported.p90, truth.p90),
        (reported.p99, truth.p99),
        (reported.max, truth.max),
    ];
    pairs
        .map(|(reported, truth)| (reported - truth).abs() / truth)
        .into_iter()
        .fold(0.0, f64::max)
}

fn one(site: &Site, peer: &Peer) -> Result<(Option<Quantiles>, Option<Quantiles>), Failure> {
    let behaviour = Behaviour {
        freezes: true,
        script: None,
    };
    let server = FreezeServer::start(site, &behaviour)?;
    let turn = site.turn(peer, Load::Stall { rate: RATE }, SECONDS, &server.address)?;
    let arrivals = server.stop()?;
    let planned = f64::from(RATE * SECONDS);
    let complete = (arrivals.len() as f64 - planned).abs() <= planned / 1000.0;
    let seen = complete.then(|| response_times(&arrivals, f64::from(RATE))).flatten();
    Ok(((peer.quantiles)(&turn.folder, &turn.output), seen))
}
