//! `oracle`: scripted delays, and what each generator reports against a sorted list of what the server did.

use diapason_peers::Failure;
use diapason_peers::arrivals::response_times;
use diapason_peers::quantiles::Quantiles;

use super::Site;
use super::server::{Behaviour, FreezeServer};
use super::stall::largest_error;
use super::table::{Table, number};
use crate::peer::{Load, Peer};

const RATE: u32 = 500;
const SECONDS: u32 = 2;

/// Delays in µs from 5 ms upwards with a long tail, in an order that mixes them.
fn script() -> String {
    let count = 1000_u32;
    let delay = |rank: u32| {
        let tail = f64::from(count) / f64::from(count - rank);
        5000.0 + 1500.0 * (tail.ln() + 0.05 * tail)
    };
    // 371 shares no factor with 1,000, so every rank comes once.
    let lines: Vec<String> = (0..count)
        .map(|index| format!("{:.0}", delay(index * 371 % count)))
        .collect();
    lines.join("\n")
}

/// What each reports, what the server did, and the largest relative error.
pub(crate) fn run(site: &Site) -> Table {
    let head = [
        "generator",
        "reported p50 / p90 / p99 / max, ms",
        "the server did",
        "largest error",
    ];
    let mut table = Table::new(format!("Scripted delays, {RATE} requests/s"), &head);
    let text = |quantiles: Quantiles| {
        let Quantiles { p50, p90, p99, max } = quantiles;
        [p50, p90, p99, max].map(|value| format!("{value:.2}")).join(" / ")
    };
    for peer in site.able(Load::Rate { rate: RATE }) {
        match one(site, peer) {
            Ok((Some(reported), Some(done))) => {
                let error = largest_error(reported, done).max((reported.p50 - done.p50).abs() / done.p50);
                table.row(vec![
                    peer.name.to_owned(),
                    text(reported),
                    text(done),
                    format!("{:.2} %", 100.0 * error),
                ]);
            }
            Ok((reported, done)) => {
                let cell = |quantiles: Option<Quantiles>| quantiles.map_or_else(|| number(None), text);
                table.row(vec![peer.name.to_owned(), cell(reported), cell(done), number(None)]);
            }
            Err(error) => eprintln!("warning: {}: {error}", peer.name),
        }
    }
    table
}

fn one(site: &Site, peer: &Peer) -> Result<(Option<Quantiles>, Option<Quantiles>), Failure> {
    let path = site.turn_folder("script")?.join("delays");
    std::fs::write(&path, script())?;
    let behaviour = Behaviour {
        freezes: false,
        script: Some(path),
    };
    let server = FreezeServer::start(site, &behaviour)?;
    let turn = site.turn(peer, Load::Rate { rate: RATE }, SECONDS, &server.address)?;
    let arrivals = server.stop()?;
    Ok((
        (peer.quantiles)(&turn.folder, &turn.output),
        response_times(&arrivals, f64::from(RATE)),
    ))
}
