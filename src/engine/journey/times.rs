//! Number of times that a part of a journey is made in one iteration.

use std::ops::Mul;

/// Number of times that something is made, as far as it is known before the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Number that the evidence of a run can count on.
    pub least: f64,
    /// Mean number.
    pub expected: f64,
    /// Greatest number.
    pub most: f64,
}

impl Times {
    /// Exactly once.
    pub(super) const ONCE: Self = Self::exactly(1.0);

    /// Exactly that many times.
    pub(super) const fn exactly(count: f64) -> Self {
        Self {
            least: count,
            expected: count,
            most: count,
        }
    }

    /// At least once, unless less is expected.
    pub(super) fn up_to(expected: f64, most: f64) -> Self {
        Self {
            least: expected.min(1.0),
            expected,
            most,
        }
    }

    /// Once, and again while it does not succeed.
    pub(super) fn retried(retries: u8) -> Self {
        Self {
            most: 1.0 + f64::from(retries),
            ..Self::ONCE
        }
    }

    /// As often, or not at all.
    pub(super) const fn or_none(self) -> Self {
        Self { least: 0.0, ..self }
    }

    /// At most once, in that share of the cases. Evidence counts on the share, as it does on that of a journey in the mix.
    pub(super) const fn share(share: f64) -> Self {
        Self {
            least: share,
            expected: share,
            most: 1.0,
        }
    }
}

impl Mul for Times {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            least: self.least * other.least,
            expected: self.expected * other.expected,
            most: self.most * other.most,
        }
    }
}
