//! Timers, rows of data and variables of a `JMeter` plan.

use std::collections::BTreeSet;
use std::path::PathBuf;

use toml::{Table, Value};

use super::draft::{Draft, DraftStep};
use super::import_result::Attachment;
use super::jmx::{Pause, Reader, Rows, UNKNOWN};
use super::jmx_element::Element;
use super::marker::literal;
use super::names::value_name;
use super::vault::is_secret;

impl Reader<'_> {
    /// Adds the pause of a timer.
    pub(super) fn timer(&mut self, element: &Element<'_>, pause: &mut Pause) {
        let (delay, range) = match element.kind() {
            "ConstantTimer" => ("ConstantTimer.delay", ""),
            "UniformRandomTimer" | "GaussianRandomTimer" | "PoissonRandomTimer" => {
                ("ConstantTimer.delay", "RandomTimer.range")
            }
            _ => {
                self.account
                    .note(format!("{}: a timer of this kind is left out", element.place()));
                return;
            }
        };
        let value = |name: &str| {
            element
                .number(name)
                .filter(|number| number.is_finite() && *number >= 0.0)
        };
        let (Some(delay), range) = (value(delay), value(range).unwrap_or(0.0)) else {
            self.account.note(format!(
                "{}: its time is no number, and it is left out",
                element.place()
            ));
            return;
        };
        pause.least += delay;
        match element.kind() {
            "GaussianRandomTimer" => {
                self.account.note(format!(
                    "{}: a normal distribution becomes an even one of the same spread",
                    element.place()
                ));
                // An even distribution of that width has this deviation.
                let width = range * 12_f64.sqrt();
                pause.least = (pause.least - width / 2.0).max(0.0);
                pause.more += width;
            }
            "PoissonRandomTimer" => {
                self.account
                    .note(format!("{}: a Poisson distribution becomes its mean", element.place()));
                pause.least += range;
            }
            _ => pause.more += range,
        }
    }

    /// Takes the rows of a file as those of the thread group.
    pub(super) fn rows(&mut self, element: &Element<'_>) {
        if self.rows.is_some() {
            self.account.note(format!(
                "{}: a journey takes rows of one file, and this one is left out: join the files",
                element.place()
            ));
            return;
        }
        let named = PathBuf::from(element.text("filename"));
        let base = named.file_name().map(|name| literal(&name.to_string_lossy()));
        let base = base.unwrap_or_else(|| "rows.csv".to_owned());
        let written = element.text("delimiter");
        let delimiter = match written {
            "\\t" | "\t" => '\t',
            other => other.chars().next().unwrap_or(','),
        };
        let content = std::fs::read(self.options.folder.join(&named));
        if content.is_err() {
            self.account.note(format!(
                "{}: {} is not there: put your rows into data/{}-{base}",
                element.place(),
                literal(&named.display().to_string()),
                self.options.name
            ));
        }
        let content = String::from_utf8_lossy(&content.unwrap_or_default()).into_owned();
        let listed = element.text("variableNames");
        let own_header = content.lines().next().unwrap_or_default();
        let header = if listed.trim().is_empty() { own_header } else { listed };
        let separator = if listed.trim().is_empty() { delimiter } else { ',' };
        let columns: Vec<String> = header
            .split(separator)
            .map(|name| value_name(name.trim().trim_matches('"')))
            .collect();
        // With names of its own the plan takes the first line as a row, unless it says otherwise.
        let skip = usize::from(listed.trim().is_empty() || element.is_true("ignoreFirstLine"));
        let mut rows: Vec<&str> = content.lines().skip(skip).collect();
        let made_up = vec![UNKNOWN; columns.len()].join(&delimiter.to_string());
        if rows.is_empty() {
            rows.push(&made_up);
        }
        let text = format!("{}\n{}\n", columns.join(&delimiter.to_string()), rows.join("\n"));
        let path = format!("data/{}-{base}", self.options.name);
        let mut feeder = Table::new();
        feeder.insert("file".to_owned(), format!("../{path}").into());
        feeder.insert("order".to_owned(), "sequential".into());
        if delimiter != ',' {
            feeder.insert("delimiter".to_owned(), delimiter.to_string().into());
        }
        if !self.files.iter().any(|file| file.path == path) {
            let secret = columns.iter().any(|column| is_secret(column));
            self.files.push(Attachment {
                path,
                content: text.into_bytes(),
                secret,
            });
        }
        self.rows = Some(Rows { feeder, columns });
    }

    /// Declares the variables that a journey refers to and nothing in it gives. A secret goes into a file of its own.
    pub(super) fn declare(&mut self, draft: &mut Draft, columns: &[String]) {
        let mut given: BTreeSet<String> = columns.iter().cloned().collect();
        extracted(&draft.steps, &mut given);
        let used: Vec<String> = self
            .texts
            .used
            .iter()
            .filter(|name| !given.contains(*name))
            .cloned()
            .collect();
        let mentioned: Vec<String> = used.into_iter().filter(|name| draft.mentions(name)).collect();
        for name in mentioned {
            let own = self
                .defined
                .get(&name)
                .filter(|value| !value.is_empty() && !value.contains("${"));
            if own.is_none() {
                self.account
                    .note(format!("variable {name} has no value in the plan: it is {UNKNOWN}"));
            }
            let value = own.map_or(UNKNOWN, String::as_str);
            if !is_secret(&name) {
                draft.set_in("variables", &name, value);
                continue;
            }
            let path = format!("data/{}-{name}.secret", self.options.name);
            let mut table = Table::new();
            table.insert("file".to_owned(), format!("../{path}").into());
            draft.set_in("variables", &name, table);
            if !self.files.iter().any(|file| file.path == path) {
                self.files.push(Attachment {
                    path,
                    content: value.as_bytes().to_vec(),
                    secret: true,
                });
            }
        }
    }
}

/// Adds the names that steps extract.
fn extracted(steps: &[DraftStep], names: &mut BTreeSet<String>) {
    for step in steps {
        let own = step.keys.get("extract").and_then(Value::as_table).into_iter();
        names.extend(own.flat_map(|table| table.keys().cloned()));
        step.branches.iter().for_each(|branch| extracted(branch, names));
    }
}
