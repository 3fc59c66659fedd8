//! The page in a real browser: what axe-core finds, and what its content policy stops.
//!
//! A page is judged in a copy that holds axe-core and no policy; Chromium prints the document when the script has ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs of three kinds: a pass, a failure and a measurement that is not valid. Each is seen in both languages and in both themes.
const PAGES: [(&str, &str, &str); 6] = [
    ("passing", "index.html", DARK),
    ("passing", "index.fr.html", LIGHT),
    ("errors", "index.html", LIGHT),
    ("errors", "index.fr.html", DARK),
    ("slow-generator", "index.html", DARK),
    ("slow-generator", "index.fr.html", LIGHT),
];
/// Chromium's numbers of the two themes.
const DARK: &str = "0";
const LIGHT: &str = "1";
/// Runs axe-core with all rules, those of good practice included, and leaves what it found in the document.
const SCRIPT: &str = "axe.run(document, { resultTypes: ['violations'] }).then(result => {
    const told = result.violations.map(rule => rule.id + ': ' + rule.help + '\\n' +
        rule.nodes.slice(0, 5).map(node => '  ' + node.target + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message)
            .join('\\n'));
    document.documentElement.setAttribute('data-axe', 'found ' + told.length + '\\n' + told.join('\\n'));
});";

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The script that `ci/setup pages` installs.
fn axe() -> String {
    let path = repository().join("target/npm/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; run `ci/setup pages`", path.display()))
}

/// The document as Chromium has it once its scripts have ended.
fn shown(page: &Path, theme: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,2000"])
        .arg(format!("--blink-settings=preferredColorScheme={theme}"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=120000", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap_or_else(|error| panic!("chromium: {error}; run `ci/setup browser`"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn rendered(run: &str, folder: &Path) -> PathBuf {
    let copy = folder.join(run);
    let status = Command::new("cp")
        .arg("-r")
        .arg(repository().join("tests/evidence").join(run))
        .arg(&copy)
        .status();
    assert!(status.unwrap().success());
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["report", "--lang", "fr,en"])
        .arg(&copy)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    copy
}

/// Findings of axe-core on that page, one rule a line with the first places.
fn findings(html: &str, folder: &Path, theme: &str) -> String {
    let policy = html.find("<meta http-equiv").unwrap();
    let end = policy + html[policy..].find('>').unwrap() + 1;
    let page = format!(
        "{}{}",
        &html[..policy],
        html[end..].replacen(
            "</body>",
            &format!("<script>{}</script><script>{SCRIPT}</script></body>", axe()),
            1
        )
    );
    let path = folder.join("judged.html");
    fs::write(&path, page).unwrap();
    let document = shown(&path, theme);
    let (_, found) = document
        .split_once("data-axe=\"")
        .unwrap_or_else(|| panic!("axe-core did not end: {} bytes", document.len()));
    found.split('"').next().unwrap().trim().to_owned()
}

#[test]
fn axe_finds_nothing_on_any_page_in_either_theme_or_language() {
    let _place = super::beside();
    let folder = tempfile::tempdir().unwrap();
    let mut found = Vec::new();
    for (run, file, theme) in PAGES {
        let copy = folder.path().join(run);
        if !copy.exists() {
            rendered(run, folder.path());
        }
        let html = fs::read_to_string(copy.join(file)).unwrap();
        let told = findings(&html, folder.path(), theme);
        if told != "found 0" {
            found.push(format!("{run}/{file}, theme {theme}: {told}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn axe_finds_what_is_planted() {
    let _place = super::beside();
    let folder = tempfile::tempdir().unwrap();
    let html = fs::read_to_string(rendered("passing", folder.path()).join("index.html")).unwrap();
    let planted = html.replacen("<main", "<img src=\"data:image/gif;base64,R0lGOD\"><main", 1);
    let told = findings(&planted, folder.path(), LIGHT);
    assert!(told.contains("image-alt"), "{told}");
}

#[test]
fn the_policy_stops_scripts_and_keeps_the_style() {
    let _place = super::beside();
    let folder = tempfile::tempdir().unwrap();
    let html = fs::read_to_string(rendered("passing", folder.path()).join("index.html")).unwrap();
    let script = "<script>document.title = 'it ran: ' + getComputedStyle(document.body).margin</script></body>";
    let page = html.replacen("</body>", script, 1);
    let path = folder.path().join("stopped.html");
    fs::write(&path, &page).unwrap();
    assert!(!shown(&path, LIGHT).contains("<title>it ran"));
    // With the script allowed it runs, and the style that the policy names by its hash applies: its body has no margin.
    let allowed = page.replacen(
        "default-src 'none';",
        "default-src 'none'; script-src 'unsafe-inline';",
        1,
    );
    fs::write(&path, allowed).unwrap();
    let document = shown(&path, LIGHT);
    assert!(document.contains("<title>it ran: 0px</title>"), "{}", &document[..600]);
}
