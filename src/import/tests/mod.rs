//! Imports that are written and compiled.

mod curl;
mod har;
mod jmx;
mod log;
mod openapi;
mod postman;

use std::path::Path;

use super::{Destination, ImportResult, write};
use crate::journey::Journeys;

/// Writes an import and compiles what was written; the text of each journey by its name.
fn written(imported: &mut ImportResult, folder: &Path) -> Vec<(String, String)> {
    let to = Destination {
        name: "shop".to_owned(),
        out: folder.to_owned(),
        stack: "reference".to_owned(),
        force: true,
    };
    let written = write(imported, &to).unwrap_or_else(|error| panic!("{error}"));
    assert!(imported.account.is_complete(), "{:?}", imported.account);
    let names: Vec<String> = imported.journeys.iter().map(|journey| journey.name.clone()).collect();
    let texts = written
        .journeys
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let texts: Vec<(String, String)> = names.iter().cloned().zip(texts).collect();
    // The last needs the others, as sessions do.
    let last = names.last().cloned().into_iter().collect::<Vec<_>>();
    Journeys::load(&folder.join("journeys"), &last).unwrap_or_else(|error| panic!("{error}\n{texts:#?}"));
    texts
}
