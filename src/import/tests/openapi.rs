use proptest::prelude::*;
use serde_json::Value;

use super::written;
use crate::import::{ImportError, ImportResult, OpenApiOptions, openapi};

const SHOP: &str = r##"
openapi: 3.1.0
servers: [{ url: "https://shop.example/api/" }]
security: [{ bearer: [] }]
paths:
  /auth/login:
    post:
      tags: [auth]
      security: []
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Login" } } } }
      responses: { "200": { content: { application/json: { schema: { properties: { access_token: { type: string } } } } } } }
  /auth/logout: { post: { tags: [auth], responses: {} } }
  /projects:
    get: { tags: [projects], operationId: listProjects, responses: { "200": { content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Node" } } } } } } }
  /tasks:
    parameters: [{ name: page, in: query, required: true, schema: { type: integer, minimum: 3 } }]
    get: { tags: [tasks], responses: { "200": { description: ok } } }
    post:
      tags: [tasks]
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/NewTask" } } } }
      responses: { "201": { content: { application/json: { schema: { $ref: "#/components/schemas/Node" } } } } }
  /tasks/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
    get: { tags: [tasks], responses: { "200": {} } }
    patch: { tags: [tasks], requestBody: { content: { application/json: { schema: { properties: { title: { type: string } } } } } }, responses: { "200": {} } }
    delete: { tags: [tasks], responses: { "204": {} } }
  /users/{id}:
    get: { tags: [users], deprecated: true, responses: {} }
    delete: { tags: [users], responses: {} }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    Login: { required: [email, password], properties: { email: { type: string, example: "anna@shop.example" }, password: { type: string } } }
    Node: { properties: { id: { type: integer }, parent: { $ref: "#/components/schemas/Node" } } }
    NewTask:
      allOf:
        - { $ref: "#/components/schemas/Base" }
        - { required: [kind, due], properties: { kind: { enum: [bug, feature] }, due: { type: [string, "null"], format: date }, loop: { $ref: "#/components/schemas/NewTask" } } }
    Base: { type: object, required: [title, projectId, tags], properties: { title: { type: string, minLength: 3 }, projectId: { type: integer }, tags: { type: array, items: { type: string, maxLength: 4 } }, note: { type: string, default: "n {{x}}" }, id: { type: integer, readOnly: true } } }
"##;

fn read(text: &str) -> Result<ImportResult, ImportError> {
    let options = OpenApiOptions {
        path: "api.yml".into(),
        name: "shop".to_owned(),
    };
    openapi(text, &options)
}

fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_description_becomes_a_session_and_journeys_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut imported = read(SHOP).unwrap_or_else(|error| panic!("{error}"));
    let texts = written(&mut imported, folder.path());
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["shop-login", "shop-projects", "shop-tasks"]);
    holds(
        &texts[0].1,
        &[
            "feeder = \"../data/shop-users.csv\"",
            "path = \"/api/auth/login\"",
            "json = { email = \"{{email}}\", password = \"{{password}}\" }",
            "extract = { access_token = { json = \"$.access_token\" } }",
        ],
    );
    let tasks = &texts[2].1;
    holds(
        tasks,
        &[
            "session = \"shop-login\"",
            "headers = { authorization = \"Bearer {{access_token}}\" }",
            "path = \"/api/tasks?page=3\"",
            "extract = { project_id = { json = \"$[*].id\" } }",
            "json = { due = \"{{date +1d %Y-%m-%d}}\", kind = \"bug\", note = \"n {{two_braces}}x}}\", projectId = \"{{number project_id}}\", \
             tags = [\"tags\"], title = \"title-{{random 100000 999999}}\" }",
            "extract = { new_task_id = { json = \"$.id\" } }",
            "path = \"/api/tasks/{{new_task_id}}\"",
        ],
    );
    let order: Vec<usize> = ["find-project", "POST", "PATCH", "DELETE"]
        .iter()
        .map(|word| tasks.find(word).unwrap())
        .collect();
    assert!(order.is_sorted(), "{tasks}");
    let account = &imported.account;
    assert_eq!((account.read, account.replayed, account.omitted()), (10, 7, 3));
    let reasons: Vec<&str> = account.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "a deprecated operation",
            "an operation that ends the session",
            "an operation that removes what no step creates"
        ]
    );
}

#[test]
fn a_secret_that_no_operation_gives_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"openapi":"3.0.3","security":[{"key":[]}],"paths":{"/a":{"get":{"responses":{}}}},
        "components":{"securitySchemes":{"key":{"type":"apiKey","in":"header","name":"X-Api-Key"}}}}"#;
    let mut imported = read(text).unwrap();
    let texts = written(&mut imported, folder.path());
    holds(
        &texts[0].1,
        &[
            "variables = { x_api_key = { file = \"../data/shop-x_api_key.secret\" } }",
            "headers = { x-api-key = \"{{x_api_key}}\" }",
        ],
    );
}

#[test]
fn what_is_no_description_is_an_error() {
    for (text, told) in [
        ("swagger: '2.0'", "it is Swagger 2.0"),
        ("a: [", "is not an OpenAPI"),
        ("{}", "it has no key"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    assert!(matches!(
        read("openapi: 3.0.0\npaths: {}"),
        Err(ImportError::Nothing { .. })
    ));
}

/// Description that `@nestjs/swagger` makes of an application without annotations.
const BARE: &str = r#"
openapi: 3.0.0
paths:
  /page/users: { get: { tags: [pages], responses: { "200": {} } } }
  /api/users: { get: { tags: [users], responses: { "200": {} } } }
  /api/tasks:
    post:
      tags: [tasks]
      requestBody: { content: { application/json: { schema: { required: [startDate, endDate], properties: { startDate: { type: string }, endDate: { type: string } } } } } }
      responses: { "201": {} }
  /api/tasks/assignee/{userId}:
    get: { tags: [tasks], parameters: [{ name: userId, in: path, required: true, schema: { type: string } }], responses: { "200": {} } }
"#;

#[test]
fn ids_and_dates_are_known_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut imported = read(BARE).unwrap_or_else(|error| panic!("{error}"));
    let texts = written(&mut imported, folder.path());
    let (_, tasks) = texts.iter().find(|(name, _)| name == "shop-tasks").unwrap();
    holds(
        tasks,
        &[
            "json = { endDate = \"{{date +30d %Y-%m-%d}}\", startDate = \"{{date +1d %Y-%m-%d}}\" }",
            "name = \"find-user\"",
            "path = \"/api/users\"",
            "path = \"/api/tasks/assignee/{{user_id}}\"",
        ],
    );
    // Nothing refers to the new task: an answer without its id is no failure.
    assert!(!tasks.contains("new_task_id"), "{tasks}");
}

#[test]
fn references_into_files_beside_it_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let parts = folder.path().join("parts");
    std::fs::create_dir_all(&parts).unwrap();
    let (_, schemas) = SHOP.split_once("components:\n").unwrap();
    std::fs::write(parts.join("common.yml"), format!("components:\n{schemas}")).unwrap();
    let main = SHOP.replace("\"#/components/schemas", "\"parts/common.yml#/components/schemas");
    let main = main.split("  schemas:\n").next().unwrap().to_owned();
    let options = |file: &str| OpenApiOptions {
        path: folder.path().join(file),
        name: "shop".to_owned(),
    };
    let texts = |imported: Result<ImportResult, ImportError>| {
        let folder = tempfile::tempdir().unwrap();
        let mut imported = imported.unwrap_or_else(|error| panic!("{error}"));
        (written(&mut imported, folder.path()), imported.account)
    };
    let (apart, account) = texts(openapi(&main, &options("api.yml")));
    assert_eq!(apart, texts(read(SHOP)).0);
    assert!(
        !account.notes.iter().any(|note| note.contains("cannot be read")),
        "{account:?}"
    );
    let (_, account) = texts(openapi(&main.replace("common.yml", "none.yml"), &options("api.yml")));
    assert!(
        account
            .notes
            .iter()
            .any(|note| note.contains("none.yml cannot be read")),
        "{account:?}"
    );
}

fn damaged(value: &Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    match choices.next().unwrap_or(255) {
        0 => return Value::Null,
        1 => return "{{x}}\u{e000}é\n".into(),
        2 => return serde_json::json!({ "$ref": "#/components/schemas/NewTask" }),
        3 => return serde_json::json!([{ "type": "string", "minLength": 1e300 }, -7]),
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
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_description_is_accounted_for(choices in prop::collection::vec(0_u8..=70, 300)) {
        let whole: Value = serde_norway::from_str(SHOP).unwrap();
        let mut broken = damaged(&whole, &mut choices.into_iter());
        // Nothing else is left of a whole that was damaged.
        if let Value::Object(members) = &mut broken {
            members.insert("openapi".to_owned(), "3.0.0".into());
        }
        if let Ok(mut imported) = read(&broken.to_string()) {
            prop_assert!(imported.account.is_complete(), "{:?}", imported.account);
            if !imported.journeys.is_empty() {
                let folder = tempfile::tempdir().unwrap();
                written(&mut imported, folder.path());
            }
        }
    }
}
