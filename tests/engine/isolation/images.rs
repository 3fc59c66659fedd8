//! Images that were built for stacks, and replaced by later builds.

use std::process::Command;

use super::shop::Shop;
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

#[test]
fn the_images_to_pull_are_told_beside_one_whose_name_is_none() {
    let _place = beside();
    let shop = Shop::of(
        "pulled",
        "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 80\n",
    );
    let services = "services:\n  a: { image: 'x:${TAG_OF_X}' }\n  web: { image: '127.0.0.1:1/none:1' }\n  z: { image: diapason/base:forky }\n";
    shop.put("compose.yml", services);
    let checked = diapason(&["check", shop.scenario().to_str().unwrap()], &[]);
    assert_eq!(checked.exit, 2, "{}", checked.text);
    for told in [
        "\nimages are pulled: 127.0.0.1:1/none:1\n",
        "service `a`, `image`: `x:` is not the name of an image",
        "the variable `TAG_OF_X` has no value and becomes empty (service `a`, `image`)",
    ] {
        assert!(checked.text.contains(told), "{told}: {}", checked.text);
    }
}
