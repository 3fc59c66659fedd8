//! The page in a real browser: what axe-core finds, and what its content policy stops.
//!
//! A page is judged in a copy that holds axe-core and no policy; Chromium prints the document when the script has ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs of three kinds: a pass, a failure and a measurement that is not valid.
const RUNS: [&str; 3] = ["passing", "errors", "slow-generator"];
/// Chromium's numbers of the two themes.
const DARK: &str = "0";
const LIGHT: &str = "1";
/// Seen in turn: each kind of page is seen in both themes and in both languages.
const THEMES: [&str; 2] = [DARK, LIGHT];
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

/// The checker that `ci/setup pages` installs.
fn nu() -> PathBuf {
    repository().join("target/nu/node_modules/vnu-jar/build/dist/vnu.jar")
}

/// Errors that the Nu Html Checker finds in those pages.
fn errors(pages: &[PathBuf]) -> String {
    let output = Command::new("java")
        .arg("-jar")
        .arg(nu())
        .args(["--errors-only", "--format", "gnu"])
        .args(pages)
        .output()
        .unwrap_or_else(|error| panic!("java: {error}; run `ci/setup pages`"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !told.contains("Unable to access jarfile"),
        "{told}; run `ci/setup pages`"
    );
    told
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

/// The program in that folder.
fn diapason(folder: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("DIAPASON_HISTORY")
        .output()
        .unwrap();
    let code = output.status.code();
    assert!(
        code.is_some_and(|code| code != 2),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A page of each kind in both languages, as paths from the folder: runs, a search for capacity, a comparison, a trend, all runs.
fn pages(folder: &Path) -> Vec<String> {
    for run in RUNS.iter().chain(&["capacity", "compare-base", "compare-slower"]) {
        rendered(run, folder);
    }
    diapason(folder, &["history", "--history", "h.sqlite", "index", "."]);
    // A run among earlier ones.
    diapason(
        folder,
        &["report", "compare-slower", "--history", "h.sqlite", "--lang", "fr,en"],
    );
    let compared = [
        "compare",
        "compare-base",
        "compare-slower",
        "--lang",
        "fr,en",
        "--export",
        "html=comparison.html",
    ];
    diapason(folder, &compared);
    let trend = [
        "history",
        "--history",
        "h.sqlite",
        "trend",
        "API response time",
        "--all",
    ];
    diapason(
        folder,
        &[&trend[..], &["--lang", "fr,en", "--export", "html=trend.html"]].concat(),
    );
    diapason(folder, &["history", "--history", "h.sqlite", "page", "--out", "."]);
    let runs = RUNS
        .iter()
        .chain(&["capacity", "compare-slower"])
        .map(|run| format!("{run}/index"));
    let stems = runs.chain(["comparison", "trend", "index"].map(str::to_owned));
    stems
        .flat_map(|stem| [format!("{stem}.html"), format!("{stem}.fr.html")])
        .collect()
}

#[test]
fn axe_finds_nothing_on_any_page_in_either_theme_or_language() {
    let _place = super::beside();
    let folder = tempfile::tempdir().unwrap();
    let mut found = Vec::new();
    for (index, file) in pages(folder.path()).iter().enumerate() {
        let html = fs::read_to_string(folder.path().join(file)).unwrap();
        // Of each pair, English and French, the first is dark and the second light; of the next pair the other way round.
        let theme = THEMES[(index + index / 2) % 2];
        let told = findings(&html, folder.path(), theme);
        if told != "found 0" {
            found.push(format!("{file}, theme {theme}: {told}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_nu_checker_finds_no_error_on_any_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages: Vec<PathBuf> = pages(folder.path())
        .iter()
        .map(|file| folder.path().join(file))
        .collect();
    let told = errors(&pages);
    assert_eq!(told, "", "{told}");
    let planted = fs::read_to_string(&pages[0]).unwrap().replacen("<h1>", "<h1><p>", 1);
    let path = folder.path().join("planted.html");
    fs::write(&path, planted).unwrap();
    assert_ne!(errors(&[path]), "");
}

#[test]
fn the_page_of_all_runs_is_filtered_under_its_own_policy() {
    let folder = tempfile::tempdir().unwrap();
    pages(folder.path());
    let document = shown(&folder.path().join("index.html"), "1");
    let (_, form) = document.split_once("<form class=\"filter\" id=\"filter\"").unwrap();
    assert!(
        !form.split('>').next().unwrap().contains("hidden"),
        "the script did not run"
    );
    // The choices are those of the column, each once.
    assert_eq!(form.matches("<option value=\"gate\">").count(), 1);
    assert!(document.contains("5 of 5 runs are shown."));
    let chosen = fs::read_to_string(folder.path().join("index.html")).unwrap();
    // A choice as a browser would restore it: the page is filtered from the start.
    let chosen = chosen.replacen(
        "data-column=\"4\" autocomplete=\"off\">",
        "data-column=\"4\" autocomplete=\"off\"><option selected>PASS</option>",
        1,
    );
    let path = folder.path().join("chosen.html");
    fs::write(&path, chosen).unwrap();
    let document = shown(&path, "1");
    let hidden = document.matches("<tr hidden").count();
    assert!(
        hidden > 0 && document.contains(&format!("{} of 5 runs are shown.", 5 - hidden)),
        "{hidden}"
    );
}

/// Clicks a head of the table of response times twice, moves the pointer over the first chart and enlarges it; leaves what it saw.
const USE: &str = "
    const table = document.querySelector('#steps table[data-sortable]');
    const heads = table.tHead.rows[0].cells;
    const column = () => [...table.tBodies[0].rows].map(row => row.cells[1].textContent).join(' ');
    const requests = heads[1].querySelector('button');
    requests.click();
    const falling = heads[1].ariaSort + ' ' + column();
    requests.click();
    const rising = heads[1].ariaSort + ' ' + column();
    const svg = document.querySelector('#latency .chart svg');
    const box = svg.getBoundingClientRect();
    svg.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + box.width / 2, clientY: box.top + 50 }));
    const tip = document.querySelector('.tip');
    const told = tip.hidden + ' ' + tip.textContent;
    document.querySelector('#latency .enlarge').click();
    const large = svg.getBoundingClientRect().width > box.width;
    document.documentElement.setAttribute('data-used', [falling, rising, told, large].join('|'));
";

#[test]
fn the_page_of_a_run_sorts_tells_values_and_enlarges() {
    let _place = super::beside();
    let folder = tempfile::tempdir().unwrap();
    let run = rendered("passing", folder.path());
    for file in ["index.html", "index.fr.html"] {
        let html = fs::read_to_string(run.join(file)).unwrap();
        // The page's own policy lets its own script run.
        let document = shown(&run.join(file), LIGHT);
        assert!(
            document.contains("class=\"sort\"") && document.contains("class=\"enlarge\""),
            "{file}"
        );
        let policy = html.find("<meta http-equiv").unwrap();
        let end = policy + html[policy..].find('>').unwrap() + 1;
        let page = format!("{}{}", &html[..policy], &html[end..]);
        let page = page.replacen("</body>", &format!("<script>{{{USE}}}</script></body>"), 1);
        let path = folder.path().join("used.html");
        fs::write(&path, page).unwrap();
        let document = shown(&path, LIGHT);
        let (_, used) = document.split_once("data-used=\"").unwrap();
        let used: Vec<&str> = used.split('"').next().unwrap().split('|').collect();
        let order = |told: &str| {
            let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
            let numbers = told.split(' ').skip(1).map(digits);
            numbers.map(|number| number.parse::<u64>().unwrap()).collect::<Vec<_>>()
        };
        assert!(
            used[0].starts_with("descending ") && order(used[0]).is_sorted_by(|one, other| one >= other),
            "{used:?}"
        );
        assert!(
            used[1].starts_with("ascending ") && order(used[1]).is_sorted(),
            "{used:?}"
        );
        assert!(used[2].starts_with("false ") && used[2].contains("p95"), "{used:?}");
        assert_eq!(used[3], "true", "{file}");
    }
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
