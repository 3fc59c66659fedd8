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
    /// All but the browser, at four times the rate.
    Fourfold,
    /// All but the browser, at eight times the rate.
    Eightfold,
}

impl Side {
    const NAMED: [(&str, Self); 10] = [
        ("none", Self::None),
        ("postgres", Self::Postgres),
        ("proxy", Self::Proxy),
        ("containers", Self::Containers),
        ("front-door", Self::FrontDoor),
        ("browser", Self::Browser),
        ("quiet", Self::Quiet),
        ("all", Self::All),
        ("fourfold", Self::Fourfold),
        ("eightfold", Self::Eightfold),
    ];

    /// How many times over they observe.
    pub(crate) fn dose(self) -> u32 {
        match self {
            Self::Fourfold => 4,
            Self::Eightfold => 8,
            _ => 1,
        }
    }

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
        let quiet = matches!(self, Self::Quiet | Self::All | Self::Fourfold | Self::Eightfold);
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
    /// Nanoseconds that its memory took to answer.
    pub(crate) memory: f64,
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
            memory,
        } = self;
        write!(
            f,
            "database {database:.3} CPU s, {requests:.2} requests/s, median {median:.2} ms, p95 {p95:.2} ms, \
             harness {harness:.3} cores, machine {machine:.2} cores, memory {memory:.1} ns"
        )
    }
}

/// Name, value, and the change in per cent that the budget allows.
type Row = (&'static str, fn(&Figures) -> f64, Option<f64>);

const ROWS: [Row; 7] = [
    ("database CPU s", |figures| figures.database, Some(2.0)),
    ("requests/s", |figures| figures.requests, Some(-3.0)),
    ("median ms", |figures| figures.median, None),
    ("p95 ms", |figures| figures.p95, Some(3.0)),
    ("harness cores", |figures| figures.harness, None),
    ("machine cores", |figures| figures.machine, None),
    ("memory ns", |figures| figures.memory, None),
];

/// The table of all comparisons, in Markdown.
pub(crate) fn table(sides: &[Side], ways: &[Vec<Figures>]) -> String {
    let mut lines = vec![
        "| probes | | without | with | change a dose [95 %] | for equal memory [95 %] | budget | |".to_owned(),
        "|---|---|---:|---:|---:|---:|---:|---|".to_owned(),
    ];
    let none = sides.iter().position(|side| *side == Side::None).unwrap_or(0);
    for (index, side) in sides.iter().enumerate().filter(|(index, _)| *index != none) {
        let values =
            |of: fn(&Figures) -> f64, index: usize| -> Vec<f64> { ways.iter().map(|way| of(&way[index])).collect() };
        let memory = |figures: &Figures| figures.memory;
        let dose = f64::from(side.dose());
        let memory = changes(&values(memory, none), &values(memory, index), dose);
        for (name, of, budget) in ROWS {
            let (without, with) = (values(of, none), values(of, index));
            let changes = changes(&without, &with, dose);
            let (paired, equal) = (Estimate::of_mean(&changes), Estimate::at_zero(&memory, &changes));
            let word = budget.map_or_else(String::new, |budget| {
                format!("{}, {}", paired.word(budget), equal.word(budget))
            });
            let budget = budget.map_or_else(String::new, |budget| format!("{budget:+} %"));
            lines.push(format!(
                "| {} | {name} | {:.3} | {:.3} | {paired} | {equal} | {budget} | {word} |",
                side.name(),
                mean(&without),
                mean(&with)
            ));
        }
    }
    lines.join("\n")
}

/// Pair by pair, in per cent of the mean without and for each of so many doses.
fn changes(without: &[f64], with: &[f64], dose: f64) -> Vec<f64> {
    let base = mean(without) * dose;
    let pairs = with.iter().zip(without);
    pairs.map(|(with, without)| 100.0 * (with - without) / base).collect()
}

/// A change in per cent and half its 95 % interval.
struct Estimate {
    change: f64,
    half: f64,
}

impl Estimate {
    /// By Student's t.
    fn of_mean(changes: &[f64]) -> Self {
        let (count, change) = (changes.len() as f64, mean(changes));
        let variance = squares(changes, change) / (count - 1.0);
        Self {
            change,
            half: student(count - 1.0) * (variance / count).sqrt(),
        }
    }

    /// Where `other` does not change: the intercept of the least-squares line over it.
    fn at_zero(other: &[f64], changes: &[f64]) -> Self {
        let (count, centre, mean_change) = (changes.len() as f64, mean(other), mean(changes));
        let spread = squares(other, centre);
        let products = other
            .iter()
            .zip(changes)
            .map(|(other, change)| (other - centre) * (change - mean_change));
        let slope = products.sum::<f64>() / spread;
        let change = mean_change - slope * centre;
        let residuals: Vec<f64> = other
            .iter()
            .zip(changes)
            .map(|(other, seen)| seen - change - slope * other)
            .collect();
        let variance = squares(&residuals, 0.0) / (count - 2.0);
        Self {
            change,
            half: student(count - 2.0) * (variance * (1.0 / count + centre.powi(2) / spread)).sqrt(),
        }
    }

    fn word(&self, budget: f64) -> &'static str {
        // More requests, a shorter p95 or less CPU with the probes are luck, not cost.
        let (cost, most) = (self.change * budget.signum(), budget.abs());
        match () {
            () if cost + self.half < most => "within",
            () if cost - self.half > most => "over",
            () => "undecided",
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { change, half } = self;
        write!(f, "{change:+.2} % [{:+.2} – {:+.2}]", change - half, change + half)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares(values: &[f64], centre: f64) -> f64 {
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

/// The quantile of Student's t that 2.5 % lie above.
fn student(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975))
}

/// The mean of those points (time, value) that lie between two times.
pub(crate) fn mean_within(points: impl Iterator<Item = (f64, f64)>, (start, end): (f64, f64)) -> f64 {
    let within = points.filter(|(at, _)| (start..end).contains(at));
    mean(&within.map(|(_, value)| value).collect::<Vec<_>>())
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
