//! Images that were built for stacks, and replaced by later builds.

use std::process::Command;

use crate::engine::beside;
use crate::engine::docker::docker;
use crate::engine::running::diapason;

const NAME: &str = "diapason-built/leftover-web";

/// Builds it, with a difference; its id.
fn build(folder: &std::path::Path, difference: &str) -> String {
    std::fs::write(
        folder.join("Dockerfile"),
        format!("FROM diapason/base:forky\nENV DIFFERENCE={difference}\n"),
    )
    .unwrap();
    let label = "--label=io.diapason.built-for=leftover";
    docker(&["build", "--quiet", label, "--tag", NAME, folder.to_str().unwrap()])
}

fn is_there(image: &str) -> bool {
    let inspected = Command::new("docker")
        .args(["image", "inspect", image])
        .output()
        .unwrap();
    inspected.status.success()
}

#[test]
fn an_image_that_a_later_build_replaced_is_listed_and_removed() {
    let _place = beside();
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["1", "2"].map(|difference| build(folder.path(), difference));
    let listed = diapason(&["stack", "ps"], &[]).text;
    assert!(
        listed.contains("images of leftover  1 built and 1 replaced"),
        "{listed}"
    );
    let folder = std::env::temp_dir().join(format!("diapason-browser-{}-left", u32::MAX));
    std::fs::create_dir_all(&folder).unwrap();
    let pruned = diapason(&["stack", "prune", "--keep", "1000"], &[]);
    assert_eq!(pruned.exit, 0, "{}", pruned.text);
    assert!(!folder.exists(), "{}", pruned.text);
    assert!(is_there(&second), "{}", pruned.text);
    // Images stay while another test's run goes on.
    if pruned.text.contains("removed 0 images") {
        assert!(is_there(&first), "{}", pruned.text);
    } else {
        assert!(!is_there(&first), "{}", pruned.text);
    }
    docker(&["rmi", "--force", NAME]);
}
