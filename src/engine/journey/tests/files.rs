//! Reading and compiling journey files.

use std::path::Path;

use super::*;

#[test]
fn series_and_tags_are_known_before_a_run() {
    let loaded = journeys(&[("tasks", WITH_SESSION), ("login", SESSION)]).unwrap();
    let series: Vec<_> = loaded
        .series()
        .iter()
        .map(|series| (series.name.as_str(), series.tags.join(",")))
        .collect();
    let expected = [("login.post", ""), ("tasks.list", "api"), ("tasks.patch", "api,write")];
    assert_eq!(series, expected.map(|(name, tags)| (name, tags.to_owned())));
    let ids: Vec<u16> = loaded
        .get("tasks")
        .unwrap()
        .requests()
        .iter()
        .map(|(id, _)| id.0)
        .collect();
    assert_eq!(ids, [1, 2]);
    assert!(loaded.need_session(&["tasks".to_owned()]));
    assert!(!loaded.need_session(&["login".to_owned()]));
    assert_eq!(loaded.sessions().next().unwrap().name(), "login");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    use crate::error::Hint;
    let told = |files: &[(&str, &str)]| {
        let error = journeys(files).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let file = |text: &str| {
            let first = text.lines().next().unwrap_or_default();
            first.rsplit('/').next().unwrap_or_default().to_owned()
        };
        (file(&error.to_string()), source.unwrap_or_default(), error.hint())
    };
    let (place, source, hint) = told(&[("j", &GET.replace("'/'", "'/{{usr}}'"))]);
    assert_eq!(place, "j.toml: step `s`: `path`");
    assert_eq!(source, "`{{usr}}` names nothing known here");
    assert!(hint.unwrap().starts_with("did you mean `user`?"));

    assert_eq!(told(&[("j", "step = []")]).1, "a journey has at least one step");
    for name in ["", "a b", "a,b"] {
        let step = GET.replace("'s'", &format!("'{name}'"));
        assert_eq!(told(&[("j", &step)]).1, "a name has no blanks or commas in it");
        assert_eq!(
            told(&[(&format!("x {name}"), GET)]).1,
            "a name has no blanks or commas in it"
        );
    }
    assert_eq!(
        told(&[("j", &GET.repeat(2))]).1,
        "two steps of this journey have this name"
    );
    assert_eq!(
        told(&[("j", &format!("{GET}think = '1s'"))]).1,
        "the first step begins when the schedule says"
    );
    assert!(
        told(&[("j", &format!("{GET}colour = 1"))])
            .1
            .contains("unknown field `colour`")
    );
    assert_eq!(
        told(&[
            ("j", &format!("session = 'k'\n{GET}")),
            ("k", &format!("session = 'j'\n{GET}"))
        ])
        .1,
        "`k` logs users in and cannot need a session itself"
    );
    let page = "[[page]]\nname = 'p'\npath = '/'\n";
    assert!(
        told(&[("web", page)])
            .0
            .starts_with("web.toml is a journey of page loads")
    );
    let later = "[[step]]\nname = 'a'\npath = '/{{id}}'\n[[step]]\nname = 'b'\npath = '/'\nextract = { id = '$.id' }";
    assert_eq!(told(&[("j", later)]).1, "`{{id}}` names nothing known here");
}

#[test]
fn a_journey_that_is_not_there_is_answered_by_those_that_are() {
    use crate::error::Hint;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("projects.toml"), "").unwrap();
    let error = Journeys::load(folder.path(), &["project".to_owned()]).unwrap_err();
    assert!(error.to_string().starts_with("no journey `project` in "));
    assert_eq!(error.hint().unwrap(), "did you mean `projects`? known here: projects");
}

#[test]
fn the_journeys_of_the_reference_stack_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/journeys");
    let names = ["login", "projects", "tasks"].map(str::to_owned);
    let journeys = Journeys::load(&folder, &names).unwrap();
    assert!(journeys.need_session(&names));
    let rows = names_in(&folder).unwrap();
    assert!(names.iter().all(|name| rows.iter().any(|row| row.name == *name)));
}

#[test]
fn the_examples_are_journeys() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/examples/journeys");
    let listed = names_in(&folder).unwrap();
    let of_requests = listed.into_iter().filter(|row| row.kind == JourneyKind::Requests);
    let names: Vec<String> = of_requests.map(|row| row.name).collect();
    let loaded = Journeys::load(&folder, &names).unwrap();
    assert_eq!(
        loaded.sessions().map(Journey::name).collect::<Vec<_>>(),
        ["admin-login", "api-login", "form-login"]
    );
    assert_eq!(loaded.series().len(), 50);
    assert_eq!(loaded.transactions().len(), 2);
}

#[test]
fn the_line_of_an_error_is_shown() {
    let error = journeys(&[("j", &GET.replace("'/'", "'/{{usr}}'"))]).unwrap_err();
    let shown = error.to_string();
    let mut lines = shown.lines().skip(1);
    assert_eq!(lines.next(), Some("  |"));
    assert_eq!(lines.next(), Some("5 | path = '/{{usr}}'"));
    assert_eq!(lines.next(), Some("  |            ^^^"));
}
