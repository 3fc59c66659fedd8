//! What the freeze server saw: when each request reached its kernel, and when it was answered.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use crate::Failure;
use crate::quantiles::{Quantiles, median, quantile_of_sorted};

/// One request, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The kernel received it.
    pub received: u64,
    /// The answer was handed to the kernel; 0 where it never was.
    pub answered: u64,
}

/// Writes them as lines `RECEIVED ANSWERED`.
pub fn write(path: &Path, arrivals: &[Arrival]) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    for arrival in arrivals {
        writeln!(file, "{} {}", arrival.received, arrival.answered)?;
    }
    Ok(file.flush()?)
}

/// Reads what [`write`] wrote, in the order of arrival.
pub fn read(path: &Path) -> Result<Vec<Arrival>, Failure> {
    let mut arrivals = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        let (received, answered) = line.split_once(' ').ok_or("a line of arrivals has two numbers")?;
        arrivals.push(Arrival {
            received: received.parse()?,
            answered: answered.parse()?,
        });
    }
    arrivals.sort_by_key(|arrival| arrival.received);
    Ok(arrivals)
}

/// How far the arrivals lie from the ideal schedule: the i-th at `offset + i / rate`, its offset the one that fits best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Half the arrivals are off by no more than this, in µs.
    pub p50: f64,
    /// 99 in 100 are.
    pub p99: f64,
    /// The most arrivals within 1 ms.
    pub burst: usize,
    /// Arrivals.
    pub count: usize,
}

/// Residuals in ns to the schedule whose offset minimises the absolute deviations: the median residual.
fn residuals(arrivals: &[Arrival], rate: f64) -> Vec<f64> {
    let Some(first) = arrivals.first() else {
        return Vec::new();
    };
    let raw: Vec<f64> = (arrivals.iter().enumerate())
        .map(|(index, arrival)| (arrival.received - first.received) as f64 - index as f64 * 1e9 / rate)
        .collect();
    let offset = median(raw.clone()).unwrap_or_default();
    raw.into_iter().map(|residual| residual - offset).collect()
}

/// Compares the arrivals with the schedule of that many a second.
pub fn precision(arrivals: &[Arrival], rate: f64) -> Precision {
    let mut off: Vec<f64> = residuals(arrivals, rate).into_iter().map(f64::abs).collect();
    off.sort_by(f64::total_cmp);
    let mut burst = 0;
    let mut oldest = 0;
    for (index, arrival) in arrivals.iter().enumerate() {
        while arrival.received - arrivals[oldest].received >= 1_000_000 {
            oldest += 1;
        }
        burst = burst.max(index + 1 - oldest);
    }
    Precision {
        p50: quantile_of_sorted(&off, 0.5) / 1e3,
        p99: quantile_of_sorted(&off, 0.99) / 1e3,
        burst,
        count: arrivals.len(),
    }
}

/// Response times as the server knows them, from the fitted schedule to the answer: the oracle of an open generator.
pub fn response_times(arrivals: &[Arrival], rate: f64) -> Option<Quantiles> {
    let answered = arrivals.iter().zip(residuals(arrivals, rate));
    let values = answered
        .filter(|(arrival, _)| arrival.answered > 0)
        .map(|(arrival, residual)| ((arrival.answered - arrival.received) as f64 + residual) / 1e6);
    Quantiles::of_values(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(received: impl Iterator<Item = u64>) -> Vec<Arrival> {
        let arrival = |received| Arrival {
            received,
            answered: received + 2_000_000,
        };
        received.map(arrival).collect()
    }

    #[test]
    fn a_constant_offset_is_not_a_deviation() {
        let precision = precision(&arrivals((0..100).map(|index| 77 + index * 1_000_000)), 1000.0);
        assert_eq!((precision.p50, precision.p99), (0.0, 0.0));
        assert_eq!((precision.burst, precision.count), (1, 100));
    }

    #[test]
    fn a_late_arrival_is_a_deviation_and_waits_longer() {
        // The 50th of 100 arrives 400 µs late.
        let late = |index: u64| index * 1_000_000 + if index == 50 { 400_000 } else { 0 };
        let arrivals = arrivals((0..100).map(late));
        let precision = precision(&arrivals, 1000.0);
        assert_eq!((precision.p50, precision.p99, precision.burst), (0.0, 0.0, 2));
        let response = response_times(&arrivals, 1000.0).unwrap();
        assert!((response.p50 - 2.0).abs() < 1e-9 && (response.max - 2.4).abs() < 1e-9);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arrivals");
        let expected = arrivals([5, 9, 12].into_iter());
        write(&path, &expected).unwrap();
        assert_eq!(read(&path).unwrap(), expected);
    }
}
