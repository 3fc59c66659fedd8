//! A search for capacity on a stack of two services whose capacity is known: 10 ms of processor time for each request, and half a
//! core.

use super::alone;
use super::isolation::shop::Shop;
use super::running::diapason;

/// Requests per second that half a core can do.
const CAPACITY: f64 = 50.0;

const APP: &str = r"
require('http').createServer((_, answer) => {
  const begun = process.cpuUsage().user;
  while (process.cpuUsage().user - begun < 1e4);
  answer.end('ok');
}).listen(8080);";

#[test]
fn a_known_capacity_is_bracketed_and_what_limits_it_is_named() {
    let _alone = alone();
    let shop = Shop::pair_of("measured-out", APP, "cpus: 0.5");
    shop.change("count = 2", "count = 10");
    shop.change(
        "[probes.containers]",
        "[capacity]\nfrom = '15/s'\nmax-rate = '500/s'\ngrowth = 3.0\nprecision = '150 %'\nlongest = 2\nrest = '300ms'\n\
         think = '100ms'\n[probes.containers]",
    );
    let out = tempfile::tempdir().unwrap();
    let scenario = shop.scenario();
    let said = diapason(
        &[
            "capacity",
            scenario.to_str().unwrap(),
            "--out",
            out.path().to_str().unwrap(),
        ],
        &[],
    );
    said.label.nothing_left();
    panic!("{}", said.text);
}
