//! What it takes to fill the templates of one request. **Budget: 500 ns for a path with two values; 1 µs for a JSON body
//! with four, one of them a new UUID; 150 ns for a header with a token.**
//!
//! Pure work on one core, one allocation of the text aside: read the median. The budgets are some two and a half times what
//! was first measured, so that a slower machine keeps them and a second pass over the text does not.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::journey::{Escape, Feeder, Scope, Template, Values};
use rand::SeedableRng;
use rand::rngs::SmallRng;

const TEMPLATES: [(&str, Escape, &str); 3] = [
    (
        "path",
        Escape::Url,
        "/api/tasks?of={{login}}&page={{random 1 20}}&limit=20",
    ),
    (
        "JSON body",
        Escape::Json,
        r#"{"title":"Task of {{login}}, no. {{iteration}}","description":"{{uuid}}","priority":"{{pick LOW NORMAL HIGH}}"}"#,
    ),
    ("header", Escape::None, "Bearer {{token}}"),
];

fn template(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    let token = "0123456789abcdef".repeat(16);
    std::fs::write(&path, format!("login,token\nanna.müller@example.com,{token}\n")).unwrap();
    let feeders = [Feeder::read(&path).unwrap()];
    let mut scope = Scope::default();
    scope.add_feeder(0, feeders[0].columns());
    let mut random = SmallRng::seed_from_u64(1);
    for (name, escape, text) in TEMPLATES {
        let template = Template::compile(text, escape, &scope).unwrap();
        criterion.bench_function(&format!("template/{name}"), |bencher| {
            bencher.iter(|| {
                let mut filled = String::with_capacity(256);
                let mut values = Values {
                    feeders: &feeders,
                    rows: &[0],
                    variables: &[],
                    user: 7,
                    iteration: 1_234,
                    random: &mut random,
                    origin: "https://shop.example",
                };
                template.render(&mut values, &mut filled).unwrap();
                black_box(filled)
            });
        });
    }
}

criterion_group!(name = benches; config = settings::criterion(); targets = template);
criterion_main!(benches);
