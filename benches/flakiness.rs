//! How often the gate is wrong: the tables of docs/methodology.md. `cargo bench --bench flakiness [-- RUNS]`.
#![allow(missing_docs, reason = "a program, not a library")]
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod simulation;

use simulation::{Bursts, Kind, Tally, tally, tally_auto};

/// Runs per cell where the command line does not say.
const RUNS: u32 = 1_000;

fn main() {
    let runs = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(RUNS);
    println!("{runs} virtual runs a line: p95 < 100 ms, 50 requests/s\n");
    println!("| length | bursts | lag-1 | true p95 | PASS | missed | undecided | INVALID |");
    println!("|---|---|---|---|---|---|---|---|");
    for (seconds, bursts) in [
        (60, Bursts::Autoregressive),
        (300, Bursts::Autoregressive),
        (60, Bursts::OnOff),
    ] {
        for lag1 in [0.0, 0.5, 0.9, 0.98] {
            for over in [-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2] {
                let kind = Kind {
                    bursts,
                    lag1,
                    over,
                    seconds,
                    rate: 50,
                };
                let found = tally(kind, if seconds > 60 { runs / 5 } else { runs });
                println!("| {seconds} s | {} {}", name(bursts), line(kind, &found));
            }
        }
    }
    println!("\nduration = \"auto\", at-most = \"10m\"\n");
    println!("| bursts | lag-1 | true p95 | PASS | missed | undecided | INVALID | mean length |");
    println!("|---|---|---|---|---|---|---|---|");
    for bursts in [Bursts::Autoregressive, Bursts::OnOff] {
        for lag1 in [0.0, 0.9, 0.98] {
            for over in [-0.5, -0.2, 0.0, 0.2, 0.5] {
                let kind = Kind {
                    bursts,
                    lag1,
                    over,
                    seconds: 600,
                    rate: 50,
                };
                let found = tally_auto(kind, runs / 5);
                let mean = found.seconds as f64 / f64::from(found.runs.max(1));
                println!("| {} {} {mean:.0} s |", name(bursts), line(kind, &found));
            }
        }
    }
}

fn name(bursts: Bursts) -> &'static str {
    match bursts {
        Bursts::Autoregressive => "AR(1)",
        Bursts::OnOff => "on/off",
    }
}

fn line(kind: Kind, found: &Tally) -> String {
    let percent = |count| format!("{:.1} %", 100.0 * found.share(count));
    format!(
        "| {} | {:+.0} % | {} | {} | {} | {} |",
        kind.lag1,
        100.0 * kind.over,
        percent(found.passed),
        percent(found.missed),
        percent(found.undecided),
        percent(found.invalid)
    )
}
