//! Ports of this machine that are free and stay so.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::time::SystemTime;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Ports below those from which the kernel and the engine take one for whoever names none.
pub(super) const PORTS: Range<u16> = 20_000..32_000;
/// Most ports that are tried.
const TRIES: usize = 200;

/// A free port on the loopback address; `None` if none was found.
pub(super) fn free_port() -> Option<u16> {
    // At random: two runs that begin at the same time must not agree on one.
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let mut random = SmallRng::seed_from_u64(u64::from(now.subsec_nanos()) << 32 | u64::from(std::process::id()));
    let mut tried = (0..TRIES).map(|_| random.random_range(PORTS));
    tried.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_not_chosen() {
        let port = free_port().unwrap();
        assert!(PORTS.contains(&port));
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert!((0..50).all(|_| free_port() != Some(port)));
        drop(taken);
    }
}
