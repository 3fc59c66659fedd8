//! The stack file.

use proptest::prelude::*;

use diapason::stack::StackFile;

use super::damage::damaged_text;
use super::{cases, is_described, printed_back, shipped};

fn survives(text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.toml"), text).unwrap();
    StackFile::load(folder.path(), "s").map_or_else(|error| is_described(&error), |_| true)
}

fn reference() -> String {
    shipped("stacks/reference.toml")
}

const ATTACHED: &str = r#"
name = "attached"
description = "everything the reference does not use"
deadline = "1m 30s"

[attach]
url = "https://app.example:8443"
database-dsn = "postgresql://u:p@h/d"

[front-door]
http = "2"
source-addresses = ["127.0.0.2", "::1"]

[ready]
path = "/health"
"#;

#[test]
fn the_files_this_starts_from_are_whole() {
    let shipped = ["reference", "orchestr-a", "orchestr-a-next"].map(|name| shipped(&format!("stacks/{name}.toml")));
    for text in shipped.iter().map(String::as_str).chain([ATTACHED]) {
        let (value, again) = printed_back::<StackFile>(text).unwrap();
        assert_eq!(value, again);
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        prop_assert!(survives(&text));
    }

    #[test]
    fn a_damaged_stack_file_is_read_or_refused(
        text in prop_oneof![
            damaged_text(reference()),
            damaged_text(shipped("stacks/orchestr-a-next.toml")),
            damaged_text(ATTACHED.to_owned()),
        ],
    ) {
        prop_assert!(survives(&text));
        if let Some((value, again)) = printed_back::<StackFile>(&text) {
            prop_assert_eq!(value, again);
        }
    }
}
