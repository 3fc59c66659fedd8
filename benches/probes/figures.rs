//! What is compared, and how it is told.

use std::fmt;

use diapason::probe::ProbeSettings;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Which probes observe, beside the generator's own, which is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// None.
    None,
    /// That of the database alone.
    Postgres,
    /// That of the proxy alone.
    Proxy,
    /// That of the containers alone.
    Containers,
    /// That of the front door alone.
    FrontDoor,
    /// That of the pages alone.
    Browser,
    /// All but the browser.
    Quiet,
    /// All.
    All,
}

impl Side {
    const NAMED: [(&str, Self); 8] = [
        ("none", Self::None),
        ("postgres", Self::Postgres),
        ("proxy", Self::Proxy),
        ("containers", Self::Containers),
        ("front-door", Self::FrontDoor),
        ("browser", Self::Browser),
        ("quiet", Self::Quiet),
        ("all", Self::All),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED
            .iter()
            .find(|(_, side)| *side == self)
            .map_or("", |(name, _)| name)
    }

    pub(crate) fn of(name: &str) -> Result<Self, String> {
        let found = Self::NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, side)| *side).ok_or_else(|| {
            let known: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
            format!("no such side: {name} (there are {})", known.join(", "))
        })
    }

    /// Leaves the probes of that side.
    pub(crate) fn leave(self, probes: &mut ProbeSettings) {
        let all = std::mem::take(probes);
        let quiet = self == Self::Quiet || self == Self::All;
        *probes = ProbeSettings {
            postgres: all.postgres.filter(|_| quiet || self == Self::Postgres),
            proxy: all.proxy.filter(|_| quiet || self == Self::Proxy),
            containers: all.containers.filter(|_| quiet || self == Self::Containers),
            front_door: all.front_door.filter(|_| quiet || self == Self::FrontDoor),
            browser: all.browser.filter(|_| self == Self::All || self == Self::Browser),
        };
    }
}

/// What one run showed in its judged window.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    /// CPU seconds of the database's container.
    pub(crate) database: f64,
    /// API requests a second.
    pub(crate) requests: f64,
    /// Median of their response times in milliseconds.
    pub(crate) median: f64,
    /// Their 95th percentile.
    pub(crate) p95: f64,
    /// Cores that the harness used, probes included and the browser not.
    pub(crate) harness: f64,
    /// Cores of the machine that were busy.
    pub(crate) machine: f64,
}

impl Figures {
    /// Of several runs.
    pub(crate) fn mean(runs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| mean(&runs.iter().map(figure).collect::<Vec<_>>());
        Self {
            database: of(|run| run.database),
            requests: of(|run| run.requests),
            median: of(|run| run.median),
            p95: of(|run| run.p95),
            harness: of(|run| run.harness),
            machine: of(|run| run.machine),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            database,
            requests,
            median,
            p95,
            harness,
            machine,
        } = self;
        write!(
            f,
            "database {database:.3} CPU s, {requests:.2} requests/s, median {median:.2} ms, p95 {p95:.2} ms, \
             harness {harness:.3} cores, machine {machine:.2} cores"
        )
    }
}

/// Name, value, and the change in per cent that the budget allows.
type Row = (&'static str, fn(&Figures) -> f64, Option<f64>);

const ROWS: [Row; 6] = [
    ("database CPU s", |figures| figures.database, Some(2.0)),
    ("requests/s", |figures| figures.requests, Some(-3.0)),
    ("median ms", |figures| figures.median, None),
    ("p95 ms", |figures| figures.p95, Some(3.0)),
    ("harness cores", |figures| figures.harness, None),
    ("machine cores", |figures| figures.machine, None),
];

/// The table of all comparisons, in Markdown.
pub(crate) fn table(sides: &[Side], rounds: &[Vec<Figures>]) -> String {
    let mut lines = vec![
        "| probes | | without | with | change [95 %] | budget | |".to_owned(),
        "|---|---|---:|---:|---:|---:|---|".to_owned(),
    ];
    let none = sides.iter().position(|side| *side == Side::None).unwrap_or(0);
    for (index, side) in sides.iter().enumerate().filter(|(index, _)| *index != none) {
        for (name, of, budget) in ROWS {
            let values = |index: usize| -> Vec<f64> { rounds.iter().map(|round| of(&round[index])).collect() };
            lines.push(line(side.name(), name, &values(none), &values(index), budget));
        }
    }
    lines.join("\n")
}

fn line(side: &str, name: &str, without: &[f64], with: &[f64], budget: Option<f64>) -> String {
    let base = mean(without);
    let changes: Vec<f64> = with
        .iter()
        .zip(without)
        .map(|(with, without)| 100.0 * (with - without) / base)
        .collect();
    let (change, half) = (mean(&changes), half_width(&changes));
    // More requests, a shorter p95 or less CPU with the probes are luck, not cost.
    let word = budget.map_or("", |budget| {
        let (cost, most) = (change * budget.signum(), budget.abs());
        match () {
            () if cost + half < most => "within",
            () if cost - half > most => "over",
            () => "undecided",
        }
    });
    let budget = budget.map_or_else(String::new, |budget| format!("{budget:+} %"));
    format!(
        "| {side} | {name} | {base:.3} | {:.3} | {change:+.2} % [{:+.2} – {:+.2}] | {budget} | {word} |",
        mean(with),
        change - half,
        change + half
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Half the 95 % interval of the mean, by Student's t.
fn half_width(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let centre = mean(values);
    let variance = values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (count - 1.0);
    // Two rounds or more have a degree of freedom.
    let t = StudentsT::new(0.0, 1.0, count - 1.0).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
    t * (variance / count).sqrt()
}

/// CPU seconds between two times, of points (time, cores since the point before).
pub(crate) fn used(points: impl Iterator<Item = (f64, f64)>, (start, end): (f64, f64)) -> f64 {
    let mut before = None;
    let mut sum = 0.0;
    for (at, cores) in points {
        let from = f64::max(before.unwrap_or(at), start);
        sum += cores * (at.min(end) - from).max(0.0);
        before = Some(at);
    }
    sum
}
