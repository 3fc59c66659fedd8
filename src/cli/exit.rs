//! The exit codes, which scripts rely on.

use std::process::ExitCode;

use crate::slo::Gate;

/// Exit code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Every gating objective is met, or the command succeeded.
    Met = 0,
    /// An objective is missed.
    Missed = 1,
    /// The command could not be carried out: usage, bad scenario, stack did not start, report not written.
    CouldNot = 2,
    /// The run ended, but its measurement cannot support a verdict: inconclusive, invalid, or nothing gates.
    NoVerdict = 3,
    /// With `--bisect`: this version could not be tested; `git bisect` skips it.
    // The code by which `git bisect run` skips a revision.
    NotTested = 125,
    /// Interrupted: partial evidence saved, stack torn down.
    // As shells report a program that SIGINT ended: 128 + 2.
    Interrupted = 130,
}

impl Exit {
    /// The exit of two commands together: an interruption first, then what could not be carried out, then a miss, which is
    /// certain, then a missing verdict.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Met => 0,
            Self::NoVerdict => 1,
            Self::Missed => 2,
            Self::CouldNot => 3,
            Self::NotTested => 4,
            Self::Interrupted => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// As `git bisect run` understands it: 0 good, 1 bad, 125 skip; an interruption ends the bisection.
    #[must_use]
    pub fn for_bisect(self) -> Self {
        match self {
            Self::CouldNot | Self::NoVerdict => Self::NotTested,
            other => other,
        }
    }
}

/// Exit code of a run that was carried out; `compared` is that of the comparison with its baseline.
pub(super) fn exit_of(gate: Gate, compared: Exit, interrupted: bool) -> Exit {
    if interrupted {
        return Exit::Interrupted;
    }
    let judged = match gate {
        Gate::Passed => Exit::Met,
        Gate::Missed => Exit::Missed,
        Gate::Undecided | Gate::Invalid | Gate::NothingGates => Exit::NoVerdict,
    };
    match (judged, compared) {
        // A certain miss outranks an undecided comparison.
        (Exit::Missed, Exit::NoVerdict) => Exit::Missed,
        _ => judged.max(compared),
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_scripts_rely_on() {
        // (exit, code, for `git bisect run`), from best to worst.
        let table = [
            (Exit::Met, 0, Exit::Met),
            (Exit::Missed, 1, Exit::Missed),
            (Exit::CouldNot, 2, Exit::NotTested),
            (Exit::NoVerdict, 3, Exit::NotTested),
            (Exit::NotTested, 125, Exit::NotTested),
            (Exit::Interrupted, 130, Exit::Interrupted),
        ];
        for (exit, code, bisected) in table {
            assert_eq!(exit as u8, code);
            assert_eq!(
                format!("{:?}", ExitCode::from(exit)),
                format!("{:?}", ExitCode::from(code))
            );
            assert_eq!(exit.for_bisect(), bisected, "{exit:?}");
        }
        assert!(table.is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn of_several_runs_a_certain_miss_outranks_a_missing_verdict() {
        use Exit::{CouldNot, Interrupted, Met, Missed, NoVerdict};
        for (one, other, both) in [
            (Met, NoVerdict, NoVerdict),
            (NoVerdict, Missed, Missed),
            (Missed, CouldNot, CouldNot),
            (Missed, Interrupted, Interrupted),
            (Met, Met, Met),
        ] {
            assert_eq!((one.and(other), other.and(one)), (both, both), "{one:?} {other:?}");
        }
    }
}
