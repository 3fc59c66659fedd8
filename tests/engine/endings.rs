//! Runs that do not end by themselves: a container is killed, the user interrupts. On a stack of two services; nothing is left.

use super::beside;
use super::docker::docker;
use super::isolation::shop::Shop;

#[test]
fn a_killed_container_is_named_and_nothing_is_left() {
    let _place = beside();
    let shop = Shop::pair("bereaved");
    let mut run = shop.run(&[]);
    run.wait_for_load();
    docker(&["kill", &run.label().service("app")[0]]);
    let finished = run.finish();
    assert_eq!(finished.exit, 3, "{}", finished.talk);
    let rule = finished.rule(&diapason::slo::Rule::Containers);
    assert_eq!(rule["valid"], false, "{rule}");
    let measured = rule["measured"].as_str().unwrap();
    assert!(measured.contains("app exited with code 137"), "{measured}");
}

#[test]
fn an_interrupt_saves_what_there_is_and_leaves_nothing() {
    let _place = beside();
    let shop = Shop::pair("interrupted");
    shop.last("60s");
    let mut run = shop.run(&[]);
    // A second of load is over.
    run.wait_until("load", |run| run.talk().contains(" s of "));
    run.signal("-INT");
    let finished = run.finish();
    assert_eq!(finished.exit, 130, "{}", finished.talk);
    let report = finished.report();
    assert_eq!(report["judgement"]["overall"], "INCONCLUSIVE", "{}", finished.talk);
    assert!(finished.folder().join("index.html").exists());
}

#[test]
fn an_interrupt_while_the_stack_comes_up_leaves_nothing() {
    let _place = beside();
    let shop = Shop::pair("half-up");
    // The second service waits for the first, which never answers its health check.
    shop.put(
        "compose.yml",
        "services:\n  app: { image: 'diapason/node:24-forky', init: true, command: [sleep, infinity],\n    \
         healthcheck: { test: [CMD, 'false'] } }\n  \
         proxy: { image: 'diapason/node:24-forky', ports: ['80'], depends_on: { app: { condition: service_healthy } } }\n",
    );
    let mut run = shop.run(&[]);
    run.wait_until("container", |run| !run.label().service("app").is_empty());
    run.signal("-TERM");
    let finished = run.finish();
    assert_eq!(finished.exit, 130, "{}", finished.talk);
    assert!(!finished.folder().join("report.json").exists(), "{}", finished.talk);
}
