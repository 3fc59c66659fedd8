use proptest::prelude::*;
use serde_json::{Value, json};

use super::written;
use crate::import::{ImportError, ImportResult, PostmanOptions, postman};

fn collection() -> Value {
    json!({
        "info": { "name": "Shop", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{token}}" }] },
        "variable": [{ "key": "baseUrl", "value": "https://shop.example/api" }, { "key": "task", "value": "7" }],
        "item": [
            { "name": "Log in", "event": [{ "listen": "test", "script": { "exec": ["pm.environment.set('token', 1)"] } }],
              "request": { "auth": { "type": "noauth" }, "method": "POST", "url": "{{baseUrl}}/login",
                "body": { "mode": "raw", "raw": "{\"user\":\"anna\",\"password\":\"Word-1\"}", "options": { "raw": { "language": "json" } } } } },
            { "name": "Tasks", "item": [
                { "name": "Open one", "request": { "method": "GET", "header": [{ "key": "X-Off", "value": "1", "disabled": true }],
                    "url": { "raw": "{{baseUrl}}/tasks/:id?full=true", "host": ["{{baseUrl}}"], "path": ["tasks", ":id"],
                             "variable": [{ "key": "id", "value": "{{task}}" }], "query": [{ "key": "full", "value": "true" }] } } },
                { "name": "Upload", "request": { "method": "POST", "url": { "protocol": "https", "host": ["shop", "example"], "path": ["files"] },
                    "body": { "mode": "formdata", "formdata": [{ "key": "note", "value": "{{$guid}}", "type": "text" },
                              { "key": "file", "type": "file", "src": "/home/anna/a.png" }] } } },
                { "name": "Elsewhere", "request": "https://other.example/x" },
                { "name": "Broken", "request": { "method": "GET" } }
            ] }
        ]
    })
}

fn read(text: &str) -> Result<ImportResult, ImportError> {
    let options = PostmanOptions {
        path: "shop.json".into(),
        name: "shop".to_owned(),
        hosts: Vec::new(),
    };
    postman(text, &options)
}

#[test]
fn folders_become_journeys_with_inherited_authorisation() {
    let folder = tempfile::tempdir().unwrap();
    let mut imported = read(&collection().to_string()).unwrap_or_else(|error| panic!("{error}"));
    let texts = written(&mut imported, folder.path());
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["shop", "shop-tasks"]);
    for (text, line) in [
        (&texts[0].1, "path = \"/api/login\""),
        (&texts[0].1, "json = { password = \"{{password}}\", user = \"anna\" }"),
        (&texts[1].1, "headers = { authorization = \"Bearer {{token}}\" }"),
        (&texts[1].1, "path = \"/api/tasks/{{task}}?full=true\""),
        (&texts[1].1, "name = \"open-one\""),
        (
            &texts[1].1,
            "multipart = [{ name = \"note\", value = \"{{uuid}}\" }, { file = \"../data/shop-1-a.png\", name = \"file\" }]",
        ),
    ] {
        assert!(text.lines().any(|found| found == line), "no {line:?} in\n{text}");
    }
    assert!(
        !texts[0].1.contains("authorization") && !texts[1].1.contains("x-off"),
        "{texts:#?}"
    );
    let account = &imported.account;
    assert_eq!((account.read, account.replayed, account.omitted()), (5, 3, 2));
    for note in [
        "Log in: its test script is not run: write its checks and extractions into the step",
        "variable token has no value in the collection: token is REPLACE-ME",
    ] {
        assert!(account.notes.iter().any(|known| known == note), "{:#?}", account.notes);
    }
}

#[test]
fn what_is_no_collection_is_an_error() {
    assert!(read("[]").unwrap_err().to_string().contains("no list `item`"));
    assert!(read("{").unwrap_err().to_string().contains("EOF"));
    assert!(matches!(read("{\"item\":[]}"), Err(ImportError::Nothing { .. })));
}

fn damaged(value: &Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    match choices.next().unwrap_or(255) {
        0 => return Value::Null,
        1 => return "{{x}}\u{e000}é\n{{ }}?#".into(),
        2 => return json!([{ "key": "a b", "value": "{{c}}" }]),
        _ => {}
    }
    match value {
        Value::Array(elements) => elements.iter().map(|element| damaged(element, choices)).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), damaged(value, choices)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_collection_is_accounted_for(choices in prop::collection::vec(0_u8..=40, 150)) {
        let broken = damaged(&collection(), &mut choices.into_iter());
        if let Ok(mut imported) = read(&broken.to_string()) {
            prop_assert!(imported.account.is_complete(), "{:?}", imported.account);
            let folder = tempfile::tempdir().unwrap();
            written(&mut imported, folder.path());
        }
    }
}
