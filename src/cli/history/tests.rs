use super::*;
use crate::history::fixture::entry;

fn asked() -> HistoryFilter {
    HistoryFilter {
        scenario: None,
        tags: Vec::new(),
        since: None,
        verdict: None,
        last: None,
    }
}

#[test]
fn each_flag_becomes_a_filter_and_changes_no_other() {
    let all = RunFilter::default;
    let table = [
        (asked(), all()),
        (
            HistoryFilter {
                scenario: Some("gate".to_owned()),
                ..asked()
            },
            RunFilter {
                scenario: Some("gate".to_owned()),
                ..all()
            },
        ),
        (
            HistoryFilter {
                tags: vec![("branch".to_owned(), "main".to_owned())],
                ..asked()
            },
            RunFilter {
                tags: vec![("branch".to_owned(), "main".to_owned())],
                ..all()
            },
        ),
        (
            HistoryFilter {
                since: Some("2026-03-01".to_owned()),
                ..asked()
            },
            RunFilter {
                since: Some("2026-03-01T00:00:00Z".parse().unwrap()),
                ..all()
            },
        ),
        (
            HistoryFilter {
                last: Some(3),
                ..asked()
            },
            RunFilter { last: Some(3), ..all() },
        ),
    ];
    for (asked, expected) in table {
        assert_eq!(format!("{:?}", filter(&asked).unwrap()), format!("{expected:?}"));
    }
    for word in [
        VerdictWord::Pass,
        VerdictWord::Warn,
        VerdictWord::Inconclusive,
        VerdictWord::Fail,
        VerdictWord::Invalid,
    ] {
        for text in [word.name().to_owned(), word.name().to_lowercase()] {
            let asked = HistoryFilter {
                verdict: Some(text),
                ..asked()
            };
            assert_eq!(filter(&asked).unwrap().verdict, Some(word));
        }
    }
}

#[test]
fn what_cannot_be_asked_for_is_told_with_what_can() {
    let refused = |change: fn(&mut HistoryFilter)| {
        let mut asked = asked();
        change(&mut asked);
        let error = filter(&asked).unwrap_err();
        (error.to_string(), error.hint())
    };
    assert_eq!(
        refused(|asked| asked.verdict = Some("good".to_owned())),
        (
            "`good` is no verdict".to_owned(),
            Some("use one of pass, warn, inconclusive, fail, invalid".to_owned())
        )
    );
    assert_eq!(
        refused(|asked| asked.since = Some("yesterday".to_owned())).0,
        "`yesterday` is neither a span such as `90d` nor a date such as `2026-03-01`"
    );
}

#[test]
fn a_trend_is_of_the_runs_that_are_comparable_with_the_newest() {
    let run = |name: &str, comparable: &str| HistoryEntry {
        comparable: comparable.to_owned(),
        ..entry(name, "2026-03-01T08:00:00Z")
    };
    let runs = vec![run("a", "new"), run("b", "old"), run("c", "old"), run("d", "new")];
    let kept = comparable(runs, Output::new(true));
    assert_eq!(kept.iter().map(HistoryEntry::name).collect::<Vec<_>>(), ["a", "d"]);
    assert!(comparable(Vec::new(), Output::new(true)).is_empty());
}

#[tokio::test]
async fn folders_go_before_the_index_forgets_them_and_latest_leads_nowhere_else() {
    let out = tempfile::tempdir().unwrap();
    let place = Location::File(out.path().join("h.sqlite"));
    let mut history = History::open(&place).await.unwrap();
    let runs = ["old", "new"].map(|name| entry(name, "2026-03-01T08:00:00Z"));
    history.add(&runs).await.unwrap();
    for name in ["old", "new"] {
        std::fs::create_dir_all(out.path().join(name).join("evidence")).unwrap();
    }
    std::os::unix::fs::symlink("old", out.path().join("latest")).unwrap();
    let going = |name: &str, entry: &HistoryEntry| Pruning {
        entry: entry.clone(),
        folder: Some(out.path().join(name)),
    };
    // A run whose folder cannot be removed stays in the index.
    let failed = remove(&mut history, &[going("none", &runs[0])], out.path())
        .await
        .unwrap_err();
    assert!(
        failed.to_string().starts_with("failed to remove run folder: "),
        "{failed}"
    );
    assert_eq!(history.runs(&RunFilter::default()).await.unwrap().len(), 2);
    remove(&mut history, &[going("old", &runs[0])], out.path())
        .await
        .unwrap();
    let left = history.runs(&RunFilter::default()).await.unwrap();
    assert_eq!(left.iter().map(HistoryEntry::name).collect::<Vec<_>>(), ["new"]);
    assert!(!out.path().join("old").exists() && out.path().join("new").exists());
    assert!(!out.path().join("latest").is_symlink());
}

#[test]
fn a_run_that_is_not_in_the_history_is_told_why() {
    let error = HistoryError::Folder {
        path: PathBuf::from("/no"),
        source: std::io::Error::other("denied"),
    };
    assert_eq!(
        warning(&error),
        "warning: not in the history: failed to make the folder of the history: /no: denied"
    );
}
