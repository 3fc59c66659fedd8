//! How often the gate is wrong: the tables of docs/measurements/gate-errors.md. `cargo bench --bench flakiness [-- RUNS [fixed|other|auto]]`.
#![allow(missing_docs, reason = "a program, not a library")]
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod simulation;

use simulation::{Bursts, Kind, Tally, tally, tally_auto};

/// Runs per line where the command line does not say.
const RUNS: u32 = 2_000;

/// A part of the tables, made of that many runs a line.
type Part = fn(u32);

/// What most lines have in common.
const KIND: Kind = Kind {
    bursts: Bursts::Autoregressive,
    lag1: 0.0,
    over: 0.0,
    seconds: 60,
    rate: 50,
    quantile: 0.95,
};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runs = words.iter().find_map(|word| word.parse().ok()).unwrap_or(RUNS);
    let parts: [(&str, Part); 3] = [("fixed", fixed), ("other", other), ("auto", auto)];
    let wanted = |name: &str| words.iter().any(|word| word == name);
    let all = !parts.iter().any(|(name, _)| wanted(name));
    for (name, part) in parts {
        if all || wanted(name) {
            part(runs);
        }
    }
}

/// The kinds of bursts the rules were chosen on.
fn fixed(runs: u32) {
    println!("p95 < 100 ms, 50 requests/s, {runs} runs a line\n");
    println!("| length | bursts | lag-1 | true p95 | PASS | missed | undecided |");
    println!("|---|---|---|---|---|---|---|");
    for (seconds, bursts) in [
        (60, Bursts::Autoregressive),
        (300, Bursts::Autoregressive),
        (60, Bursts::OnOff),
        (300, Bursts::OnOff),
    ] {
        for lag1 in [0.0, 0.9, 0.98] {
            for over in [-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2] {
                let kind = Kind {
                    bursts,
                    lag1,
                    over,
                    seconds,
                    ..KIND
                };
                println!(
                    "| {seconds} s | {} | {lag1} {}",
                    name(bursts),
                    line(kind, &tally(kind, runs))
                );
            }
        }
    }
}

/// Kinds the rules were not chosen on: other bursts, rates and quantiles.
fn other(runs: u32) {
    println!("\nOther bursts, quantiles and rates, {runs} runs a line\n");
    println!("| length | bursts | quantile | rate | true quantile | PASS | missed | undecided |");
    println!("|---|---|---|---|---|---|---|---|");
    let ar = |lag1| (Bursts::Autoregressive, lag1);
    for (bursts, lag1) in [
        ar(0.7),
        ar(0.95),
        (Bursts::HeavyTailed, 0.0),
        (Bursts::Stalls, 0.0),
        (Bursts::Waves, 0.0),
    ] {
        for (seconds, rate, quantile) in [(60, 50, 0.9), (60, 200, 0.95), (60, 200, 0.99), (180, 20, 0.95)] {
            for over in [-0.2, 0.0, 0.1] {
                let kind = Kind {
                    bursts,
                    lag1,
                    over,
                    seconds,
                    rate,
                    quantile,
                };
                let burst = if lag1 > 0.0 {
                    format!("{} {lag1}", name(bursts))
                } else {
                    name(bursts).to_owned()
                };
                let found = line(kind, &tally(kind, runs));
                println!("| {seconds} s | {burst} | p{:.0} | {rate}/s {found}", quantile * 100.0);
            }
        }
    }
}

fn auto(runs: u32) {
    let runs = (runs / 5).max(1);
    println!("\nduration = \"auto\", at-most = \"10m\", {runs} runs a line\n");
    println!("| bursts | lag-1 | true p95 | PASS | missed | undecided | mean length |");
    println!("|---|---|---|---|---|---|---|");
    for bursts in [
        Bursts::Autoregressive,
        Bursts::OnOff,
        Bursts::HeavyTailed,
        Bursts::Stalls,
    ] {
        let correlations: &[f64] = match bursts {
            Bursts::Autoregressive | Bursts::OnOff => &[0.0, 0.9, 0.98],
            Bursts::HeavyTailed | Bursts::Stalls | Bursts::Waves => &[0.0],
        };
        for lag1 in correlations.iter().copied() {
            for over in [-0.5, -0.2, 0.0, 0.2, 0.5] {
                let kind = Kind {
                    bursts,
                    lag1,
                    over,
                    seconds: 600,
                    ..KIND
                };
                let found = tally_auto(kind, runs);
                let mean = found.seconds as f64 / f64::from(found.runs.max(1));
                println!("| {} | {lag1} {} {mean:.0} s |", name(bursts), line(kind, &found));
            }
        }
    }
}

fn name(bursts: Bursts) -> &'static str {
    match bursts {
        Bursts::Autoregressive => "AR(1)",
        Bursts::OnOff => "on/off",
        Bursts::HeavyTailed => "heavy-tailed",
        Bursts::Stalls => "stalls",
        Bursts::Waves => "waves",
    }
}

/// From the true quantile on; runs that were not valid are shown where there are any, which there should not be.
fn line(kind: Kind, found: &Tally) -> String {
    let percent = |count| format!("{:.1} %", 100.0 * found.share(count));
    let invalid = match found.invalid {
        0 => String::new(),
        count => format!(" ({} INVALID)", percent(count)),
    };
    format!(
        "| {:+.0} % | {} | {} | {}{invalid} |",
        100.0 * kind.over,
        percent(found.passed),
        percent(found.missed),
        percent(found.undecided),
    )
}
