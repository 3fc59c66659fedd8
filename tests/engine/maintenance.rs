//! Planned events on a stack of two services: what they cost is told, and what they stop is no service that fell.

use super::beside;
use super::isolation::shop::Shop;
use super::running::Finished;

/// A shop whose judged phase lasts 20 s, with these events.
fn run(name: &str, events: &str) -> Finished {
    let shop = Shop::pair(name);
    shop.last("20s");
    // Enough users to go on asking while others wait for the service that is away.
    shop.change("count = 2", "count = 60");
    shop.change("quantile = 'p50'", "quantile = 'p95'");
    shop.change(
        "[probes.containers]",
        &format!("[probes.containers]\n[probes.front-door]\n{events}"),
    );
    shop.run(&[]).finish()
}

#[test]
fn downtime_and_recovery_are_those_of_the_event() {
    let _place = beside();
    let finished = run(
        "maintained",
        "[[event]]\nname = 'away'\nat = '4s'\nservice = 'app'\naction = 'kill'\nfor = '4s'\n\
         [[objective]]\nname = 'Downtime'\nindicator = 'downtime'\nduring = 'away'\ntarget = '1s'\nacceptable = '15s'\n\
         [[objective]]\nname = 'Recovery'\nindicator = 'recovery'\nduring = 'away'\nthreshold = '300ms'\ntarget = '9s'\nacceptable = '12s'\n",
    );
    // The application is away for longer than a second, and back soon enough.
    assert_eq!(finished.word("Downtime"), "WARN", "{}", finished.talk);
    assert_eq!(finished.word("Recovery"), "PASS", "{}", finished.talk);
    let report = finished.report();
    let rules = report["judgement"]["validity"].as_array().unwrap();
    let broken: Vec<_> = rules.iter().filter(|rule| rule["valid"] == false).collect();
    assert!(
        broken
            .iter()
            .all(|rule| rule["name"] != "containers" && rule["name"] != "events"),
        "{broken:?}"
    );
    let effect = &report["events"][0];
    let event = &effect["event"];
    let (begun, ended) = (event["begun"].as_f64().unwrap(), event["ended"].as_f64().unwrap());
    assert!(event["failure"].is_null() && ended - begun >= 4.0, "{event}");
    let injected = ended - begun;
    let down = effect["downtime"].as_f64().unwrap();
    // The application needs a moment to listen again.
    assert!(
        (down - injected).abs() <= 2.5,
        "{down} s down, {injected:.1} s injected"
    );
    let verdicts = report["judgement"]["verdicts"].as_array().unwrap();
    let judged = verdicts
        .iter()
        .find(|verdict| verdict["objective"]["name"] == "Downtime");
    let judged = judged.unwrap()["measurement"]["point"].as_f64().unwrap();
    assert!(
        (judged / 1e3 - down).abs() < 1e-9,
        "one downtime: {judged} ms, {down} s"
    );
    // A proxy that finds nobody at the address fails requests, or holds them until the application is back.
    let harmed = effect["failed"].as_u64().unwrap() + effect["slow"].as_u64().unwrap();
    assert!(harmed >= 1, "{effect}");
    assert!(effect["recovery"].as_f64().unwrap() <= 8.0, "{effect}");
    assert!(
        report["summary"].to_string().contains("Event `away` (kill of app"),
        "{}",
        report["summary"]
    );
}

#[test]
fn an_event_whose_command_fails_leaves_no_verdict_and_a_frozen_service_goes_on() {
    let _place = beside();
    let finished = run(
        "troubled",
        "[[event]]\nname = 'frozen'\nat = '3s'\nservice = 'app'\naction = 'pause'\nfor = '2s'\n\
         [[event]]\nname = 'backup'\nat = '12s'\nservice = 'app'\naction = 'exec'\ncommand = ['sh', '-c', 'echo no space left; exit 1']\n",
    );
    assert_eq!(finished.exit, 3, "{}", finished.talk);
    let report = finished.report();
    let frozen = &report["events"][0];
    assert!(
        frozen["event"]["failure"].is_null() && !frozen["recovery"].is_null(),
        "{frozen}"
    );
    let rule = finished.rule(&diapason::slo::Rule::StackEvents);
    assert_eq!(rule["valid"], false);
    assert!(rule["measured"].as_str().unwrap().contains("no space left"), "{rule}");
}

#[test]
fn the_entry_is_restarted_at_the_same_port() {
    let _place = beside();
    let finished = run(
        "entry-restarted",
        "[[event]]\nname = 'entry'\nat = '3s'\nservice = 'proxy'\naction = 'restart'\n",
    );
    let effect = &finished.report()["events"][0];
    assert!(
        effect["event"]["failure"].is_null() && !effect["recovery"].is_null(),
        "{effect}"
    );
}

#[test]
fn what_would_move_the_front_door_is_refused_before_the_load() {
    let _place = beside();
    let shop = Shop::pair("moved");
    // Two containers cannot share a port that is chosen beforehand: each has one of the engine's.
    let compose = std::fs::read_to_string(shop.stacks().join("compose.yml")).unwrap();
    shop.put(
        "compose.yml",
        &compose.replace("  proxy:\n", "  proxy:\n    deploy: { replicas: 2 }\n"),
    );
    shop.change(
        "[probes.containers]",
        "[[event]]\nname = 'entry'\nat = '3s'\nservice = 'proxy'\naction = 'restart'\n",
    );
    let finished = shop.run(&[]).finish();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    assert!(
        finished.talk.contains("publishes a port that the run uses"),
        "{}",
        finished.talk
    );
}
