//! Requests of a log that rules replay as steps of the scenario's own journeys.

use std::path::{Path, PathBuf};

use super::*;

/// A journey with a session, of which rules take steps.
fn shared_journeys(folder: &Path) {
    for (name, text) in [
        (
            "enter",
            "name = 'enter'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/enter'\nextract = { token = '$.t' }\n",
        ),
        (
            "things",
            "name = 'things'\ndescription = 'd'\nsession = 'enter'\ntags = ['api']\nheaders = { x-token = '{{token}}' }\n\
             [[step]]\nname = 'list'\npath = '/things'\nextract = { thing = '$[0].id' }\n\
             [[step]]\nname = 'open'\npath = '/things/{{thing}}'\nthink = '1s'\ntags = ['read']\n",
        ),
    ] {
        std::fs::write(folder.join("journeys").join(format!("{name}.toml")), text).unwrap();
    }
}

const SHARED_RULES: &str = "[tags]\npage = ['/own']\n[[rule]]\npath = '/things'\nmethod = 'GET'\nas = 'things.list'\n\
    [[rule]]\npath = '/things/{id}'\nas = 'things.open'\n\
    [[rule]]\npath = '/other/{id}'\nas = 'things.open'\nstep = { status = [404] }\n";

/// Client 1 lists and opens; client 2 opens what it has not listed, and another page.
fn shared_log() -> String {
    [
        line(1, 0.1, 0.1, "GET /things", 200),
        line(1, 1.1, 0.1, "GET /things/7", 200),
        line(1, 2.1, 0.1, "GET /other/8", 404),
        line(2, 3.1, 0.1, "GET /things/9", 200),
        line(2, 4.1, 0.1, "GET /own", 200),
    ]
    .concat()
}

fn shared(folder: &Path, starts: ReplayStarts) -> (PathBuf, Replay) {
    let scenario = scenario(folder);
    shared_journeys(folder);
    let mut options = options(folder, &shared_log());
    options.starts = starts;
    let path = folder.join("rules.toml");
    std::fs::write(&path, SHARED_RULES).unwrap();
    options.log.rules = Some(path);
    let replay = prepare(&scenario, &options).unwrap();
    (scenario, replay)
}

#[test]
fn a_rule_names_a_step_whose_values_go_from_request_to_request_of_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, replay) = shared(folder.path(), ReplayStarts::Sessions);
    let plan = &replay.load.plan;
    assert!(plan.is_complete(), "{plan:?}");
    assert_eq!((plan.read, plan.replayed, plan.mapped, plan.omitted()), (5, 1, 3, 1));
    assert_eq!(plan.left_out[0].reason, LeftOutReason::NoValue("thing".to_owned()));
    let place = plan.left_out[0].first.as_deref().unwrap();
    assert!(place.ends_with(":4"), "{place}");
    let load = Plan::load(
        &scenario,
        PlanOptions {
            replay: Some(replay.load.into()),
            target: Some("http://127.0.0.1:1".to_owned()),
            ..PlanOptions::default()
        },
    )
    .unwrap()
    .summary
    .load;
    // Series are called as those of the journey, unless a rule changes the step.
    let series: Vec<(&str, Vec<&str>, f64)> = load
        .series
        .iter()
        .map(|series| {
            let tags = series.tags.iter().map(String::as_str).collect();
            (series.name.as_str(), tags, series.expected)
        })
        .collect();
    let api = || vec!["read", "api"];
    assert_eq!(
        series,
        [
            ("enter.s", vec![], 0.0),
            ("own-2.get", vec!["page"], 1.0),
            ("things.list", vec!["api"], 1.0),
            ("things.open", api(), 1.0),
            ("things-id-2.get", api(), 1.0),
        ]
    );
    assert!(load.phases.iter().any(|phase| phase.name == "log-in"), "{load:?}");
}

#[test]
fn in_the_open_no_request_has_the_values_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let plan = shared(folder.path(), ReplayStarts::Lines).1.load.plan;
    assert!(plan.is_complete(), "{plan:?}");
    assert_eq!((plan.replayed, plan.mapped, plan.omitted()), (1, 1, 3));
}

#[test]
fn kinds_that_the_scenario_asks_for_as_well_have_its_tags() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let own = folder.path().join("journeys/own.toml");
    let text = std::fs::read_to_string(&own).unwrap() + "tags = ['page']\n";
    std::fs::write(own, text).unwrap();
    let options = options(folder.path(), &log());
    let replay = prepare(&scenario, &options).unwrap().load;
    let tagged: Vec<bool> = replay
        .journeys
        .iter()
        .map(|journey| journey.text.contains("tags = [\"page\"]"))
        .collect();
    let names: Vec<&str> = replay.journeys.iter().map(|journey| journey.name.as_str()).collect();
    assert_eq!((names, tagged), (vec!["tasks-id", "own-2"], vec![false, true]));
}

#[test]
fn an_objective_that_selects_nothing_is_refused_with_a_way_to_tag_requests() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    std::fs::write(
        &scenario,
        SCENARIO.replace("indicator = 'error-rate'", "indicator = 'error-rate'\nof = '#api'"),
    )
    .unwrap();
    let replay = prepare(&scenario, &options(folder.path(), &log())).unwrap().load;
    let error = Plan::load(
        &scenario,
        PlanOptions {
            replay: Some(replay.into()),
            target: Some("http://127.0.0.1:1".to_owned()),
            ..PlanOptions::default()
        },
    )
    .unwrap_err();
    assert!(error.hint().unwrap().contains("below `[tags]`"), "{:?}", error.hint());
}
