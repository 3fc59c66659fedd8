//! wrk, a closed loop, and wrk2, its sibling with a constant rate.

use std::path::Path;

use diapason_peers::quantiles::Quantiles;

use super::{Load, Peer, none, throttled};

pub(super) const WRK: Peer = Peer {
    name: "wrk",
    program: "wrk",
    pick: |_| "wrk",
    can: |load| matches!(load, Load::Closed { .. }),
    command: |job| {
        let Load::Closed { connections } = job.load else {
            return Err(job.unable());
        };
        Ok(job.words(&format!(
            "-t1 -c{connections} -d{}s --latency {}",
            job.seconds,
            job.url()
        )))
    },
    quantiles: none,
};

/// Far above what one core can do: wrk2 has no mode without a rate.
const FULL_SPEED: u32 = 1_000_000;

pub(super) const WRK2: Peer = Peer {
    name: "wrk2",
    program: "wrk2",
    pick: |_| "wrk2",
    can: throttled,
    command: |job| {
        let (connections, rate) = match job.load {
            Load::Closed { connections } => (connections, FULL_SPEED),
            Load::Rate { rate } | Load::Stall { rate } => (super::CONNECTIONS, rate),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        Ok(job.words(&format!(
            "-t1 -c{connections} -R{rate} -d{}s --latency {}",
            job.seconds,
            job.url()
        )))
    },
    quantiles: |_: &Path, output| {
        let at = |percent: &str| {
            let line = output.lines().find(|line| line.trim_start().starts_with(percent))?;
            milliseconds(line.split_whitespace().nth(1)?)
        };
        Some(Quantiles {
            p50: at("50.000%")?,
            p90: at("90.000%")?,
            p99: at("99.000%")?,
            max: at("100.000%")?,
        })
    },
};

/// `1.23us`, `1.23ms`, `1.23s` or `1.23m` in milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (value, unit) = text.split_at(unit);
    let factor = match unit {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        _ => return None,
    };
    Some(value.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrk2_reports_quantiles_with_units() {
        let output = "  Latency Distribution (HdrHistogram - Recorded Latency)\n 50.000%  980.00us\n 75.000%    1.20ms\n \
                      90.000%  519.17ms\n 99.000%    0.96s \n 99.900%    1.00s \n100.000%    1.01s \n";
        let quantiles = (WRK2.quantiles)(Path::new("."), output).unwrap();
        assert_eq!((quantiles.p50, quantiles.p90), (0.98, 519.17));
        assert_eq!((quantiles.p99, quantiles.max), (960.0, 1010.0));
    }
}
