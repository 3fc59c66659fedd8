//! Shapes of requests: method and path with its ids left open, and what was seen of each.

use std::collections::{BTreeMap, HashMap};

use toml::{Table, Value};

use super::known_step::add_tags;
use super::line::Line;
use super::rules::Rules;
use crate::evidence::LeftOutReason;
use crate::import::draft::DraftStep;
use crate::import::marker;
use crate::import::names::is_id;
use crate::import::request::{Request, decoded};
use crate::import::steps::Steps;

/// Most shapes, fewer than a `u16` counts; a log with more has free text in its paths.
const MOST: usize = 5_000;
/// Most values that a place is filled with.
const VALUES: usize = 20;
/// Most values that are counted before the rare ones are no longer added.
const COUNTED: usize = 200;
/// Share of a shape's answers from which a status is expected.
const EXPECTED: f64 = 0.05;

/// One shape of requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) method: String,
    /// Path, in which `{}` stands for an id.
    pub(super) path: String,
    /// Names of kept query values.
    query: Vec<String>,
    /// Number of the rule that made it.
    pub(super) rule: Option<usize>,
    /// Tags by the rules, and by steps of other journeys that make the same request.
    pub(super) tags: Vec<String>,
    /// Values of each id of the path, then of each query value.
    values: Vec<HashMap<String, u64>>,
    statuses: BTreeMap<u16, u64>,
    pub(super) count: u64,
}

/// All shapes of a log.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: HashMap<String, u16>,
    pub(super) list: Vec<Shape>,
    /// Number of lines of which query values were dropped.
    pub(super) dropped: u64,
    /// Number of lines with ids that no rule maps.
    pub(super) open: u64,
}

impl Shapes {
    /// Index of the shape of a request, for which the rule of that number counts; the reason if it cannot be replayed.
    pub(super) fn find(&mut self, line: &Line, rules: &Rules, number: Option<usize>) -> Result<u16, LeftOutReason> {
        let (path, query) = line.target.split_once('?').unwrap_or((&line.target, ""));
        let path = path.split('#').next().unwrap_or_default();
        let rule = number.map(|number| &rules.rule[number]);
        let makes_step = rule.is_some_and(super::rules::Rule::makes_step);
        if !matches!(line.method.as_str(), "GET" | "HEAD") && !makes_step {
            // A log has no bodies, so that a write cannot be repeated without a rule that says what to send.
            return Err(LeftOutReason::Write(line.method.clone()));
        }
        let has_own_path = rule.is_some_and(|rule| rule.journey.is_some() || rule.step_path().is_some());
        if path.contains('@') || path.contains("%40") && !has_own_path {
            // Paths with mail addresses are personal data, which must not get into journey files.
            return Err(LeftOutReason::Address);
        }
        let keep: &[String] = rule.map_or(&[], |rule| &rule.keep);
        let (mut open, mut values): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
        for segment in path.split('/') {
            if is_id(segment) && !has_own_path {
                open.push("{}");
                values.push(decoded(segment));
            } else {
                open.push(segment);
            }
        }
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let kept: Vec<(&str, &str)> = pairs.filter(|(name, _)| keep.iter().any(|keep| keep == name)).collect();
        let shape_path = if has_own_path { String::new() } else { open.join("/") };
        let names: Vec<String> = kept.iter().map(|(name, _)| (*name).to_owned()).collect();
        let key = format!(
            "{} {shape_path}?{}#{}",
            line.method,
            names.join("&"),
            number.map_or_else(String::new, |number| number.to_string())
        );
        let index = match self.known.get(&key) {
            Some(index) => *index,
            None if self.list.len() >= MOST => {
                return Err(LeftOutReason::TooManyKinds(MOST as u64));
            }
            None => {
                let index = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
                self.known.insert(key, index);
                self.list.push(Shape {
                    tags: rules.tags(&line.method, path),
                    method: line.method.clone(),
                    path: shape_path,
                    query: names,
                    rule: number.filter(|_| makes_step),
                    values: vec![HashMap::new(); values.len() + kept.len()],
                    ..Shape::default()
                });
                index
            }
        };
        self.open += u64::from(!values.is_empty());
        self.dropped += u64::from(query.split('&').filter(|pair| !pair.is_empty()).count() > kept.len());
        values.extend(kept.iter().map(|(_, value)| decoded(&value.replace('+', " "))));
        let shape = &mut self.list[usize::from(index)];
        shape.see(line.status, values);
        Ok(index)
    }
}

impl Shape {
    fn see(&mut self, status: u16, values: Vec<String>) {
        self.count += 1;
        *self.statuses.entry(status).or_default() += 1;
        for (known, value) in self.values.iter_mut().zip(values) {
            if let Some(count) = known.get_mut(&value) {
                *count += 1;
            } else if known.len() < COUNTED {
                known.insert(value, 1);
            }
        }
    }

    /// The step that makes such a request.
    pub(super) fn step(&self, rules: &Rules, steps: &mut Steps) -> DraftStep {
        let own = self.rule.map(|number| &rules.rule[number]);
        if let Some(journey) = own.and_then(|rule| rule.journey.as_ref()) {
            let mut step = DraftStep {
                name: steps.group(journey),
                ..DraftStep::default()
            };
            step.set("call", journey.as_str());
            return step;
        }
        let mut values = self.values.iter().map(choice);
        let mut path: Vec<String> = Vec::new();
        for segment in self.path.split('/') {
            path.push(match segment {
                "{}" => values.next().unwrap_or_default(),
                segment => marker::literal(segment),
            });
        }
        let mut request = Request {
            method: self.method.clone(),
            path: path.join("/"),
            query: self
                .query
                .iter()
                .map(|name| (marker::literal(name), Some(values.next().unwrap_or_default())))
                .collect(),
            status: self.status(),
            ..Request::default()
        };
        if !request.path.starts_with('/') {
            own.and_then(super::rules::Rule::step_path)
                .unwrap_or("/")
                .split('?')
                .next()
                .unwrap_or("/")
                .clone_into(&mut request.path);
        }
        if !request.status.is_empty() {
            request.notes.push("Statuses as the log has them.".to_owned());
        }
        let mut step = steps.step(&request);
        if let Some(rule) = own {
            let known = rule.known.as_ref();
            if known.is_some() {
                // The other step says what is asked for and what is expected.
                step.keys.clear();
                step.notes.clear();
            }
            let of_known = known.into_iter().flat_map(|known| &known.keys);
            for (key, value) in of_known.chain(&rule.step).filter(|(key, _)| *key != "name") {
                // A path of the rule comes with the query values that it keeps.
                let value = match value {
                    Value::String(path) if key == "path" && !self.query.is_empty() => {
                        let query = request
                            .target()
                            .split_once('?')
                            .map(|(_, query)| marker::path_template(query));
                        let joint = if path.contains('?') { '&' } else { '?' };
                        Value::String(format!("{path}{joint}{}", query.unwrap_or_default()))
                    }
                    value => value.clone(),
                };
                step.set(key, value);
            }
        }
        let tags: Vec<Value> = self.tags.iter().map(|tag| Value::String(tag.clone())).collect();
        add_tags(&mut step.keys, tags.iter());
        step
    }

    /// Keys of a journey that its step needs around it.
    pub(super) fn around<'a>(&self, rules: &'a Rules) -> Option<&'a Table> {
        let known = rules.rule.get(self.rule?)?.known.as_ref()?;
        Some(&known.around)
    }

    /// Statuses that are expected; none if all are successes.
    fn status(&self) -> Vec<u16> {
        let frequent = self
            .statuses
            .iter()
            .filter(|(_, count)| **count as f64 >= EXPECTED * self.count as f64);
        let frequent: Vec<u16> = frequent
            .map(|(status, _)| *status)
            .filter(|status| (100..600).contains(status))
            .collect();
        // Without a list, a step expects any success.
        if frequent.iter().all(|status| (200..300).contains(status)) {
            Vec::new()
        } else {
            frequent
        }
    }
}

/// The most frequent values: one as it is, several as a choice.
fn choice(values: &HashMap<String, u64>) -> String {
    let is_fit = |value: &&String| {
        !value.is_empty() && !value.contains(|letter: char| letter.is_whitespace() || "{}|".contains(letter))
    };
    let mut fit: Vec<(&String, &u64)> = values.iter().filter(|(value, _)| is_fit(value)).collect();
    fit.sort_by(|one, other| other.1.cmp(one.1).then_with(|| one.0.cmp(other.0)));
    fit.truncate(VALUES);
    let mut words: Vec<String> = fit.iter().map(|(value, _)| marker::literal(value)).collect();
    // Sorted, so that the same log gives the same file.
    words.sort();
    match &words[..] {
        [] => "1".to_owned(),
        words => marker::reference(&format!("pick {}", words.join(" "))),
    }
}
