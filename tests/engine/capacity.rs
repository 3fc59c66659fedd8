//! A search for capacity on a stack of two services whose capacity is known: 5 ms of processor time for each request, and a
//! fifth of a core.

use serde_json::Value;

use super::alone;
use super::isolation::shop::Shop;
use super::running::{Said, diapason};
use crate::repetition::{Undecided, decided};

/// Processor limit of the application, in cores. It is so low that a busy machine still gives that much.
const LIMIT: f64 = 0.2;

const APP: &str = r"
const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
require('http').createServer((_, answer) => {
  const begun = used();
  while (used() - begun < 5e3);
  answer.end('ok');
}).listen(8080);";

#[test]
fn a_known_capacity_is_bracketed_and_what_limits_it_is_named() {
    let _alone = alone();
    let shop = Shop::pair_of("measured-out", APP, "cpus: 0.2");
    shop.last("4s");
    // Half the users at least wait longer than any machine lets them where the queue grows by as many as are served.
    shop.change(
        "target = '1s'\nacceptable = '2s'",
        "target = '300ms'\nacceptable = '600ms'",
    );
    shop.change(
        "[probes.containers]",
        "[capacity]\nfrom = '15/s'\nmax-rate = '500/s'\ngrowth = 3.0\nprecision = '90 %'\nlongest = 2\nrest = '300ms'\n\
         think = '100ms'\n[probes.containers]",
    );
    let (scenario, out) = (shop.scenario(), tempfile::tempdir().unwrap());
    let (scenario, folder) = (scenario.to_str().unwrap(), out.path().to_str().unwrap());
    let said = decided(
        |said: &Said| (said.exit == 3).then_some(Undecided::Samples),
        || diapason(&["capacity", scenario, "--out", folder], &[]),
    );
    said.label.nothing_left();
    assert_eq!(said.exit, 0, "{}", said.text);
    let mut searches: Vec<_> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    searches.sort();
    let text = std::fs::read_to_string(searches.last().unwrap().join("capacity.json")).unwrap();
    let case = &serde_json::from_str::<Value>(&text).unwrap()["cases"][0];
    let found = |end: &str| case["found"][end].as_f64().unwrap();
    assert_eq!(case["found"]["end"], "bracketed", "{}", said.text);
    let mut demands = case["demands"].as_array().unwrap().iter();
    let app = demands.find(|demand| demand["name"] == "app").unwrap();
    // Beside its own 5 ms, what a request costs the runtime and the kernel.
    let seconds = app["seconds"]["point"].as_f64().unwrap();
    assert!((0.0045..0.01).contains(&seconds), "{app}");
    let capacity = LIMIT / seconds;
    assert!(
        found("holds") < 1.1 * capacity && found("broken") > 0.8 * capacity,
        "{capacity} a second: {}",
        said.text
    );
    assert_eq!(
        (&app["cores"], &app["because"]),
        (&LIMIT.into(), &"limit".into()),
        "{app}"
    );
}
