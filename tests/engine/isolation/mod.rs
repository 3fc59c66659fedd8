//! An isolated stack touches nothing else on its engine, tells no secrets, and leaves nothing, whatever goes wrong.

mod contexts;
mod engine;
mod failure;
mod images;
mod options;
mod seeds;
mod shared_network;
pub(super) mod shop;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::docker::inspect;
use super::running::{diapason, rewritten};
use super::{alone, beside};
use shop::{Production, Shop};

/// Everything secret that the shop or its scenario holds.
const SECRETS: [&str; 4] = [
    "known-Secret-of-stack-file-1",
    "known-Secret-of-env-file-2",
    "known-Secret-of-signing-3",
    "known-Secret-of-scenario-4",
];

#[test]
fn a_run_beside_production_changes_nothing_and_tells_no_secret() {
    let _place = beside();
    let production = Production::up();
    let before = production.fingerprint();
    let shop = Shop::new("beside");
    let mut run = shop.run(&[]);
    run.wait_for_load();
    let ours = run.label().containers();
    // data, migrate, two workers, web, mail; debug has a profile that nobody asked for.
    assert_eq!(ours.len(), 6, "{}", run.talk());
    for id in &ours {
        stands_apart(&inspect(id));
    }
    let listed = arguments_with_secrets();
    assert!(listed.is_empty(), "{listed:?}");
    let scratch = inspect(&ours[0])["Config"]["Labels"]["io.diapason.scratch"].clone();
    assert_eq!(
        files_with_secrets(Path::new(scratch.as_str().unwrap())),
        Vec::<PathBuf>::new()
    );
    assert_eq!(production.fingerprint(), before, "while the run goes on");
    let finished = run.finish();
    assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
    assert_eq!(production.fingerprint(), before, "after the run");
    assert!(finished.folder().join("report.json").is_file(), "{}", finished.talk);
    let scenario = fs::read_to_string(finished.folder().join("scenario.toml")).unwrap();
    assert!(scenario.contains("EXTRA_TOKEN = \"***\""), "{scenario}");
    assert_eq!(files_with_secrets(finished.out.path()), Vec::<PathBuf>::new());
    let notes = rewritten(&finished.json("stack.json"));
    for note in [
        "container shop-web-prod → diapason-",
        "network shop-network-prod → diapason-",
        "volume shop-data-prod → diapason-",
        "restart policy of mail → none",
        "labels of web: traefik.enable → left out",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

/// Everything of that container is its stack's own.
#[track_caller]
fn stands_apart(container: &Value) {
    let labels = container["Config"]["Labels"].as_object().unwrap();
    let namespace = labels["io.diapason.namespace"].as_str().unwrap();
    let name = container["Name"].as_str().unwrap();
    assert!(name.starts_with(&format!("/{namespace}-")), "{name}");
    assert!(!labels.contains_key("traefik.enable"), "{name}");
    assert_eq!(labels["com.docker.compose.project"], namespace);
    let host = &container["HostConfig"];
    assert_eq!(host["RestartPolicy"]["Name"], "no", "{name}");
    assert_eq!(host["Privileged"], false, "{name}");
    let bindings: Option<BTreeMap<String, Value>> = serde_json::from_value(host["PortBindings"].clone()).unwrap();
    for binding in bindings
        .unwrap_or_default()
        .values()
        .flat_map(|bindings| bindings.as_array().unwrap())
    {
        assert_eq!(binding["HostIp"], "127.0.0.1", "{name}");
        assert!(
            ["", "0"].contains(&binding["HostPort"].as_str().unwrap()),
            "{name}: {binding}"
        );
    }
    for network in container["NetworkSettings"]["Networks"].as_object().unwrap().keys() {
        assert!(network.starts_with(&format!("{namespace}_")), "{name}: {network}");
    }
    for mount in container["Mounts"].as_array().unwrap() {
        match mount["Type"].as_str().unwrap() {
            "volume" => assert!(mount["Name"].as_str().unwrap().starts_with(&format!("{namespace}_"))),
            _ => assert_eq!(mount["RW"], false, "{name}: {mount}"),
        }
    }
}

/// Processes of this machine whose arguments hold a secret.
fn arguments_with_secrets() -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| SECRETS.iter().any(|secret| line.contains(secret)))
        .collect()
}

fn files_with_secrets(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files_with_secrets(&path));
        } else if let Ok(content) = fs::read(&path) {
            let text = String::from_utf8_lossy(&content);
            found.extend(SECRETS.iter().any(|secret| text.contains(secret)).then_some(path));
        }
    }
    found
}

#[test]
fn what_the_killed_run_left_is_offered_and_removed() {
    // It may remove all that was left, and so all that another test has killed.
    let _alone = alone();
    let shop = Shop::pair("killed");
    let mut run = shop.run(&[]);
    let label = run.label();
    run.wait_for_load();
    run.kill();
    let namespace = label.namespace();
    let next = Shop::pair("next").run(&[]).finish();
    let offered = format!("{namespace} was left by a run that was killed: `diapason stack down --all` removes it");
    assert!(next.talk.contains(&offered), "{}", next.talk);
    // Somebody else's stack that is kept on this engine must not go with it.
    let idle = diapason(&["stack", "ps"], &[]).text;
    let is_alone = idle.lines().filter(|line| line.starts_with("diapason-")).count() == 1;
    let which = if is_alone { "--all" } else { &namespace };
    let down = diapason(&["stack", "down", which], &[]);
    assert!(
        down.exit == 0 && down.text.contains(&format!("removed {namespace}")),
        "{}",
        down.text
    );
    label.nothing_left();
}
