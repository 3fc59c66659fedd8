//! `memory`: peak resident memory with few and with many connections, and with users that only exist.

use diapason_peers::Failure;
use diapason_peers::quantiles::median;

use super::Site;
use super::closed::turns;
use super::table::{Table, number};
use crate::peer::{Load, PEERS};

/// Peak memory of each; one turn a load, for it hardly varies.
pub(crate) fn run(site: &Site) -> Result<Table, Failure> {
    let seconds = site.seconds.unwrap_or(2);
    let loads = [
        Load::Closed { connections: 64 },
        Load::Closed { connections: 5000 },
        Load::Connected { users: 5000 },
        Load::Idle { users: 50_000 },
    ];
    let mut cells: Vec<Vec<String>> = PEERS.iter().map(|peer| vec![peer.name.to_owned()]).collect();
    for load in loads {
        let (peers, costs) = turns(site, load, seconds, 1)?;
        for (row, peer) in cells.iter_mut().zip(PEERS) {
            let cost = (peers.iter().position(|able| able.name == peer.name)).map(|index| &costs[index]);
            row.push(number(cost.and_then(|cost| median(cost.memory.clone()))));
            if load == (Load::Closed { connections: 5000 }) {
                row.push(number(cost.and_then(super::closed::Costs::processor)));
            }
        }
    }
    let head = [
        "generator",
        "64 connections, MB",
        "5,000 connections, MB",
        "CPU µs/request at 5,000",
        "5,000 connected users at 2,500/s, MB",
        "50,000 idle users, MB",
    ];
    let mut table = Table::new("Peak memory", &head);
    for row in cells {
        if row.iter().skip(1).any(|cell| cell != "–") {
            table.row(row);
        }
    }
    Ok(table)
}
