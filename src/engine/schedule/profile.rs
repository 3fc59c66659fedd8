//! Arrival rate over time: piecewise linear, so that constant, ramping and stepped rates are one thing.
//!
//! ```text
//!   rate ▲      ╭────────╮            N(t) = ∫ rate: how many arrivals are due by t
//!        │     ╱          ╲           t(n) = N⁻¹(n): when the n-th is due, in closed form
//!        │────╯            ╲──
//!        └──────────────────────► t
//! ```

use std::time::Duration;

/// An interval over which the rate is linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Its length.
    pub length: Duration,
    /// Arrivals per second at its start.
    pub from: f64,
    /// Arrivals per second at its end.
    pub to: f64,
}

impl Segment {
    /// Arrivals due over the whole of it: the area of a trapezium.
    fn arrivals(&self) -> f64 {
        self.length.as_secs_f64() * f64::midpoint(self.from, self.to)
    }

    /// Seconds into it at which `n` arrivals are due: the root of `from·t + slope·t²/2 = n`, in the form that neither
    /// cancels nor divides by a slope of zero.
    fn time_of(&self, n: f64) -> f64 {
        // A segment that begins at a rate of zero would divide zero by zero.
        if n <= 0.0 {
            return 0.0;
        }
        let slope = (self.to - self.from) / self.length.as_secs_f64();
        // At the end of a segment that falls to 0 rounding may take the sum below 0.
        let root = (self.from * self.from + 2.0 * slope * n).max(0.0).sqrt();
        2.0 * n / (self.from + root)
    }
}

/// A rate over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    segments: Vec<Segment>,
}

impl Profile {
    /// The segments one after the other; those without length or arrivals still take their time.
    pub fn new(segments: Vec<Segment>) -> Self {
        Self { segments }
    }

    /// A constant rate over `length`.
    pub fn constant(per_second: f64, length: Duration) -> Self {
        Self::new(vec![Segment {
            length,
            from: per_second,
            to: per_second,
        }])
    }

    /// Its whole length.
    pub fn length(&self) -> Duration {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// Arrivals due over the whole of it.
    pub fn arrivals(&self) -> f64 {
        self.segments.iter().map(Segment::arrivals).sum()
    }

    /// Seconds from the start at which `n` arrivals (a real number) are due; `None` past the end.
    pub fn time_of(&self, n: f64) -> Option<f64> {
        let (mut before, mut start) = (0.0, 0.0);
        for segment in &self.segments {
            let here = segment.arrivals();
            // An arrival due exactly at a boundary belongs to the segment after it.
            if n < before + here {
                return Some(start + segment.time_of(n - before));
            }
            before += here;
            start += segment.length.as_secs_f64();
        }
        None
    }
}
