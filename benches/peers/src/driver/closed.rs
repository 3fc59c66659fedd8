//! `closed`: 64 keep-alive connections as fast as they go.

use diapason_peers::Failure;
use diapason_peers::quantiles::median;

use super::server::Nginx;
use super::table::{Table, number};
use super::{Site, in_turn};
use crate::peer::{FLOOR, Load, Peer};

const CONNECTIONS: u32 = 64;

/// What one generator's turns yielded, a value a round.
#[derive(Default)]
pub(super) struct Costs {
    pub(super) processor: Vec<Option<f64>>,
    pub(super) rate: Vec<f64>,
    pub(super) memory: Vec<f64>,
}

impl Costs {
    pub(super) fn ratio_to(&self, floor: &Self) -> Option<f64> {
        let both = self.processor.iter().zip(&floor.processor);
        median(both.filter_map(|(own, floor)| Some((*own)? / (*floor)?)).collect())
    }

    pub(super) fn processor(&self) -> Option<f64> {
        median(self.processor.iter().copied().flatten().collect())
    }
}

/// CPU per request of each, and its ratio to the floor of the same round.
pub(crate) fn run(site: &Site) -> Result<Table, Failure> {
    let load = Load::Closed {
        connections: CONNECTIONS,
    };
    let (peers, costs) = turns(site, load, site.seconds.unwrap_or(10), site.rounds)?;
    let title = format!("Closed loop, {CONNECTIONS} connections");
    let head = [
        "generator",
        "CPU µs/request",
        "ratio to the floor",
        "requests/s",
        "peak MB",
    ];
    let mut table = Table::new(title, &head);
    let floor = peers.iter().position(|peer| peer.name == FLOOR);
    for (peer, cost) in peers.iter().zip(&costs) {
        table.row(vec![
            peer.name.to_owned(),
            number(cost.processor()),
            number(floor.and_then(|floor| cost.ratio_to(&costs[floor]))),
            number(median(cost.rate.clone())),
            number(median(cost.memory.clone())),
        ]);
    }
    Ok(table)
}

/// Lets every able generator have its turns against Nginx, which counts the requests.
pub(super) fn turns(
    site: &Site,
    load: Load,
    seconds: u32,
    rounds: usize,
) -> Result<(Vec<&'static Peer>, Vec<Costs>), Failure> {
    let peers = site.able(load);
    let mut costs: Vec<Costs> = peers.iter().map(|_| Costs::default()).collect();
    let nginx = Nginx::start(site)?;
    for round in 0..rounds {
        for (index, peer) in in_turn(&peers, round) {
            let before = nginx.answered()?;
            let turn = match site.turn(peer, load, seconds, &nginx.address) {
                Ok(turn) => turn,
                Err(error) => {
                    eprintln!("warning: {}: {error}", peer.name);
                    costs[index].processor.push(None);
                    continue;
                }
            };
            // Asking is a request itself.
            let answered = (nginx.answered()? - before).saturating_sub(1) as f64;
            let cost = &mut costs[index];
            cost.processor
                .push((answered > 0.0).then_some(turn.used.processor / answered));
            cost.rate.push(answered / f64::from(seconds));
            cost.memory.push(turn.used.memory);
        }
    }
    Ok((peers, costs))
}
