//! `diapason list`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::Kind;
use super::output::Output;
use super::pdf;
use crate::error::Hint;
use crate::evidence::ProbeKind;
use crate::report::EXPORTERS;
use crate::slo::INDICATORS;
use crate::workload::EXECUTORS;

#[derive(Debug, thiserror::Error)]
#[error("failed to list folder: {}", path.display())]
struct ListError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl Hint for ListError {
    fn hint(&self) -> Option<String> {
        Some("run it where the `scenarios` folder is, or name it with `--scenarios DIR`".to_owned())
    }
}

type Rows = Vec<(String, String)>;

pub(super) fn list(kind: Kind, scenarios: &Path, output: Output) -> Exit {
    let pairs = |table: &[(&str, &str)]| {
        Ok(table
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect())
    };
    let rows: Result<Rows, ListError> = match kind {
        Kind::Scenarios => files(scenarios),
        Kind::Journeys => files(&scenarios.join("journeys")),
        Kind::Stacks => files(&scenarios.join("stacks")),
        Kind::Indicators => Ok(INDICATORS
            .iter()
            .map(|known| (known.profile().name.to_owned(), known.profile().describe.to_owned()))
            .collect()),
        Kind::Exporters => Ok(EXPORTERS
            .iter()
            .map(|known| (known.name(), known.describe()))
            .chain([pdf::LISTED])
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()),
        Kind::Executors => pairs(EXECUTORS),
        Kind::Probes => pairs(&ProbeKind::ALL.map(|probe| (probe.name(), probe.describe()))),
    };
    match rows {
        Ok(rows) => {
            let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            let mut text = String::new();
            for (name, describe) in rows {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{name:<width$}  {describe}");
            }
            output.deliver(&text);
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

/// File stem and description of every TOML file in the folder; a file that does not parse is listed as such.
fn files(folder: &Path) -> Result<Rows, ListError> {
    let failed = |source| ListError {
        path: folder.to_owned(),
        source,
    };
    let mut rows = Rows::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let table = toml::from_str::<toml::Table>(&text);
        let description = match &table {
            Ok(table) => table.get("description").and_then(toml::Value::as_str).unwrap_or(""),
            Err(_) => "(not valid TOML)",
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        rows.push((stem, description.to_owned()));
    }
    // A folder lists its files in the order of its file system.
    rows.sort();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_toml_file_is_listed_by_name_even_one_that_does_not_parse() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("spike.toml", "description = \"A spike\""),
            ("gate.toml", "name = \"gate\""),
            ("broken.toml", "description = "),
            ("notes.txt", "description = \"none of ours\""),
        ] {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let rows = files(folder.path()).unwrap();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(
            rows,
            [("broken", "(not valid TOML)"), ("gate", ""), ("spike", "A spike")]
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_with_the_flag_that_names_another() {
        let error = files(Path::new("/no/scenarios")).unwrap_err();
        assert_eq!(error.to_string(), "failed to list folder: /no/scenarios");
        assert!(error.hint().unwrap().contains("--scenarios DIR"));
        assert_eq!(
            list(Kind::Journeys, Path::new("/no"), Output::new(true)),
            Exit::CouldNot
        );
    }
}
