//! Rows of data, one for each virtual user.

use std::path::Path;

use csv::StringRecord;

use super::JourneyError;
use crate::secrets::Secrets;

/// A CSV file with a header line, read into memory.
#[derive(Debug)]
pub struct Feeder {
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

impl Feeder {
    /// Reads the file. Cells are trimmed; every row must have as many as the header.
    pub fn read(path: &Path) -> Result<Self, JourneyError> {
        let failed = |source| JourneyError::Feeder {
            path: path.to_owned(),
            source,
        };
        let shape = |problem| JourneyError::FeederShape {
            path: path.to_owned(),
            problem,
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(failed)?;
        let columns: Vec<String> = reader.headers().map_err(failed)?.iter().map(str::to_owned).collect();
        for (position, column) in columns.iter().enumerate() {
            if column.is_empty() {
                return Err(shape(format!("column {} has no name", position + 1)));
            }
            if columns[..position].contains(column) {
                return Err(shape(format!("two columns are named `{column}`")));
            }
        }
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(failed)?;
        if rows.is_empty() {
            return Err(shape("no row below the header line".to_owned()));
        }
        Ok(Self { columns, rows })
    }

    /// Names of the columns in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Adds the cells of secret columns, such as `password`.
    pub(super) fn learn_secrets(&self, secrets: &mut Secrets) {
        for (position, column) in self.columns.iter().enumerate() {
            for row in &self.rows {
                secrets.learn(column, row.get(position).unwrap_or_default());
            }
        }
    }

    /// The cell of a user's row: row `user` modulo the number of rows.
    pub(super) fn cell(&self, user: u32, column: usize) -> Option<&str> {
        self.rows[user as usize % self.rows.len()].get(column)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn feeder(text: &str) -> Result<Feeder, JourneyError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Feeder::read(file.path())
    }

    #[test]
    fn users_take_rows_in_turn() {
        let feeder = feeder("login, password\nanna,\"a,b\"\nbert,\"say \"\"hi\"\"\"\n").unwrap();
        assert_eq!(feeder.columns(), ["login", "password"]);
        assert_eq!(feeder.cell(0, 1), Some("a,b"));
        assert_eq!(feeder.cell(1, 0), Some("bert"));
        assert_eq!(feeder.cell(2, 0), Some("anna"));
    }

    #[test]
    fn a_bad_shape_is_told() {
        let told = |text: &str| feeder(text).unwrap_err().to_string();
        assert!(told("login,login\na,b\n").ends_with("two columns are named `login`"));
        assert!(told("login,\na,b\n").ends_with("column 2 has no name"));
        assert!(told("login\n").ends_with("no row below the header line"));
        assert!(matches!(feeder("a,b\n1\n"), Err(JourneyError::Feeder { .. })));
        assert!(matches!(
            Feeder::read(Path::new("/nowhere.csv")),
            Err(JourneyError::Feeder { .. })
        ));
    }
}
