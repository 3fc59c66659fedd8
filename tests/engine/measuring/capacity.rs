//! A search for capacity on a stack of two services whose capacity is known: 5 ms of processor time for each request, and a
//! fifth of a core.

use std::path::Path;

use serde_json::Value;

use crate::engine::alone;
use crate::engine::isolation::shop::Shop;
use crate::engine::running::{Said, diapason};
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

/// What the only search in that folder found.
fn case(out: &Path) -> Value {
    let mut searches = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let search = searches.find(|path| path.is_dir() && !path.is_symlink()).unwrap();
    let text = std::fs::read_to_string(search.join("capacity.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["cases"][0].clone()
}

/// Why a search came to nothing.
fn undecided(said: &Said, case: &Value) -> Option<Undecided> {
    if said.exit != 3 {
        return None;
    }
    eprintln!("{}", said.text);
    let is_limited = case["found"]["end"] == "limited";
    Some(if is_limited {
        Undecided::Generator
    } else {
        Undecided::Samples
    })
}

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
    let scenario = shop.scenario();
    let (said, case) = decided(
        |(said, case): &(Said, Value)| undecided(said, case),
        || {
            let out = tempfile::tempdir().unwrap();
            let arguments = ["capacity", scenario.to_str().unwrap(), "--out"];
            let said = diapason(&[&arguments[..], &[out.path().to_str().unwrap()]].concat(), &[]);
            said.label.nothing_left();
            assert_ne!(said.exit, 2, "{}", said.text);
            let case = case(out.path());
            (said, case)
        },
    );
    assert_eq!(said.exit, 0, "{}", said.text);
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
