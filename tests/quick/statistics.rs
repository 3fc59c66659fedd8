//! Objectives on a mean, a maximum, a throughput and an Apdex that no run could show.

use crate::workspace::{Workspace, code, words};

const MORE: &str = r#"
[[objective]]
name = "Mean"
indicator = "response-time"
statistic = "mean"
target = "4s"
acceptable = "8s"
[[objective]]
name = "Longest"
indicator = "response-time"
statistic = "max"
target = "5s"
acceptable = "6s"
[[objective]]
name = "Throughput"
indicator = "throughput"
target = "60/s"
acceptable = "50/s"
[[objective]]
name = "Apdex"
indicator = "apdex"
threshold = "5s"
target = "0.9"
acceptable = "0.8"
"#;

/// A workspace whose scenario has them beside its own, and is long enough for seconds to tell their spread.
pub(crate) fn add_to(workspace: &Workspace) {
    workspace.scenario();
    let path = workspace.path().join("short.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("duration = \"2s\"", "duration = \"6s\"");
    std::fs::write(&path, text + MORE).unwrap();
}

#[test]
fn what_cannot_be_shown_is_refused_before_the_run() {
    let workspace = Workspace::new();
    add_to(&workspace);
    let refused = |settings: &[&str]| {
        let mut arguments = vec!["check", "short.toml", "--target", "http://127.0.0.1:1"];
        for setting in settings {
            arguments.extend(["--set", *setting]);
        }
        let output = workspace.diapason(&arguments);
        assert_eq!(code(&output), 2, "{}", words(&output));
        words(&output)
    };
    let above = refused(&["objective.Throughput.target=100/s"]);
    assert!(
        above.contains("wants at least 100/s, and the plan sends about 100.0/s"),
        "{above}"
    );
    assert!(above.contains("hint: raise the rate, lower the limit"), "{above}");
    let twice = refused(&["objective.Mean.quantile=p95"]);
    assert!(twice.contains("it has a quantile and a statistic"), "{twice}");
    let kind = refused(&["objective.Throughput.target=100ms"]);
    assert!(
        kind.contains("a limit of `throughput` is a rate, not `100ms`"),
        "{kind}"
    );
    // 600 requests cannot show a score of 0.995: ln 0.025 / ln 0.995 = 735.9.
    let few = refused(&["objective.Apdex.target=0.995"]);
    assert!(
        few.contains("`Apdex`: it yields 600 samples where a pass needs at least 736"),
        "{few}"
    );
}
