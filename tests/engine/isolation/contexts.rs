//! The engine is that of `docker context` for everything.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::shop::Shop;
use crate::engine::beside;

#[test]
fn a_run_uses_the_engine_of_the_context_for_everything() {
    let _place = beside();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("other.sock");
    let config = folder.path().join("config");
    let docker = |arguments: &[&str]| {
        let output = Command::new("docker")
            .args(arguments)
            .env("DOCKER_CONFIG", &config)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    docker(&[
        "context",
        "create",
        "other",
        "--docker",
        &format!("host=unix://{}", socket.display()),
    ]);
    docker(&["context", "use", "other"]);
    let environment = [("DOCKER_CONFIG", config.to_str().unwrap())];
    // Nothing listens there: the engine at the default socket is not taken instead.
    let shop = Shop::pair("context");
    let finished = shop.run(&environment).finish();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    assert!(
        finished.talk.contains(&format!("unix://{}", socket.display())),
        "{}",
        finished.talk
    );
    symlink("/var/run/docker.sock", &socket).unwrap();
    let finished = shop.run(&environment).finish();
    assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
    assert_eq!(
        finished.json("evidence/observations.json")["failures"],
        serde_json::json!([]),
        "{}",
        finished.talk
    );
    let environment = [("DOCKER_HOST", "ssh://nobody@build.example")];
    let refused = shop.run(&environment).finish();
    assert_eq!(refused.exit, 2, "{}", refused.talk);
    assert!(refused.talk.contains("is on another machine"), "{}", refused.talk);
}
