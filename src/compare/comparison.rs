//! Two sides held against each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::difference::row;
use super::{Change, CompareError, Difference, Digest, Kind, Row, differences};
use crate::slo::Word;

/// Version of `comparison.json`; it grows when a field changes its meaning.
const FORMAT: u32 = 1;

/// A run of one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Name of the run.
    pub id: String,
    /// When its load began.
    pub started: Timestamp,
    /// What it was judged to be.
    pub word: Word,
    /// `--tag` labels.
    pub tags: Vec<(String, String)>,
}

/// Everything that is said of two sides; the single source of every rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Version of this format.
    pub format: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// The runs it is compared with.
    pub base: Vec<Side>,
    /// The runs that are compared.
    pub new: Vec<Side>,
    /// The worst change of the rows that decide.
    pub change: Change,
    /// Everything in which the runs differ, those that would make them incomparable first.
    pub differences: Vec<Difference>,
    /// Reasons not to compare that were overruled.
    pub overruled: Vec<String>,
    /// What only one side has, in words.
    pub left_out: Vec<String>,
    /// Objectives first, then series, those that changed first.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The rows that decide: gating objectives.
    pub fn deciding(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.gate)
    }

    /// The rows of that kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }
}

/// Compares two sides, or refuses with every reason; with `anyway` it compares nevertheless and keeps the reasons.
pub fn compare(base: &[Digest], new: &[Digest], anyway: bool) -> Result<Comparison, CompareError> {
    let first = base.first().ok_or(CompareError::Empty("BASE"))?;
    if new.is_empty() {
        return Err(CompareError::Empty("NEW"));
    }
    let found = all_differences(first, base, new);
    let unfit = unfit(base.iter().chain(new));
    let blocking = found.iter().filter(|difference| difference.blocks);
    let reasons: Vec<String> = blocking.map(ToString::to_string).chain(unfit).collect();
    if !reasons.is_empty() && !anyway {
        return Err(CompareError::NotComparable(reasons));
    }
    let mut rows: Vec<Row> = first
        .measures
        .iter()
        .filter_map(|measure| row(base, new, measure))
        .collect();
    if rows.is_empty() {
        return Err(CompareError::NothingInCommon);
    }
    rows.sort_by_key(|row| row.kind);
    // Where no objective gates, the objectives decide; where there is none, everything does.
    if !rows.iter().any(|row| row.gate) {
        let any = rows.iter().any(|row| row.kind == Kind::Objective);
        for row in rows.iter_mut().filter(|row| !any || row.kind == Kind::Objective) {
            row.gate = true;
        }
    }
    let deciding = rows.iter().filter(|row| row.gate);
    Ok(Comparison {
        format: FORMAT,
        scenario: first.scenario.clone(),
        base: base.iter().map(side).collect(),
        new: new.iter().map(side).collect(),
        change: deciding.map(|row| row.change).min().unwrap_or(Change::Similar),
        differences: found,
        overruled: reasons,
        left_out: left_out(base, new),
        rows,
    })
}

fn side(digest: &Digest) -> Side {
    Side {
        id: digest.id.clone(),
        started: digest.started,
        word: digest.word,
        tags: digest.tags.clone(),
    }
}

/// Every run against the first; runs of a group must agree as well. What several have in common is named once.
fn all_differences(first: &Digest, base: &[Digest], new: &[Digest]) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for digest in base.iter().skip(1).chain(new) {
        for difference in differences(&first.fingerprint, &digest.fingerprint) {
            if !found.contains(&difference) {
                found.push(difference);
            }
        }
    }
    found.sort_by_key(|difference| !difference.blocks);
    found
}

fn unfit<'a>(digests: impl Iterator<Item = &'a Digest>) -> Vec<String> {
    digests
        .flat_map(|digest| {
            let reasons = digest.unfit.iter();
            reasons.map(|reason| format!("run {} cannot carry a conclusion: {reason}", digest.id))
        })
        .collect()
}

/// Objectives and series that some run has and another has not.
fn left_out(base: &[Digest], new: &[Digest]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for digest in base.iter().chain(new) {
        for measure in &digest.measures {
            let lacking = base
                .iter()
                .chain(new)
                .find(|other| other.counterpart(measure).is_none());
            if let Some(other) = lacking {
                let text = format!("{} {}: not in run {}", measure.name, measure.statistic, other.id);
                if !names.contains(&text) {
                    names.push(text);
                }
            }
        }
    }
    names
}
