//! JSON as compact text that a change is easily seen in: one value a line, lists of like objects as tables, numbers with six
//! digits, since the last ones depend on the mathematical functions of the system.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The value as text.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    lines(value, "", &mut out);
    out
}

fn lines(value: &Value, path: &str, out: &mut String) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                lines(value, &path, out);
            }
        }
        Value::Array(items) if items.iter().all(is_flat) => {
            let cells: Vec<String> = items.iter().map(cell).collect();
            let _ = writeln!(out, "{path}: [{}]", cells.join(", "));
        }
        Value::Array(items) => match columns(items) {
            Some(columns) => table(items, &columns, path, out),
            None => {
                for (number, item) in items.iter().enumerate() {
                    lines(item, &format!("{path}[{number}]"), out);
                }
            }
        },
        flat => {
            let _ = writeln!(out, "{path}: {}", cell(flat));
        }
    }
}

/// The keys that all of these objects have, where each of their values fits in a cell.
fn columns(items: &[Value]) -> Option<Vec<&String>> {
    let objects: Vec<&Map<String, Value>> = items.iter().map(Value::as_object).collect::<Option<_>>()?;
    let columns: Vec<&String> = objects.first()?.keys().collect();
    let alike = objects
        .iter()
        .all(|object| object.keys().eq(columns.iter().copied()) && object.values().all(fits));
    alike.then_some(columns)
}

fn table(items: &[Value], columns: &[&String], path: &str, out: &mut String) {
    let names: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
    let _ = writeln!(out, "{path}: {}", names.join(", "));
    for item in items {
        let cells: Vec<String> = columns.iter().map(|name| cell(&item[name.as_str()])).collect();
        let _ = writeln!(out, "  {}", cells.join(", "));
    }
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
        _ => true,
    }
}

fn fits(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.len() <= 6 && object.values().all(is_flat),
        Value::Array(items) => items.iter().all(|item| is_flat(item) || is_variant(item)),
        _ => true,
    }
}

/// A value of an enum with flat fields.
fn is_variant(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|object| object.len() == 1 && object.values().all(fits))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => rounded(float),
            _ => number.to_string(),
        },
        Value::String(text) => text.replace('\n', "\\n"),
        Value::Array(items) => {
            let cells: Vec<String> = items.iter().map(cell).collect();
            format!("[{}]", cells.join(" "))
        }
        Value::Object(object) => {
            let cells = object.iter().map(|(key, value)| format!("{key} {}", cell(value)));
            format!("({})", cells.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Six significant digits, without zeroes that say nothing.
fn rounded(number: f64) -> String {
    let rounded: f64 = format!("{number:.5e}").parse().unwrap();
    rounded.to_string()
}

#[test]
fn objects_alike_are_a_table() {
    let value = serde_json::json!({
        "a": {"b": 0.123_456_789, "c": [1, 2.0]},
        "rows": [{"x": 1, "y": null}, {"x": 2, "y": {"z": "e\ne"}}],
        "unlike": [{"x": 1}, {"y": 2}],
    });
    let expected = "a.b: 0.123457\na.c: [1, 2]\nrows: x, y\n  1, –\n  2, (z e\\ne)\nunlike[0].x: 1\nunlike[1].y: 2\n";
    assert_eq!(text(&value), expected);
}
