//! Holds the table of rooms in `src/lib.rs` against the code: imports go downwards only.

use std::path::{Path, PathBuf};

/// Rooms by layer, lowest first; a room may import from layers below its own.
const LAYERS: &[&[&str]] = &[
    &["units", "error", "secrets", "nginx"],
    &["stats", "schedule", "timer", "gzip"],
    &["record", "sizing", "wire"],
    &["evidence"],
    &["slo"],
    &["cause", "openslo", "stack"],
    &["journey", "probe", "init"],
    &["workload"],
    &["scenario"],
    &["words", "runs"],
    &["report", "live"],
    &["compare"],
    &["history"],
    &["run"],
    &["capacity"],
    &["cli"],
];

/// Judgement and what it looks at have no effects and cannot see how load was made; whoever makes it knows no objectives.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("evidence", &["wire"]),
    ("slo", &["wire"]),
    ("cause", &["wire"]),
    ("openslo", &["wire"]),
    ("stack", &["slo"]),
    ("journey", &["slo"]),
    ("probe", &["slo"]),
    ("workload", &["slo"]),
];

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms a text imports: every identifier after `crate::`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1)).map(|rest| {
        rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .next()
            .unwrap_or("")
    })
}

/// Imports of `text`, a file of `room`, that go upwards or sideways.
fn violations(room: &str, text: &str) -> Vec<String> {
    let own = layer(room).unwrap_or_else(|| panic!("room `{room}` is not in the table: add it here and in src/lib.rs"));
    let forbidden = FORBIDDEN
        .iter()
        .filter(|(name, _)| *name == room)
        .flat_map(|(_, rooms)| rooms.iter());
    let forbidden: Vec<&str> = forbidden.copied().collect();
    imports(text)
        .filter(|imported| *imported != room)
        .filter(|imported| layer(imported).is_none_or(|other| other >= own) || forbidden.contains(imported))
        .map(|imported| format!("{room} imports {imported}"))
        .collect()
}

#[test]
fn rooms_import_downwards_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut found = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let first = inside.iter().next().unwrap().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        found.extend(
            violations(room, &text)
                .into_iter()
                .map(|what| format!("{}: {what}", inside.display())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_upward_import_is_seen() {
    assert_eq!(violations("record", "use crate::slo::judge;"), ["record imports slo"]);
    assert_eq!(
        violations("slo", "    stack: crate::stack::Endpoints,"),
        ["slo imports stack"]
    );
    assert_eq!(
        violations("journey", "use crate::probe::Watch;"),
        ["journey imports probe"]
    );
    assert!(violations("slo", "use crate::record::Recording;\n// crate::cli is only named here").is_empty());
}
