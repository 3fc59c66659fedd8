//! A saved run with other names for its series, or made at another hour: its files are changed, nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use diapason::gzip;
use serde_json::Value;

/// The old name of each part of a series' name, and a new one that sorts the other way round.
pub(super) struct Names {
    /// `journey.step` to another.
    series: BTreeMap<String, String>,
    /// `journey` to another.
    journeys: BTreeMap<String, String>,
}

impl Names {
    /// Other names for the series of the run in that folder.
    pub(super) fn of(folder: &Path) -> Self {
        let plan = json(folder, "plan.json");
        let names = plan["load"]["series"].as_array().unwrap();
        let names: Vec<&str> = names.iter().map(|series| series["name"].as_str().unwrap()).collect();
        let journeys = names.iter().map(|name| name.split('.').next().unwrap().to_owned());
        let journeys: BTreeMap<String, String> = journeys.map(|journey| (journey, String::new())).collect();
        let count = journeys.len();
        let numbered = journeys.into_keys().enumerate();
        let journeys: BTreeMap<String, String> = numbered
            .map(|(number, journey)| (journey, format!("way-{:02}", count - number)))
            .collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let series = sorted.iter().rev().enumerate().map(|(number, name)| {
            let journey = &journeys[name.split('.').next().unwrap()];
            ((*name).to_owned(), format!("{journey}.leg-{number:02}"))
        });
        Self {
            series: series.collect(),
            journeys,
        }
    }

    /// Writes the run in that folder with the new names.
    pub(super) fn apply(&self, folder: &Path) {
        for file in ["plan.json", "evidence/recording.json", "evidence/observations.json"] {
            let mut value = json(folder, file);
            if file == "plan.json" {
                self.select(&mut value);
            }
            self.rename(&mut value);
            write(folder, file, &serde_json::to_vec(&value).unwrap());
        }
        let log = gzip::read(&folder.join("evidence/recording.hlog")).unwrap();
        let log = String::from_utf8(log).unwrap();
        let lines = log.lines().map(|line| {
            let Some((tag, rest)) = line.strip_prefix("Tag=").and_then(|line| line.split_once(',')) else {
                return line.to_owned();
            };
            let [phase, series, timing] = tag.split('/').collect::<Vec<_>>()[..] else {
                panic!("{tag}");
            };
            format!("Tag={phase}/{}/{timing},{rest}", self.series[series])
        });
        let log: Vec<String> = lines.collect();
        write(folder, "evidence/recording.hlog", (log.join("\n") + "\n").as_bytes());
    }

    /// The old names in a text that has the new ones.
    pub(super) fn undone(&self, text: &str) -> String {
        let series = self
            .series
            .iter()
            .fold(text.to_owned(), |text, (old, new)| text.replace(new, old));
        self.journeys
            .iter()
            .fold(series, |text, (old, new)| text.replace(new, old))
    }

    fn select(&self, plan: &mut Value) {
        for objective in plan["objectives"].as_array_mut().unwrap() {
            let Some(selector) = objective.get("of").and_then(Value::as_str) else {
                continue;
            };
            let terms = selector.split(',').map(|term| {
                let term = term.trim();
                let (not, name) = term.strip_prefix('!').map_or(("", term), |name| ("!", name));
                let new = self.series.get(name).or_else(|| self.journeys.get(name));
                format!("{not}{}", new.map_or(name, String::as_str))
            });
            objective["of"] = Value::from(terms.collect::<Vec<_>>().join(", "));
        }
    }

    /// Renames every text and every key that is the name of a series.
    fn rename(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(new) = self.series.get(text) {
                    text.clone_from(new);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item)),
            Value::Object(object) => {
                let entries = std::mem::take(object).into_iter().map(|(key, mut value)| {
                    self.rename(&mut value);
                    (self.series.get(&key).cloned().unwrap_or(key), value)
                });
                *object = entries.collect();
            }
            _ => {}
        }
    }
}

/// Moves the start of the run in that folder by so many hours.
pub(super) fn shift(folder: &Path, hours: i64) {
    let mut run = json(folder, "run.json");
    let started: jiff::Timestamp = run["started"].as_str().unwrap().parse().unwrap();
    let moved = started + jiff::SignedDuration::from_secs(hours * 3_600);
    run["started"] = Value::from(moved.to_string());
    write(folder, "run.json", &serde_json::to_vec(&run).unwrap());
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_slice(&gzip::read(&folder.join(file)).unwrap()).unwrap()
}

/// The plain file comes before a compressed one.
fn write(folder: &Path, file: &str, content: &[u8]) {
    fs::write(folder.join(file), content).unwrap();
}
