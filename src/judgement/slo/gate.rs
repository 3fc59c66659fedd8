//! Gate of a run: the one answer for a release, which the exit code carries.

use serde::{Deserialize, Serialize};

use super::{Acknowledgement, ContainerIncident, FailedLogIns, Judgement, Verdict, VerdictWord, overall};
use crate::evidence::{Accept, Decision};

/// Answer of the gate. `cli` turns it into the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Every gating objective is met in the accepted column, or its miss is acknowledged.
    Passed,
    /// Some gating objective is missed in the accepted column, a service died by itself, or nobody could log in.
    Missed,
    /// No gating objective is missed, but some are undecided, or the user stopped the run.
    Undecided,
    /// The measurement is not valid.
    Invalid,
    /// No objective gates, so nothing was asked of the run.
    NothingGates,
}

impl Verdict {
    /// The decision in the column that gates.
    pub fn accepted(&self, accept: Accept) -> Decision {
        match accept {
            Accept::Target => self.target,
            Accept::Acceptable => self.acceptable,
        }
    }

    /// The acknowledgement that lets this verdict pass the gate; `None` if the objective is met or does not gate.
    pub fn acknowledged(&self, accept: Accept) -> Option<&Acknowledgement> {
        let needed = self.objective.gate && self.accepted(accept) != Decision::Met;
        self.objective.acknowledged().filter(|_| needed)
    }
}

impl Judgement {
    /// Incidents of services that crashed under the load or exceeded their own memory limit, which is a miss of the system.
    pub fn deaths(&self) -> &[ContainerIncident] {
        overall::deaths(&self.validity)
    }

    /// Log-ins of a run in which all of them failed, so that nothing else was sent; `None` for any other run.
    pub fn failed_log_ins(&self) -> Option<&FailedLogIns> {
        overall::failed_log_ins(&self.validity)
    }

    /// True if the user stopped the run before any request was judged.
    pub fn interrupted_before_judging(&self) -> bool {
        self.interrupted && overall::nothing_judged(&self.validity)
    }

    /// True if some gating objective is missed in that column, and nobody has acknowledged it.
    pub fn misses(&self, accept: Accept) -> bool {
        let mut gating = self.verdicts.iter().filter(|verdict| verdict.objective.gate);
        gating.any(|verdict| verdict.accepted(accept) == Decision::Missed && verdict.acknowledged(accept).is_none())
    }

    /// Gating objectives that are not met, and pass because somebody answers for them.
    pub fn acknowledged(&self) -> impl Iterator<Item = (&Verdict, &Acknowledgement)> {
        let accept = self.accept;
        let verdicts = self.verdicts.iter();
        verdicts.filter_map(move |verdict| Some((verdict, verdict.acknowledged(accept)?)))
    }

    /// The gate, from the decisions in the accepted column: INVALID outranks all, and a miss outranks what is undecided.
    pub fn gate(&self) -> Gate {
        let gating = || self.verdicts.iter().filter(|verdict| verdict.objective.gate);
        let counts = |verdict: &&Verdict| verdict.acknowledged(self.accept).is_none();
        let any = |decision| {
            gating()
                .filter(counts)
                .any(|verdict| verdict.accepted(self.accept) == decision)
        };
        // The decisions gate, not the words: WARN stands for a miss in one column and for a pass in the other.
        if self.overall == VerdictWord::Invalid {
            Gate::Invalid
        // A miss before an interruption: it stands, whatever the rest of the run would have shown.
        } else if any(Decision::Missed) || !self.deaths().is_empty() || self.failed_log_ins().is_some() {
            Gate::Missed
        } else if self.interrupted || any(Decision::Undecided) {
            Gate::Undecided
        // Last of the refusals, so that a run without gating objectives still tells of a service that died.
        } else if gating().next().is_none() {
            Gate::NothingGates
        } else {
            Gate::Passed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reason, fixture};
    use super::*;

    fn verdict(target: Decision, acceptable: Decision, gate: bool) -> Verdict {
        let mut objective = fixture::response_time();
        objective.gate = gate;
        Verdict {
            objective,
            measurement: None,
            word: VerdictWord::from_decisions(target, acceptable),
            target,
            acceptable,
            reason: Reason::Verbatim(String::new()),
            worst_window: None,
            unmeasured: None,
            drift: None,
        }
    }

    fn gate(accept: Accept, verdicts: Vec<Verdict>) -> Gate {
        let judgement = Judgement {
            overall: VerdictWord::Pass,
            accept,
            interrupted: false,
            verdicts,
            validity: Vec::new(),
        };
        judgement.gate()
    }

    #[test]
    fn each_column_gates_by_its_own_decisions() {
        use Decision::{Met, Missed, Undecided};
        for (target, acceptable, by_target, by_acceptable) in [
            (Met, Met, Gate::Passed, Gate::Passed),
            (Undecided, Met, Gate::Undecided, Gate::Passed),
            (Undecided, Undecided, Gate::Undecided, Gate::Undecided),
            (Missed, Met, Gate::Missed, Gate::Passed),
            (Missed, Undecided, Gate::Missed, Gate::Undecided),
            (Missed, Missed, Gate::Missed, Gate::Missed),
        ] {
            let one = || vec![verdict(target, acceptable, true)];
            assert_eq!(gate(Accept::Target, one()), by_target, "{target:?} {acceptable:?}");
            assert_eq!(
                gate(Accept::Acceptable, one()),
                by_acceptable,
                "{target:?} {acceptable:?}"
            );
        }
    }

    #[test]
    fn a_certain_miss_outranks_what_is_undecided_and_advisory_objectives_do_not_gate() {
        use Decision::{Met, Missed, Undecided};
        let undecided = || verdict(Undecided, Undecided, true);
        let missed = |gate| verdict(Missed, Missed, gate);
        assert_eq!(gate(Accept::Target, vec![undecided(), missed(true)]), Gate::Missed);
        assert_eq!(gate(Accept::Target, vec![undecided(), missed(false)]), Gate::Undecided);
        assert_eq!(
            gate(Accept::Target, vec![verdict(Met, Met, true), missed(false)]),
            Gate::Passed
        );
    }

    #[test]
    fn an_acknowledged_miss_passes_until_its_day_and_never_where_the_measurement_is_broken() {
        let missed = |day: &str| {
            let mut verdict = verdict(Decision::Missed, Decision::Missed, true);
            verdict.objective.acknowledge = Some(Acknowledgement {
                until: "2026-12-31".parse().unwrap(),
                reason: "the index comes with 1.5".to_owned(),
                by: "C. Martin".to_owned(),
                expired: false,
            });
            verdict.objective = verdict.objective.on(day.parse().unwrap());
            verdict
        };
        let unknown = || verdict(Decision::Missed, Decision::Missed, true);
        let met = || verdict(Decision::Met, Decision::Met, true);
        assert_eq!(gate(Accept::Target, vec![met(), missed("2026-12-31")]), Gate::Passed);
        assert_eq!(gate(Accept::Target, vec![met(), missed("2027-01-01")]), Gate::Missed);
        assert_eq!(
            gate(Accept::Target, vec![missed("2026-12-31"), unknown()]),
            Gate::Missed
        );
        let judgement = |overall| Judgement {
            overall,
            accept: Accept::Target,
            interrupted: false,
            verdicts: vec![missed("2026-12-31"), met()],
            validity: Vec::new(),
        };
        assert_eq!(judgement(VerdictWord::Invalid).gate(), Gate::Invalid);
        assert_eq!(judgement(VerdictWord::Fail).acknowledged().count(), 1);
        assert!(!judgement(VerdictWord::Fail).misses(Accept::Target));
    }

    #[test]
    fn a_run_of_which_nothing_was_asked_does_not_pass() {
        let advisory = || vec![verdict(Decision::Met, Decision::Met, false)];
        assert_eq!(gate(Accept::Target, advisory()), Gate::NothingGates);
        assert_eq!(gate(Accept::Acceptable, Vec::new()), Gate::NothingGates);
    }

    #[test]
    fn a_broken_measurement_outranks_a_miss_and_a_cut_run_never_passes() {
        let mut judgement = Judgement {
            overall: VerdictWord::Invalid,
            accept: Accept::Target,
            interrupted: false,
            verdicts: vec![verdict(Decision::Missed, Decision::Missed, true)],
            validity: Vec::new(),
        };
        assert_eq!(judgement.gate(), Gate::Invalid);
        judgement.overall = VerdictWord::Inconclusive;
        judgement.interrupted = true;
        judgement.verdicts = vec![verdict(Decision::Met, Decision::Met, true)];
        assert_eq!(judgement.gate(), Gate::Undecided);
    }
}
