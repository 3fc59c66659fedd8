//! The example journeys, tried on the reference stack.

use super::beside;
use super::running::{Said, diapason};

/// Brings the reference stack up, and takes it down when it is dropped.
struct Reference {
    namespace: String,
    front_door: String,
}

impl Reference {
    fn up() -> Self {
        let said = diapason(&["stack", "up"], &[]);
        assert_eq!(said.exit, 0, "{}", said.text);
        let line = said.text.lines().find(|line| line.contains(" http://")).unwrap();
        let (namespace, front_door) = line.split_once(' ').unwrap();
        Self {
            namespace: namespace.to_owned(),
            front_door: front_door.to_owned(),
        }
    }

    /// Two users walk the journey twice.
    fn tried(&self, journey: &str, more: &[&str]) -> Said {
        let mut arguments = vec!["try", journey, "--scenarios", "scenarios/examples"];
        arguments.extend(["--target", &self.front_door, "--users", "2", "--iterations", "2"]);
        arguments.extend(more);
        diapason(&arguments, &[])
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        diapason(&["stack", "down", &self.namespace], &[]);
    }
}

#[test]
fn every_example_does_what_it_says() {
    let _place = beside();
    let reference = Reference::up();
    for name in super::examples() {
        let said = reference.tried(&name, &[]);
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
    let said = reference.tried("values", &["--set", "variables.limit=19"]);
    assert_eq!(said.exit, 1, "{}", said.text);
    assert!(
        said.text.contains("FAILED    { json = \"$.data[*].id\", count = 20 }"),
        "{}",
        said.text
    );
}
