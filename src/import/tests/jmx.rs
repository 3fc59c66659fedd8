use std::path::Path;

use proptest::prelude::*;

use super::written;
use crate::import::{ImportError, ImportResult, JmxOptions, jmx};

const PLAN: &str = include_str!("shop.jmx");

fn read(plan: &str, folder: &Path) -> Result<ImportResult, ImportError> {
    let options = JmxOptions {
        path: "shop.jmx".into(),
        folder: folder.to_owned(),
        name: "shop".to_owned(),
        hosts: Vec::new(),
    };
    jmx(plan, &options)
}

#[test]
fn thread_groups_become_journeys_and_the_rest_is_told_by_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.csv"), "anna;Word-1\nbert;Word-2\n").unwrap();
    let mut imported = read(PLAN, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let texts = written(&mut imported, folder.path());
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["shop-shoppers"]);
    assert_eq!(imported.mix, [("shop-shoppers".to_owned(), 20.0)]);
    let text = &texts[0].1;
    for line in [
        "feeder = { delimiter = \";\", file = \"../data/shop-users.csv\", order = \"sequential\" }",
        "headers = { x-shop = \"{{shop}}\" }",
        "variables = { shop = \"7\" }",
        "path = \"/api/login\"",
        "json = { password = \"{{password}}\", user = \"{{login}}\" }",
        "extract = { token = { json = \"$.token\", pick = \"first\" } }",
        "status = [200]",
        "[[step.step]]",
        "name = \"browse\"",
        "repeat = 3",
        "path = \"/api/items?page={{random 1 9}}\"",
        "think = \"500ms..2000ms\"",
        "check = [{ contains = \"items\" }]",
        "form = { item = \"{{item_id}}\", note = \"a b\" }",
        "multipart = [{ name = \"kind\", value = \"bill\" }, { file = \"../data/shop-bill.pdf\", name = \"file\", type = \"application/pdf\" }]",
    ] {
        assert!(text.lines().any(|found| found == line), "no {line:?} in\n{text}");
    }
    let users = std::fs::read_to_string(folder.path().join("data/shop-users.csv")).unwrap();
    assert_eq!(users, "login;password\nanna;Word-1\nbert;Word-2\n");
    let account = &imported.account;
    assert_eq!(
        (account.read, account.replayed, account.omitted()),
        (6, 4, 2),
        "{account:#?}"
    );
    let left: Vec<(&str, &str)> = account
        .left_out
        .iter()
        .map(|left| (left.reason.as_str(), left.places[0].as_str()))
        .collect();
    assert_eq!(
        left,
        [
            ("a request to another host (cdn.example)", "Elsewhere in line 135"),
            ("a sampler that is not HTTP (JDBCSampler)", "Count rows in line 141"),
        ]
    );
    for note in [
        "Only then in line 120: its steps are made each time, because a IfController",
        "Old in line 145 is switched off",
        "Script in line 95: a JSR223PostProcessor has no counterpart",
        "Bill in line 121: bill.pdf is not there: the file is empty",
    ] {
        assert!(
            account.notes.iter().any(|known| known.starts_with(note)),
            "no {note:?} in {:#?}",
            account.notes
        );
    }
}

#[test]
fn what_is_no_plan_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (text, told) in [
        ("", "is not a JMeter plan"),
        ("<html/>", "its root is not `jmeterTestPlan`"),
        ("<jmeterTestPlan>", "is not a JMeter plan"),
    ] {
        let error = read(text, folder.path()).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(matches!(
        read("<jmeterTestPlan><hashTree/></jmeterTestPlan>", folder.path()),
        Err(ImportError::Nothing { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Words of the plan are replaced by others: it is read and compiles, or it is refused.
    #[test]
    fn damaged_plans_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[a-z${}()_<>&;/ .,0-9\"é\\\\]{0,8}"), 1..6),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = PLAN.to_owned();
        for (index, with) in changes {
            // Values stand between the brackets of tags.
            let places: Vec<usize> = plan.match_indices('>').map(|(at, _)| at + 1).collect();
            let Some(at) = places.get(index.index(places.len().max(1))) else { continue };
            let end = plan[*at..].find('<').map_or(plan.len(), |end| at + end);
            plan.replace_range(*at..end, &with);
        }
        if !whole {
            let ends: Vec<usize> = plan.char_indices().map(|(at, _)| at).collect();
            plan.truncate(ends[cut.index(ends.len())]);
        }
        if let Ok(mut imported) = read(&plan, folder.path()) {
            prop_assert!(imported.account.is_complete(), "{:?}", imported.account);
            let to = crate::import::Destination {
                name: "shop".to_owned(),
                out: folder.path().to_owned(),
                force: true,
                ..crate::import::Destination::default()
            };
            let _ = crate::import::write(&mut imported, &to);
        }
    }
}
