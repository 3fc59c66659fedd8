//! Rows of data for virtual users.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::value::RawValue;

use super::JourneyError;
use super::inputs::{FeederFile, FeederOrder};
use super::rows::Rows;
use super::scan::MatchedValue;
use super::separated::{Records, UnreadableRecord};
use crate::secrets::Secrets;
use crate::timer;

/// Most rows whose secrets are learnt; masking goes through all of them.
const MOST_LEARNT: usize = 100_000;

/// Rows of a CSV or JSON Lines file, and the order in which users take them.
#[derive(Debug)]
pub struct Feeder {
    path: PathBuf,
    columns: Vec<String>,
    rows: Rows,
    order: FeederOrder,
    /// Number of rows taken, for the orders in which users share them.
    taken: AtomicUsize,
    /// Instant at which a user found no row left.
    exhausted: OnceLock<Instant>,
}

impl Feeder {
    /// Reads a CSV file whose rows users take by their number, or JSON Lines (`.jsonl`, `.ndjson`).
    pub fn read(path: &Path) -> Result<Self, JourneyError> {
        Self::open(path, &FeederFile::default())
    }

    /// Reads the file at `path` as the journey says.
    pub(super) fn open(path: &Path, file: &FeederFile) -> Result<Self, JourneyError> {
        let failed = |source: io::Error| JourneyError::Feeder {
            path: path.to_owned(),
            source,
        };
        let shape = |problem: String| JourneyError::FeederShape {
            path: path.to_owned(),
            problem,
        };
        let refused = |error| match error {
            UnreadableRecord::Io(source) => failed(source),
            UnreadableRecord::Shape(problem) => shape(problem),
        };
        let input = File::open(path).map_err(failed)?;
        let bytes = input.metadata().map_or(0, |metadata| metadata.len());
        // The size of a file may be a lie (a pipe, a file of `/proc`), so it only bounds the first allocation.
        let rows = Rows::with_capacity(usize::try_from(bytes).unwrap_or(0).min(1 << 30));
        let input = BufReader::new(input);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let (columns, mut rows) = if matches!(extension, Some("jsonl" | "ndjson")) {
            json_lines(input, rows)
        } else {
            separated(Records::new(input, file.delimiter), rows)
        }
        .map_err(refused)?;
        rows.complete();
        for (position, column) in columns.iter().enumerate() {
            if column.is_empty() {
                return Err(shape(format!("column {} has no name", position + 1)));
            }
            if columns[..position].contains(column) {
                return Err(shape(format!("two columns are named `{column}`")));
            }
        }
        if rows.count() == 0 {
            return Err(shape("it holds no row".to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            columns,
            rows,
            order: file.order,
            taken: AtomicUsize::new(0),
            exhausted: OnceLock::new(),
        })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the columns in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.rows.count()
    }

    /// Order in which users take the rows.
    pub fn order(&self) -> FeederOrder {
        self.order
    }

    /// Instant at which a user found no row left; `None` if none did.
    pub fn exhausted(&self) -> Option<Instant> {
        self.exhausted.get().copied()
    }

    /// Adds the cells of secret columns, such as `password`.
    pub(super) fn learn_secrets(&self, secrets: &mut Secrets) {
        for (position, column) in self.columns.iter().enumerate() {
            for row in 0..self.rows.count().min(MOST_LEARNT) {
                secrets.learn(column, self.rows.cell(row, position).unwrap_or_default());
            }
        }
    }

    /// The row that a user takes for the next iteration; `None` if each row serves once and none is left.
    pub(super) fn draw(&self, user: u32, random: &mut SmallRng) -> Option<usize> {
        // No other memory depends on the order of these increments.
        let next = || self.taken.fetch_add(1, Ordering::Relaxed);
        match self.order {
            FeederOrder::ByUser => Some(self.by_user(user)),
            FeederOrder::Sequential => Some(next() % self.count()),
            FeederOrder::Random => Some(random.random_range(0..self.count())),
            FeederOrder::Unique => {
                let row = Some(next()).filter(|row| *row < self.count());
                if row.is_none() {
                    self.exhausted.get_or_init(timer::now);
                }
                row
            }
        }
    }

    /// Row `user` modulo the number of rows.
    pub(super) fn by_user(&self, user: u32) -> usize {
        user as usize % self.count()
    }

    /// A cell; `None` if the row has no value there.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.cell(row, column)
    }
}

/// Header line and rows of separated values.
fn separated<R: BufRead>(mut records: Records<R>, mut rows: Rows) -> Result<(Vec<String>, Rows), UnreadableRecord> {
    let (mut columns, mut cells) = (Vec::new(), Vec::new());
    records.read(&mut columns)?;
    while records.read(&mut cells)? {
        if cells.len() != columns.len() {
            let (has, line, wanted) = (cells.len(), records.line(), columns.len());
            return Err(UnreadableRecord::Shape(format!(
                "line {line} has {has} cells, and the header {wanted}"
            )));
        }
        rows.push(cells.iter().map(|cell| Some(cell.as_str())));
    }
    Ok((columns, rows))
}

/// Members and rows of JSON Lines: one object a line. A member that a line lacks, or that is null, has no value in its row.
fn json_lines(mut input: impl BufRead, mut rows: Rows) -> Result<(Vec<String>, Rows), UnreadableRecord> {
    let mut columns = Vec::<String>::new();
    let mut text = String::new();
    for line in 1.. {
        text.clear();
        if input.read_line(&mut text).map_err(UnreadableRecord::Io)? == 0 {
            break;
        }
        let object = text.trim_start_matches('\u{feff}').trim();
        if object.is_empty() {
            continue;
        }
        let wrong =
            |error: serde_json::Error| UnreadableRecord::Shape(format!("line {line} is not a JSON object: {error}"));
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(object).map_err(wrong)?;
        for name in members.keys() {
            // Lines may have different members: a column begins where its name is first seen.
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let mut cells = Vec::with_capacity(columns.len());
        for column in &columns {
            let value = members
                .get(column)
                .map(|raw| MatchedValue::from_raw(raw.get()).map_err(wrong))
                .transpose()?;
            cells.push(value.and_then(|value| match value {
                MatchedValue::Container(json) => Some(json.into()),
                value => value.to_text(),
            }));
        }
        rows.push(cells.iter().map(Option::as_deref));
    }
    Ok((columns, rows))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use rand::SeedableRng;

    use super::*;

    fn feeder_in(name: &str, text: &str, order: FeederOrder) -> Result<Feeder, JourneyError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let file = FeederFile {
            order,
            ..FeederFile::default()
        };
        Feeder::open(&path, &file)
    }

    fn feeder(text: &str) -> Result<Feeder, JourneyError> {
        feeder_in("users.csv", text, FeederOrder::ByUser)
    }

    #[test]
    fn a_file_of_separated_values_is_read() {
        let feeder = feeder("login, password\nanna,\"a,b\"\nbert,\" say \"\"hi\"\"\"\n").unwrap();
        assert_eq!(feeder.columns(), ["login", "password"]);
        assert_eq!(feeder.cell(0, 1), Some("a,b"));
        assert_eq!(feeder.cell(1, 1), Some(" say \"hi\""));
        assert_eq!((feeder.by_user(1), feeder.by_user(2)), (1, 0));
    }

    #[test]
    fn values_of_json_lines_stay_as_they_are_written() {
        let text =
            "\u{feff}{\"id\": 10.00, \"name\": \"a\\\"b\", \"no\": null}\n\n{\"name\": \"c\", \"tags\": [1, 2]}\n";
        let feeder = feeder_in("users.jsonl", text, FeederOrder::ByUser).unwrap();
        assert_eq!(feeder.columns(), ["id", "name", "no", "tags"]);
        let cells = |row| (0..4).map(|column| feeder.cell(row, column)).collect::<Vec<_>>();
        assert_eq!(cells(0), [Some("10.00"), Some("a\"b"), None, None]);
        assert_eq!(cells(1), [None, Some("c"), None, Some("[1, 2]")]);
        let error = feeder_in("users.jsonl", "{}\n[1]\n", FeederOrder::ByUser).unwrap_err();
        assert!(error.to_string().contains("line 2 is not a JSON object"), "{error}");
    }

    #[test]
    fn rows_are_taken_in_their_order() {
        let drawn = |order| {
            let feeder = feeder_in("a.csv", "a\n1\n2\n3\n", order).unwrap();
            let mut random = SmallRng::seed_from_u64(1);
            let drawn: Vec<_> = (0..60).map(|_| feeder.draw(4, &mut random)).collect();
            (drawn, feeder.exhausted().is_some())
        };
        assert_eq!(drawn(FeederOrder::ByUser), (vec![Some(1); 60], false));
        let (sequential, _) = drawn(FeederOrder::Sequential);
        assert_eq!(sequential[..5], [Some(0), Some(1), Some(2), Some(0), Some(1)]);
        let (random, _) = drawn(FeederOrder::Random);
        assert!((0..3).all(|row| random.contains(&Some(row))), "{random:?}");
        let (unique, exhausted) = drawn(FeederOrder::Unique);
        assert_eq!(unique[..5], [Some(0), Some(1), Some(2), None, None]);
        assert!(exhausted);
    }

    #[test]
    fn rows_take_little_more_memory_than_their_file() {
        // Cells are short, and one in ten is quoted: the worst of what is common.
        let mut text = "id,login,email,city\n".to_owned();
        for row in 0..20_000 {
            writeln!(text, "{row},user{row},user{row}@example.com,\"Place, {row}\"").unwrap();
        }
        let feeder = feeder(&text).unwrap();
        assert_eq!(feeder.count(), 20_000);
        assert_eq!(feeder.cell(19_999, 3), Some("Place, 19999"));
        let (held, file) = (feeder.rows.bytes(), text.len());
        assert!(held as f64 <= 1.2 * file as f64, "{held} bytes for a file of {file}");
    }

    #[test]
    fn a_bad_shape_is_told() {
        let told = |text: &str| feeder(text).unwrap_err().to_string();
        assert!(told("login,login\na,b\n").ends_with("two columns are named `login`"));
        assert!(told("login,\na,b\n").ends_with("column 2 has no name"));
        assert!(told("login\n").ends_with("it holds no row"));
        assert!(told("a,b\n1,2\n3\n").ends_with("line 3 has 1 cells, and the header 2"));
        assert!(matches!(
            Feeder::read(Path::new("/nowhere.csv")),
            Err(JourneyError::Feeder { .. })
        ));
    }
}
