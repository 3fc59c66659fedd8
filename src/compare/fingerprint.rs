//! Facts that must agree for two runs to be comparable, and the differences, one by one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::StackRecord;
use crate::runs::{Environment, RunRecord};
use crate::scenario::{PlanSummary, effective_scenario};
use crate::secrets::masked;
use crate::stats::fnv_1a;
use crate::words::en::text;

/// Largest relative difference of equal sizes: the memory that two kernels leave of the same machine, rows of a seed.
// Far below what changes a verdict: a seed that differs by a few rows, memory that the kernel reserves.
const TOLERANCE: f64 = 0.02;

/// Part of a run that a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The load and how it is observed.
    Scenario,
    /// The system under test.
    Stack,
    /// The machine.
    Hardware,
    /// Software below and beside the system under test.
    Versions,
}

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Stack => "stack",
            Self::Hardware => "hardware",
            Self::Versions => "versions",
        }
    }
}

/// One known fact of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    area: Area,
    name: String,
    value: String,
    /// The part of the value that must agree; `None` if a difference is only named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    must: Option<String>,
    /// The value as a size, which must agree within `TOLERANCE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<f64>,
}

/// Scenario, stack, hardware and versions of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Vec<Fact>);

/// A difference between two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Part of the run.
    pub area: Area,
    /// Name of the fact.
    pub name: String,
    /// Value on the base side; `None` if only the new side has it.
    pub base: Option<String>,
    /// Value on the new side.
    pub new: Option<String>,
    /// True if it makes the runs incomparable.
    pub blocks: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        let (base, new) = (value(&self.base), value(&self.new));
        write!(f, "{}: {}: {base} → {new}", self.area.name(), self.name)
    }
}

impl Fingerprint {
    /// Fingerprint of a run.
    pub fn from_record(record: &RunRecord) -> Self {
        let mut facts = Vec::new();
        scenario(&mut facts, &record.scenario, &record.plan);
        stack(&mut facts, &record.stack);
        machine(&mut facts, &record.environment);
        if let Some(postgres) = &record.evidence.observations.postgres {
            named(&mut facts, Area::Stack, "PostgreSQL", &postgres.version);
        }
        Self(facts)
    }

    /// All facts that must agree, as one line: runs with the same line are comparable.
    pub fn line(&self) -> String {
        let musts = self.0.iter().filter_map(|fact| {
            let must = fact.must.as_deref()?;
            Some(format!("{}/{}={must}", fact.area.name(), fact.name))
        });
        musts.collect::<Vec<_>>().join(";")
    }

    /// Hash of [`Self::line`] in sixteen hexadecimal digits (FNV-1a).
    pub fn id(&self) -> String {
        format!("{:016x}", fnv_1a(&self.line()))
    }

    fn find(&self, other: &Fact) -> Option<&Fact> {
        let mut facts = self.0.iter();
        facts.find(|fact| fact.area == other.area && fact.name == other.name)
    }
}

/// All differences, those that make the runs incomparable first.
pub fn differences(base: &Fingerprint, new: &Fingerprint) -> Vec<Difference> {
    let mut found: Vec<Difference> = base
        .0
        .iter()
        .filter_map(|fact| difference(Some(fact), new.find(fact)))
        .collect();
    let only_new = new.0.iter().filter(|fact| base.find(fact).is_none());
    found.extend(only_new.filter_map(|fact| difference(None, Some(fact))));
    // Those that block come first: they are the reason for the refusal.
    found.sort_by_key(|difference| !difference.blocks);
    found
}

fn difference(base: Option<&Fact>, new: Option<&Fact>) -> Option<Difference> {
    let any = base.or(new)?;
    let same = base.map(|fact| &fact.value) == new.map(|fact| &fact.value);
    let sizes = base.and_then(|fact| fact.size).zip(new.and_then(|fact| fact.size));
    let must = |fact: Option<&Fact>| fact.and_then(|fact| fact.must.clone());
    let blocks = if let Some((one, other)) = sizes {
        (one - other).abs() > TOLERANCE * one.max(other)
    } else {
        must(base) != must(new)
    };
    let value = |fact: Option<&Fact>| fact.map(|fact| fact.value.clone());
    (!same && (blocks || sizes.is_none())).then(|| Difference {
        area: any.area,
        name: any.name.clone(),
        base: value(base),
        new: value(new),
        blocks,
    })
}

fn must(facts: &mut Vec<Fact>, area: Area, name: &str, value: &str, must: &str) {
    facts.push(Fact {
        area,
        name: name.to_owned(),
        value: value.to_owned(),
        must: Some(must.to_owned()),
        size: None,
    });
}

fn named(facts: &mut Vec<Fact>, area: Area, name: &str, value: &str) {
    facts.push(Fact {
        area,
        name: name.to_owned(),
        value: value.to_owned(),
        must: None,
        size: None,
    });
}

fn size(facts: &mut Vec<Fact>, area: Area, name: &str, value: String, size: f64) {
    facts.push(Fact {
        area,
        name: name.to_owned(),
        value,
        must: None,
        size: Some(size),
    });
}

fn scenario(facts: &mut Vec<Fact>, text: &str, plan: &PlanSummary) {
    must(facts, Area::Scenario, "name", &plan.scenario, &plan.scenario);
    named(facts, Area::Scenario, "seed", &plan.seed.to_string());
    let mut flat = Vec::new();
    for (key, value) in effective_scenario(text, &plan.overrides).unwrap_or_default() {
        match key.as_str() {
            // Covered by other facts, or without influence on the measurements.
            "name" | "description" | "seed" | "objective" | "stack" => {}
            // Key by key, so that the refusal names the setting and not the whole scenario.
            _ => flatten(&key, &value, &mut flat),
        }
    }
    for (key, value) in flat {
        must(facts, Area::Scenario, &key, &value, &value);
    }
    if let Some(replay) = &plan.load.replay {
        let starts = format!("{:?}", replay.starts).to_lowercase();
        let load = format!("{} at speed {}, {starts}", replay.digest, replay.speed);
        must(facts, Area::Scenario, "replayed log", &load, &load);
    }
    let series: Vec<&str> = plan.load.series.iter().map(|series| series.name.as_str()).collect();
    let series = series.join(", ");
    must(facts, Area::Scenario, "steps", &series, &series);
}

/// Dotted keys and values; elements of an array are keyed by their `name` if they have one.
fn flatten(key: &str, value: &toml::Value, flat: &mut Vec<(String, String)>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                flatten(&format!("{key}.{name}"), value, flat);
            }
        }
        toml::Value::Array(array) if array.iter().any(toml::Value::is_table) => {
            for (index, value) in array.iter().enumerate() {
                let name = value.get("name").and_then(toml::Value::as_str);
                // By name where there is one: an element that is inserted must not make all later ones differ.
                let name = name.map_or_else(|| index.to_string(), str::to_owned);
                flatten(&format!("{key}.{name}"), value, flat);
            }
        }
        toml::Value::String(text) => flat.push((key.to_owned(), masked(key, text))),
        other => flat.push((key.to_owned(), other.to_string())),
    }
}

fn stack(facts: &mut Vec<Fact>, record: &StackRecord) {
    must(facts, Area::Stack, "name", &record.stack, &record.stack);
    // Named only: a new image is the reason for most comparisons.
    for (service, image, id) in &record.images {
        // As `docker images` shows it.
        let short: String = id.trim_start_matches("sha256:").chars().take(12).collect();
        named(
            facts,
            Area::Stack,
            &format!("image of {service}"),
            &format!("{image} {short}"),
        );
    }
    for (key, value) in &record.environment {
        named(facts, Area::Stack, &format!("environment {key}"), &masked(key, value));
    }
    for (table, rows) in &record.seeded {
        let name = format!("rows of {table}");
        size(facts, Area::Stack, &name, text::count(*rows), *rows as f64);
    }
}

fn machine(facts: &mut Vec<Fact>, environment: &Environment) {
    let area = Area::Hardware;
    must(facts, area, "processor", &environment.processor, &environment.processor);
    let cores = environment.cores.to_string();
    must(facts, area, "cores", &cores, &cores);
    let memory = environment.memory as f64;
    size(facts, area, "memory", text::bytes(memory), memory);
    let area = Area::Versions;
    // Up to the second part: a patch release does not change how is measured.
    let known = &environment.diapason;
    must(facts, area, "diapason", known, &parts(known, 2));
    must(facts, area, "system", &environment.system, &environment.system);
    must(
        facts,
        area,
        "kernel",
        &environment.kernel,
        &parts(&environment.kernel, 2),
    );
    if let Some(docker) = &environment.docker {
        must(facts, area, "Docker Engine", docker, &parts(docker, 1));
    }
}

/// The first `count` parts of a version; the parts after them only distinguish corrections.
fn parts(version: &str, count: usize) -> String {
    version.split('.').take(count).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(overrides: &[(&str, &str)]) -> PlanSummary {
        PlanSummary {
            scenario: "gate".to_owned(),
            description: String::new(),
            seed: 1,
            overrides: overrides
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            lang: Vec::new(),
            tags: Vec::new(),
            load: crate::evidence::LoadPlan {
                replay: None,
                transactions: Vec::new(),
                timeout: crate::units::Span::from_millis(10_000),
                phases: Vec::new(),
                series: Vec::new(),
            },
            objectives: Vec::new(),
            expectations: Vec::new(),
        }
    }

    fn fingerprint(
        text: &str,
        overrides: &[(&str, &str)],
        change: impl FnOnce(&mut Environment, &mut StackRecord),
    ) -> Fingerprint {
        let plan = plan(overrides);
        let mut environment = Environment {
            kernel: "Linux 6.18.44".to_owned(),
            cores: 2,
            memory: 8_000_000_000,
            diapason: "0.1.0".to_owned(),
            system: "Debian 12".to_owned(),
            docker: Some("20.10.24".to_owned()),
            ..Environment::default()
        };
        let mut record = StackRecord {
            stack: "reference".to_owned(),
            seeded: vec![("tasks".to_owned(), 50_018)],
            images: vec![("api".to_owned(), "api".to_owned(), "sha256:aaaa".to_owned())],
            ..StackRecord::default()
        };
        change(&mut environment, &mut record);
        let mut facts = Vec::new();
        scenario(&mut facts, text, &plan);
        stack(&mut facts, &record);
        machine(&mut facts, &environment);
        Fingerprint(facts)
    }

    const TEXT: &str = "[users]\ncount = 100\n[[phase]]\nname = \"steady\"\nduration = \"60s\"\n";

    fn shown(base: &Fingerprint, new: &Fingerprint) -> Vec<(bool, String)> {
        let found = differences(base, new);
        found
            .iter()
            .map(|difference| (difference.blocks, difference.to_string()))
            .collect()
    }

    #[test]
    fn what_a_new_release_changes_is_named_and_does_not_block() {
        let base = fingerprint(TEXT, &[], |_, _| ());
        let new = fingerprint(TEXT, &[], |environment, record| {
            record.images[0].2 = "sha256:bbbb".to_owned();
            record.environment.push(("MODE".to_owned(), "new".to_owned()));
            record.seeded[0].1 += 7;
            environment.kernel = "Linux 6.18.45".to_owned();
            environment.memory += 50_000_000;
        });
        let expected = [
            "stack: image of api: api aaaa → api bbbb",
            "versions: kernel: Linux 6.18.44 → Linux 6.18.45",
            "stack: environment MODE: (none) → new",
        ];
        assert_eq!(shown(&base, &new), expected.map(|text| (false, text.to_owned())));
    }

    #[test]
    fn another_load_or_machine_blocks() {
        let base = fingerprint(TEXT, &[], |_, _| ());
        let new = fingerprint(TEXT, &[("phase.steady.duration", "30s")], |environment, record| {
            environment.cores = 4;
            environment.kernel = "Linux 7.0.1".to_owned();
            record.seeded[0].1 = 500;
        });
        let expected = [
            "scenario: phase.steady.duration: 60s → 30s",
            "stack: rows of tasks: 50,018 → 500",
            "hardware: cores: 2 → 4",
            "versions: kernel: Linux 6.18.44 → Linux 7.0.1",
        ];
        assert_eq!(shown(&base, &new), expected.map(|text| (true, text.to_owned())));
        assert_ne!(base.line(), new.line());
    }

    #[test]
    fn each_fact_refuses_names_or_says_nothing() {
        type Changed = fn(&mut Environment, &mut StackRecord);
        let base = fingerprint(TEXT, &[], |_, _| ());
        let table: &[(Changed, &[(bool, &str)])] = &[
            (|_, _| (), &[]),
            (
                |e, _| e.processor = "Other CPU".to_owned(),
                &[(true, "hardware: processor:  → Other CPU")],
            ),
            (|e, _| e.cores = 3, &[(true, "hardware: cores: 2 → 3")]),
            // 2 % of the greater one.
            (|e, _| e.memory = 7_840_000_000, &[]),
            (
                |e, _| e.memory = 7_839_000_000,
                &[(true, "hardware: memory: 7.45 GiB → 7.30 GiB")],
            ),
            (|e, _| e.memory = 8_163_000_000, &[]),
            (
                |e, _| e.memory = 8_164_000_000,
                &[(true, "hardware: memory: 7.45 GiB → 7.60 GiB")],
            ),
            // A patch release of the program is named; another minor version is refused.
            (
                |e, _| e.diapason = "0.1.9".to_owned(),
                &[(false, "versions: diapason: 0.1.0 → 0.1.9")],
            ),
            (
                |e, _| e.diapason = "0.2.0".to_owned(),
                &[(true, "versions: diapason: 0.1.0 → 0.2.0")],
            ),
            (
                |e, _| e.system = "Debian 13".to_owned(),
                &[(true, "versions: system: Debian 12 → Debian 13")],
            ),
            (
                |e, _| e.docker = Some("20.11.1".to_owned()),
                &[(false, "versions: Docker Engine: 20.10.24 → 20.11.1")],
            ),
            (
                |e, _| e.docker = Some("28.0".to_owned()),
                &[(true, "versions: Docker Engine: 20.10.24 → 28.0")],
            ),
            (
                |e, _| e.docker = None,
                &[(true, "versions: Docker Engine: 20.10.24 → (none)")],
            ),
            // The load average and the time of the run are not part of the fingerprint.
            (|e, _| e.load_average = 3.0, &[]),
            (
                |_, s| s.stack = "shop".to_owned(),
                &[(true, "stack: name: reference → shop")],
            ),
            (|_, s| s.namespace = "diapason-1".to_owned(), &[]),
            (|_, s| s.seeded[0].1 = 51_038, &[]),
            (
                |_, s| s.seeded[0].1 = 51_039,
                &[(true, "stack: rows of tasks: 50,018 → 51,039")],
            ),
            (
                |_, s| s.seeded.clear(),
                &[(false, "stack: rows of tasks: 50,018 → (none)")],
            ),
            (
                |_, s| s.images.clear(),
                &[(false, "stack: image of api: api aaaa → (none)")],
            ),
            (
                |_, s| s.environment = vec![("API_TOKEN".to_owned(), "hush".to_owned())],
                &[(false, "stack: environment API_TOKEN: (none) → ***")],
            ),
        ];
        for (index, (change, expected)) in table.iter().enumerate() {
            let new = fingerprint(TEXT, &[], change);
            let expected: Vec<_> = expected
                .iter()
                .map(|(blocks, text)| (*blocks, (*text).to_owned()))
                .collect();
            assert_eq!(shown(&base, &new), expected, "change {index}");
            // A refused difference changes the line; a difference that is only named does not.
            let refused = expected
                .iter()
                .any(|(blocks, text)| *blocks && !text.contains("memory") && !text.contains("rows"));
            assert_eq!(base.line() != new.line(), refused, "change {index}");
            assert_eq!(base.id() != new.id(), refused, "change {index}");
        }
    }

    #[test]
    fn of_the_scenario_all_refuses_but_what_does_not_change_the_load() {
        let base = fingerprint(TEXT, &[], |_, _| ());
        let added = |more: &str| shown(&base, &fingerprint(&format!("{more}\n{TEXT}"), &[], |_, _| ()));
        for more in [
            "description = \"d\"",
            "seed = 9",
            "objective = [{ name = \"A\", target = \"1ms\" }]",
            "stack = { use = \"reference\" }",
        ] {
            assert_eq!(added(more), [], "{more}");
        }
        assert_eq!(
            added("journeys = { tasks = 3 }"),
            [(true, "scenario: journeys.tasks: (none) → 3".to_owned())]
        );
        assert_eq!(
            added("probes = { postgres = { password = \"hush\" } }"),
            [(true, "scenario: probes.postgres.password: (none) → ***".to_owned())]
        );
        let renamed = fingerprint(&TEXT.replace("steady", "plateau"), &[], |_, _| ());
        assert_eq!(
            shown(&base, &renamed),
            [
                "steady.duration: 60s → (none)",
                "steady.name: steady → (none)",
                "plateau.duration: (none) → 60s",
                "plateau.name: (none) → plateau"
            ]
            .map(|text| (true, format!("scenario: phase.{text}")))
        );
    }

    #[test]
    fn replays_of_other_logs_refuse() {
        let of = |digest: &str, speed: f64| {
            let mut plan = plan(&[]);
            plan.load.replay = Some(crate::evidence::ReplayPlan {
                digest: digest.to_owned(),
                speed,
                ..crate::evidence::ReplayPlan::default()
            });
            let mut facts = Vec::new();
            scenario(&mut facts, TEXT, &plan);
            Fingerprint(facts)
        };
        assert_eq!(shown(&of("aa", 1.0), &of("aa", 1.0)), []);
        for other in [of("bb", 1.0), of("aa", 2.0)] {
            let found = shown(&of("aa", 1.0), &other);
            assert!(
                matches!(&found[..], [(true, text)] if text.starts_with("scenario: replayed log: ")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn an_override_that_changes_nothing_is_no_difference() {
        let base = fingerprint(TEXT, &[], |_, _| ());
        let new = fingerprint(TEXT, &[("users.count", "100")], |_, _| ());
        assert_eq!(shown(&base, &new), []);
        assert_eq!(base.line(), new.line());
    }
}
