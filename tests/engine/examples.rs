//! The example journeys, tried on the reference stack.

use super::running::{Said, diapason};

/// Two users walk the journey twice.
fn tried(front_door: &str, journey: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["try", journey, "--scenarios", "scenarios/examples"];
    arguments.extend(["--target", front_door, "--users", "2", "--iterations", "2"]);
    arguments.extend(more);
    diapason(&arguments, &[])
}

/// Every example does what it says on the reference stack behind that front door.
pub(super) fn walk_all(front_door: &str) {
    for name in super::examples() {
        let said = tried(front_door, &name, &[]);
        assert_eq!(said.exit, 0, "{name}:\n{}", said.text);
        assert!(!said.text.contains("FAILED"), "{name}:\n{}", said.text);
        assert!(
            said.text.contains("4 of 4 iterations completed"),
            "{name}:\n{}",
            said.text
        );
        for secret in ["Password123!", "an-example-key", "admin123"] {
            assert!(!said.text.contains(secret), "{name} shows {secret}:\n{}", said.text);
        }
    }
    // The variable is a part of the request: one row fewer is not what the check expects.
    let said = tried(front_door, "values", &["--set", "variables.limit=19"]);
    assert_eq!(said.exit, 1, "{}", said.text);
    assert!(
        said.text.contains("FAILED    { json = \"$.data[*].id\", count = 20 }"),
        "{}",
        said.text
    );
}
