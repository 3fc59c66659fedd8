//! Makes the digest of a run from its evidence.

mod effective;
mod probes;
mod requests;
mod source;

use std::path::Path;

use requests::{RequestSets, Share};
use source::Source;

use super::digest::FORMAT;
use super::{CompareError, Digest, Distribution, Fingerprint, Measure, MeasureKind, Sample};
use crate::evidence::{Evidence, LoadModel};
use crate::report::Document;
use crate::runs::RunRecord;
use crate::slo::{
    ERROR_RATE, EventWindow, ExclusionReason, Indicator, Measurement, Objective, RESPONSE_TIME, Samples,
    TRANSACTION_TIME,
};

/// The quantiles that are compared for each series.
const SERIES_QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

impl Digest {
    /// Digest of a run for comparisons. `evidence` is its folder with the interval log, which is read once more for the
    /// dependence of the samples in time.
    pub fn new(record: &RunRecord, document: &Document, evidence: &Path) -> Result<Self, CompareError> {
        // Versions are compared by the numbers that they are judged by, and those leave planned events out.
        let calm = EventWindow::calm(&record.evidence, &record.plan.objectives);
        let mut gathered = MeasureDrafts::new(calm.as_ref().unwrap_or(&record.evidence));
        for verdict in &document.judgement.verdicts {
            gathered.objective(&verdict.objective, verdict.measurement.as_ref());
        }
        gathered.series();
        gathered.transactions();
        let (distributions, measures) = gathered.finish(evidence)?;
        Ok(Self {
            format: FORMAT,
            id: document.id.clone(),
            started: record.started,
            scenario: record.plan.scenario.clone(),
            word: document.judgement.overall,
            unfit: ExclusionReason::reasons(&document.judgement),
            tags: record.plan.tags.clone(),
            fingerprint: Fingerprint::from_record(record),
            distributions,
            measures,
        })
    }
}

struct MeasureDrafts<'a> {
    evidence: &'a Evidence,
    sets: RequestSets<'a>,
    drafts: Vec<(Measure, Source)>,
}

impl<'a> MeasureDrafts<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        Self {
            evidence,
            sets: RequestSets::new(evidence),
            drafts: Vec::new(),
        }
    }

    fn objective(&mut self, objective: &Objective, measured: Option<&Measurement>) {
        let (Ok(indicator), Some(measured)) = (objective.indicator(), measured) else {
            return;
        };
        let quantile = objective.quantile.map(crate::units::Quantile::get);
        let profile = indicator.profile();
        let mut requests = || self.sets.of_objective(objective);
        let samples = profile.samples.filter(|_| objective.during.is_none());
        let source = samples.and_then(|samples| match samples {
            Samples::ResponseTimes | Samples::Transactions => Some(Source::Quantile(requests(), quantile?)),
            Samples::Failures => Some(Source::Share(requests(), Share::Errors)),
            Samples::Refusals => Some(Source::Share(requests(), Share::RateLimited)),
            Samples::PageLoads => probes::pages(self.evidence, quantile?),
            Samples::Statements => probes::statements(self.evidence, quantile?),
            Samples::Slices => probes::slices(self.evidence),
        });
        let known = Sample::Value {
            point: measured.point,
            low: measured.low,
            high: measured.high,
        };
        let measure = Measure {
            kind: MeasureKind::Objective,
            name: objective.name.clone(),
            indicator: profile.name.to_owned(),
            statistic: measured.statistic.clone(),
            model: None,
            unit: measured.unit,
            floor: profile.floor,
            gate: objective.gate,
            sample: known.clone(),
        };
        self.drafts
            // Without samples of its own a measure is compared by its value and interval.
            .push((measure, source.unwrap_or(Source::Ready(known, None))));
    }

    /// Adds every series with a judged request: three quantiles and the share of errors.
    fn series(&mut self) {
        for series in &self.evidence.plan.series {
            for model in [LoadModel::Open, LoadModel::Closed] {
                // Times of the two models mean different things (from the intended start, from the sending) and are
                // never mixed.
                let Some(set) = self.sets.of_series(&series.name, model) else {
                    continue;
                };
                for (statistic, quantile) in SERIES_QUANTILES {
                    let measure = of_series(&series.name, model, RESPONSE_TIME, statistic);
                    self.drafts.push((measure, Source::Quantile(set, quantile)));
                }
                let errors = of_series(&series.name, model, ERROR_RATE, "share");
                self.drafts.push((errors, Source::Share(set, Share::Errors)));
            }
        }
    }

    /// Adds three quantiles of every judged transaction.
    fn transactions(&mut self) {
        for transaction in &self.evidence.plan.transactions {
            for model in [LoadModel::Open, LoadModel::Closed] {
                let Some(set) = self.sets.of_transaction(&transaction.name, model) else {
                    continue;
                };
                for (statistic, quantile) in SERIES_QUANTILES {
                    let measure = of_series(&transaction.name, model, TRANSACTION_TIME, statistic);
                    self.drafts.push((measure, Source::Quantile(set, quantile)));
                }
            }
        }
    }

    fn finish(mut self, evidence: &Path) -> Result<(Vec<Distribution>, Vec<Measure>), CompareError> {
        let mut distributions = self.sets.distributions();
        let quantiles = self.drafts.iter().filter_map(|(_, source)| match source {
            Source::Quantile(set, quantile) => Some((*set, *quantile)),
            _ => None,
        });
        let quantiles: Vec<(usize, f64)> = quantiles.collect();
        // All at once, because each of them needs a pass through the interval log.
        let worth = self.sets.worth_of_quantiles(&quantiles, &distributions, evidence)?;
        let mut worth = worth.into_iter();
        let mut measures = Vec::new();
        for (mut measure, source) in self.drafts {
            measure.sample = match source {
                Source::Quantile(distribution, quantile) => Sample::Quantile {
                    distribution,
                    quantile,
                    effective: worth.next().unwrap_or_default(),
                },
                Source::Share(set, share) => self.sets.share(set, share),
                Source::Ready(sample, own) => placed(sample, own, &mut distributions),
            };
            measures.push(measure);
        }
        Ok((distributions, measures))
    }
}

/// A measure of a series or a transaction, without its sample.
fn of_series(name: &str, model: LoadModel, indicator: &dyn Indicator, statistic: &str) -> Measure {
    Measure {
        kind: MeasureKind::Series,
        name: name.to_owned(),
        indicator: indicator.profile().name.to_owned(),
        statistic: statistic.to_owned(),
        model: Some(model),
        unit: indicator.profile().unit,
        floor: false,
        gate: false,
        sample: Sample::Value {
            point: None,
            low: None,
            high: None,
        },
    }
}

/// The sample, after its own distribution was added to the others.
fn placed(sample: Sample, own: Option<Distribution>, distributions: &mut Vec<Distribution>) -> Sample {
    match (sample, own) {
        (
            Sample::Quantile {
                quantile, effective, ..
            },
            Some(own),
        ) => {
            distributions.push(own);
            Sample::Quantile {
                distribution: distributions.len() - 1,
                quantile,
                effective,
            }
        }
        (sample, _) => sample,
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::evidence::Accept;
    use crate::report::sample;
    use crate::slo::{Judgement, Selector, judge};
    use crate::words::en;

    /// The sample's run with objectives of each source, judged, and its digest.
    fn digest(change: impl FnOnce(&mut RunRecord)) -> (RunRecord, Judgement, Digest) {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        for objective in &mut record.plan.objectives {
            let quantile = match objective.indicator.as_str() {
                "response-time" | "query-time" => Some("p95"),
                "page-load" => Some("p75"),
                _ => None,
            };
            objective.quantile = quantile.map(|quantile| quantile.parse().unwrap());
        }
        // Its events have no response times second by second, which are read from a folder.
        record.evidence.observations.stack_events.clear();
        change(&mut record);
        let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
        let document = Document::new(&record, judgement.clone());
        let digest = Digest::new(&record, &document, folder.path()).unwrap();
        (record, judgement, digest)
    }

    #[test]
    fn every_objective_is_compared_by_the_number_it_is_judged_by() {
        let (_, judgement, digest) = digest(|_| ());
        assert_eq!(judgement.verdicts.len(), 5);
        for verdict in &judgement.verdicts {
            let name = &verdict.objective.name;
            let measure = digest.measures.iter().find(|measure| measure.name == *name).unwrap();
            let measured = verdict.measurement.as_ref().unwrap();
            assert_eq!(
                (
                    measure.kind,
                    &measure.indicator,
                    &measure.statistic,
                    measure.unit,
                    measure.gate
                ),
                (
                    MeasureKind::Objective,
                    &verdict.objective.indicator,
                    &measured.statistic,
                    measured.unit,
                    verdict.objective.gate
                ),
                "{name}"
            );
            assert_eq!(measure.floor, name == "Uptime");
            let (value, point) = (digest.value(measure), measured.point.unwrap());
            assert!((value - point).abs() < 1e-9 * point, "{name}: {value} for {point}");
            assert!(
                !matches!(measure.sample, Sample::Value { .. }),
                "{name}: {:?}",
                measure.sample
            );
        }
    }

    #[test]
    fn every_series_that_saw_a_judged_request_is_compared_by_four_numbers() {
        let (record, _, digest) = digest(|_| ());
        let of_series = |name: &str| -> Vec<(&str, &str)> {
            let own = digest
                .measures
                .iter()
                .filter(|measure| measure.kind == MeasureKind::Series && measure.name == name);
            own.map(|measure| (measure.indicator.as_str(), measure.statistic.as_str()))
                .collect()
        };
        for series in &record.plan.load.series {
            // No request of the last series was sent.
            let expected: &[(&str, &str)] = match series.name.as_str() {
                "tasks.delete" => &[],
                _ => &[
                    ("response-time", "p50"),
                    ("response-time", "p95"),
                    ("response-time", "p99"),
                    ("error-rate", "share"),
                ],
            };
            assert_eq!(of_series(&series.name), expected, "{}", series.name);
        }
        assert!(
            digest
                .measures
                .iter()
                .all(|measure| measure.kind == MeasureKind::Objective || !measure.gate)
        );
    }

    #[test]
    fn an_objective_counts_the_requests_it_selects_of_judged_phases() {
        let counted = |selector: Option<&str>| {
            let (_, _, digest) = digest(|record| {
                let errors = record
                    .plan
                    .objectives
                    .iter_mut()
                    .find(|objective| objective.name == "Error rate");
                errors.unwrap().of = selector.map(|text| Selector(text.to_owned()));
            });
            let errors = digest
                .measures
                .iter()
                .find(|measure| measure.name == "Error rate")
                .unwrap();
            match errors.sample {
                Sample::Share { hits, total, effective } => (hits, total, effective <= total as f64),
                ref other => panic!("{other:?}"),
            }
        };
        // 48 a second for the judged 60 s, 1 in 500 fails; a twelfth of them is the login.
        assert_eq!(counted(None), (6, 2_880, true));
        assert_eq!(counted(Some("#login")), (0, 240, true));
        assert_eq!(counted(Some("#api")), (6, 2_640, true));
    }

    #[test]
    fn what_carries_no_conclusion_is_kept_with_its_reasons() {
        let (record, judgement, digest) = digest(|record| record.evidence.interrupted = true);
        let broken = judgement.validity.iter().filter(|check| !check.valid).count();
        assert_eq!(digest.unfit.len(), broken + 1, "{:?}", digest.unfit);
        assert_eq!(digest.unfit.last(), Some(&ExclusionReason::Interrupted));
        assert_eq!(digest.word, judgement.overall);
        assert_eq!(digest.tags, record.plan.tags);
        assert_eq!(digest.id, "20260301-081500-gate");
        let mut document = sample::document();
        assert_eq!(ExclusionReason::reasons(&document.judgement), []);
        document.judgement.validity[0].valid = false;
        let reasons = ExclusionReason::reasons(&document.judgement);
        let told: Vec<String> = reasons.iter().map(en::exclusion_reason).collect();
        assert_eq!(told, ["send lag p99 0.15 ms; threshold: at most 10 ms"]);
    }
}
