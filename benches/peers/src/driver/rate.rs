//! `rate`: a constant rate, as the server saw it.

use diapason_peers::Failure;
use diapason_peers::arrivals::{Precision, precision};
use diapason_peers::quantiles::median;

use super::closed::Costs;
use super::server::{Behaviour, FreezeServer};
use super::table::{Table, number};
use super::{Site, in_turn};
use crate::peer::{FLOOR, Load, Peer};

const HEAD: [&str; 7] = [
    "generator",
    "deviation p50, µs",
    "p99, µs",
    "largest burst in 1 ms",
    "arrived of planned",
    "CPU µs/request",
    "ratio to the floor",
];

#[derive(Default)]
struct Row {
    precision: Vec<Precision>,
    costs: Costs,
}

/// Deviation from the ideal schedule and CPU per request of each, for every rate asked for.
pub(crate) fn run(site: &Site) -> String {
    let tables: Vec<String> = site.rates.iter().map(|&rate| at(site, rate).to_string()).collect();
    tables.join("\n")
}

fn at(site: &Site, rate: u32) -> Table {
    let seconds = site.seconds.unwrap_or(10);
    let load = Load::Rate { rate };
    let peers = site.able(load);
    let mut rows: Vec<Row> = peers.iter().map(|_| Row::default()).collect();
    for round in 0..site.rounds {
        for (index, peer) in in_turn(&peers, round) {
            if let Err(error) = one(site, peer, rate, seconds, &mut rows[index]) {
                eprintln!("warning: {}: {error}", peer.name);
                rows[index].costs.processor.push(None);
            }
        }
    }
    let floor = peers.iter().position(|peer| peer.name == FLOOR);
    let mut table = Table::new(format!("Constant rate, {rate} requests/s for {seconds} s"), &HEAD);
    for (peer, row) in peers.iter().zip(&rows) {
        let of = |value: fn(&Precision) -> f64| number(median(row.precision.iter().map(value).collect()));
        let planned = f64::from(rate) * f64::from(seconds);
        let arrived = median(row.precision.iter().map(|precision| precision.count as f64).collect());
        table.row(vec![
            peer.name.to_owned(),
            of(|precision| precision.p50),
            of(|precision| precision.p99),
            of(|precision| precision.burst as f64),
            arrived.map_or_else(
                || "–".to_owned(),
                |arrived| format!("{:.1} %", 100.0 * arrived / planned),
            ),
            number(row.costs.processor()),
            number(floor.and_then(|floor| row.costs.ratio_to(&rows[floor].costs))),
        ]);
    }
    table
}

fn one(site: &Site, peer: &Peer, rate: u32, seconds: u32, row: &mut Row) -> Result<(), Failure> {
    let server = FreezeServer::start(site, &Behaviour::default())?;
    let turn = site.turn(peer, Load::Rate { rate }, seconds, &server.address)?;
    let arrivals = server.stop()?;
    if arrivals.is_empty() {
        return Err("sent nothing".into());
    }
    row.costs
        .processor
        .push(Some(turn.used.processor / arrivals.len() as f64));
    row.precision.push(precision(&arrivals, f64::from(rate)));
    Ok(())
}
