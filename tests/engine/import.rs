//! What was recorded of the reference stack, and what describes it, becomes journeys that its successor answers.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::beside_large;
use super::examples::Reference;
use super::running::{Said, diapason};

/// Chromium's walk: log-in, dashboard, a project created and removed. `ci/chromium/walk.py` records it.
const WALK: &str = "tests/chromium/walk.har.gz";
/// The API as `@nestjs/swagger` describes it by its plugin for the compiler, without a word of its own and without the pages beside it.
const DESCRIPTION: &str = "tests/openapi/reference.json";
/// Share of the operations that answer with a status of success.
const ANSWERED: f64 = 0.9;

fn imported(arguments: &[&str], out: &Path) -> (Said, Vec<PathBuf>) {
    let out = out.to_str().unwrap();
    let said = diapason(&[&["import"], arguments, &["--out", out]].concat(), &[]);
    assert_eq!(said.exit, 0, "{}", said.text);
    let paths = said
        .text
        .lines()
        .filter(|line| line.contains("/journeys/") && !line.contains(' '));
    let paths = paths.map(PathBuf::from).collect();
    (said, paths)
}

/// Status with which the stack's proxy refuses requests that come too fast.
const REFUSED: u64 = 503;
/// Time in which the proxy's limiter forgets a burst: 20 requests at 10 a second.
const FORGOTTEN: Duration = Duration::from_secs(3);

/// Requests of one walk, each with its status; made again where walks before it have used up what the proxy's limiter lets in.
fn tried(journey: &Path, stack: &Reference) -> (Said, Vec<(String, u64)>) {
    let first = walked(journey, stack);
    if first.1.iter().all(|(_, status)| *status != REFUSED) {
        return first;
    }
    std::thread::sleep(FORGOTTEN);
    walked(journey, stack)
}

fn walked(journey: &Path, stack: &Reference) -> (Said, Vec<(String, u64)>) {
    let archive = journey.with_extension("har");
    let [journey, archive] = [journey, &archive].map(|path| path.to_str().unwrap().to_owned());
    let said = diapason(
        &["try", &journey, "--target", &stack.front_door, "--har", &archive],
        &[],
    );
    let text = std::fs::read_to_string(&archive).unwrap_or_else(|_| panic!("{}", said.text));
    let archive: Value = serde_json::from_str(&text).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap().iter();
    let requests = entries.map(|entry| {
        let request = &entry["request"];
        let line = format!(
            "{} {}",
            request["method"].as_str().unwrap(),
            request["url"].as_str().unwrap()
        );
        (line, entry["response"]["status"].as_u64().unwrap())
    });
    let requests = requests.collect();
    (said, requests)
}

#[test]
fn a_recorded_walk_and_a_description_become_journeys_that_the_stack_answers() {
    let _place = beside_large();
    let stack = Reference::up_as(&[]);
    let folder = tempfile::tempdir().unwrap();
    let packed = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(WALK)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let archive = folder.path().join("walk.har");
    std::fs::write(&archive, text).unwrap();
    let (said, paths) = imported(&["har", archive.to_str().unwrap()], folder.path());
    let walk = paths
        .iter()
        .find(|path| path.ends_with("walk.toml"))
        .unwrap_or_else(|| panic!("{}", said.text));
    let (tried_walk, requests) = tried(walk, &stack);
    assert_eq!(tried_walk.exit, 0, "{}\n{}", said.text, tried_walk.text);
    let made = |method: &str| requests.iter().filter(|(line, _)| line.starts_with(method)).count();
    // The log-in and the new project; the project is removed by the id that this stack gave it.
    assert_eq!((made("POST"), made("DELETE")), (2, 1), "{requests:?}");
    assert!(made("GET") >= 27, "{requests:?}");

    let (said, paths) = imported(&["openapi", DESCRIPTION, "--name", "described"], folder.path());
    let users = folder.path().join("data/described-users.csv");
    assert_eq!(
        std::fs::read_to_string(&users).unwrap().lines().next(),
        Some("login,password")
    );
    std::fs::write(users, "login,password\nadmin,admin123\n").unwrap();
    let mut all: Vec<(String, u64)> = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with("described-login.toml")) {
        let (_, requests) = tried(path, &stack);
        all.extend(requests.into_iter().filter(|(line, _)| !line.ends_with("/auth/login")));
    }
    let answered = all.iter().filter(|(_, status)| (200..300).contains(status)).count();
    let others: Vec<_> = all.iter().filter(|(_, status)| !(200..300).contains(status)).collect();
    assert!(
        answered as f64 >= ANSWERED * all.len() as f64 && all.len() >= 25,
        "{answered} of {}: {others:#?}\n{}",
        all.len(),
        said.text
    );
}
