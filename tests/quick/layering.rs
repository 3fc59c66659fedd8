//! Holds the tables of rooms in `src/lib.rs`, `src/engine/lib.rs` and `src/judgement/lib.rs` against the code: imports go downwards only,
//! and files of one room import each other in one direction.

mod circles;
mod sentences;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rooms by layer, lowest first; a room may import from layers below its own.
const LAYERS: &[&[&str]] = &[
    &["units", "error", "secrets", "nginx"],
    &["stats", "schedule", "timer", "gzip"],
    &["record", "sizing", "wire"],
    &["evidence"],
    &["slo"],
    &["cause", "openslo", "stack"],
    &["words", "journey", "probe", "maintenance", "init"],
    &["workload", "import"],
    &["scenario"],
    &["runs", "reference", "replay", "shipped"],
    &["report", "trial", "doctor", "metrics"],
    &["compare", "live"],
    &["history", "publish"],
    &["run"],
    &["ab", "capacity", "dossier"],
    &["cli"],
];

/// Whoever makes load knows no objectives. That judgement cannot see how load was made, its package holds.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("stack", &["slo"]),
    ("journey", &["slo"]),
    ("probe", &["slo"]),
    ("maintenance", &["slo"]),
    ("workload", &["slo"]),
];

/// Circles that are allowed, the room and the files and folders between which they run: none. A file or folder that no circle
/// touches any more must leave the list.
const CIRCLES: &[(&str, &[&str])] = &[];

/// Rooms of facts: what they find out becomes a sentence in `words`.
const FACTS: &[&str] = &["stats", "record", "sizing", "evidence", "slo", "cause", "live"];

/// Their files with messages of errors beside `error.rs`.
const MESSAGES: &[(&str, &str)] = &[
    ("evidence", "size_change.rs"),
    // Test cases for a CI server.
    ("live", "export.rs"),
    ("record", "hlog.rs"),
    ("record", "reader.rs"),
    ("record", "recording.rs"),
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

/// The rooms a text imports: every identifier after `crate::`. The unit tests at its end are left out: a test of a fact may look
/// at its sentence.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
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

/// The folders of the packages below; their rooms are named as those beside them.
const PACKAGES: &[&str] = &["engine/", "judgement/"];

/// Every file below `src/` as its room, its path below the room's folder, and its text.
fn files() -> Vec<(String, String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&source, &mut paths);
    let files = paths.iter().map(|path| {
        let inside = path.strip_prefix(&source).unwrap().to_str().unwrap();
        let below = PACKAGES.iter().find_map(|package| inside.strip_prefix(package));
        let inside = below.unwrap_or(inside);
        let (room, file) = inside
            .split_once('/')
            .unwrap_or((inside.trim_end_matches(".rs"), "mod.rs"));
        (room.to_owned(), file.to_owned(), std::fs::read_to_string(path).unwrap())
    });
    files
        .filter(|(room, _, _)| !matches!(room.as_str(), "lib" | "main"))
        .collect()
}

#[test]
fn rooms_import_downwards_only() {
    let files = files();
    let found = files.iter().flat_map(|(room, file, text)| {
        let found = violations(room, text).into_iter();
        found.map(move |what| format!("{room}/{file}: {what}"))
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Circles that are not allowed, and allowances that nothing needs any more.
fn unexpected(rooms: &BTreeMap<String, Vec<(String, String)>>, allowed: &[(&str, &[&str])]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for (room, files) in rooms {
        for circle in circles::circles(room, files) {
            let within = |places: &[&str]| {
                let mut files = circle.files.iter();
                files.all(|file| places.iter().any(|place| file.starts_with(place)))
            };
            match allowed.iter().find(|(name, places)| name == room && within(places)) {
                None => wrong.push(format!("a circle in src/{room}: {circle}")),
                Some((name, places)) => {
                    let touched = places
                        .iter()
                        .filter(|place| circle.files.iter().any(|file| file.starts_with(**place)));
                    needed.extend(touched.map(|place| (*name, *place)));
                }
            }
        }
    }
    for (room, places) in allowed {
        let idle = places.iter().filter(|place| !needed.contains(&(*room, **place)));
        wrong.extend(idle.map(|place| format!("no circle of src/{room}/{place} is left: take it off the list")));
    }
    wrong
}

#[test]
fn files_of_a_room_import_in_one_direction() {
    let mut rooms: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (room, file, text) in files() {
        rooms.entry(room).or_default().push((file, text));
    }
    let wrong = unexpected(&rooms, CIRCLES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_planted_circle_is_seen_and_an_allowance_that_is_not_needed_too() {
    let planted = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        BTreeMap::from([("journey".to_owned(), files.collect::<Vec<_>>())])
    };
    let rooms = planted(&[
        ("mod.rs", "mod one; mod two; pub use one::One;"),
        ("one.rs", "use super::two::Two; pub struct One(Two);"),
        ("two.rs", "use super::One; pub struct Two(Box<One>);"),
    ]);
    let told =
        "a circle in src/journey: one.rs - two.rs\n    one.rs needs two.rs for Two\n    two.rs needs one.rs for One";
    assert_eq!(unexpected(&rooms, &[]), [told]);
    assert_eq!(unexpected(&rooms, &[("journey", &["one.rs"])]).len(), 2);
    assert!(unexpected(&rooms, &[("journey", &["one.rs", "two.rs"])]).is_empty());
    let idle = "no circle of src/journey/three.rs is left: take it off the list";
    assert_eq!(
        unexpected(&rooms, &[("journey", &["one.rs", "three.rs", "two.rs"])]),
        [idle]
    );
}

#[test]
fn facts_are_not_turned_into_sentences() {
    let mut found = Vec::new();
    for (room, file, text) in files() {
        let fixture = file.contains("fixture") || file.contains("tests");
        if !FACTS.contains(&room.as_str()) || file.ends_with("error.rs") || fixture {
            continue;
        }
        let made = sentences::made(&text);
        let message = MESSAGES.contains(&(room.as_str(), file.as_str()));
        assert!(
            !message || !made.is_empty(),
            "{room}/{file} has no message: take it off the list"
        );
        if !message {
            found.extend(made.into_iter().map(|text| format!("{room}/{file}: {text}")));
        }
    }
    assert!(found.is_empty(), "sentences below `words`:\n{}", found.join("\n"));
}

#[test]
fn a_planted_sentence_is_seen() {
    let planted = r#"fn say(count: u64) -> String { format!("{count} were not counted") }"#;
    assert_eq!(sentences::made(planted), ["{count} were not counted"]);
    let owned = "const KEY: &str = \"a table of two words\";\nfn say() -> String {\n    \"the API is slow\"\n        .to_owned()\n}";
    assert_eq!(sentences::made(owned), ["the API is slow"]);
    let harmless = "// \"never a word\".to_owned()\nfn key() -> String { format!(\"{}.{}\", journey, step) }";
    assert_eq!(sentences::made(harmless), [""; 0]);
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
    assert!(
        violations(
            "slo",
            "use crate::record::Recording;\n#[cfg(test)]\nmod tests {\n    use crate::words::en;"
        )
        .is_empty()
    );
}
