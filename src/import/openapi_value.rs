//! Values for schemas of an API description.

use serde_json::{Map, Value, json};

use super::marker::reference;

/// Deepest nesting of values.
const DEEPEST: usize = 8;
/// Most references that lead to one another.
const MOST_REFERENCES: usize = 32;
/// Most elements of a list.
const MOST_ELEMENTS: u64 = 3;
/// Longest text that is made to fit a `minLength`.
const LONGEST: u64 = 4_000;

/// An API description, in which references are followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Description<'a>(pub(super) &'a Value);

impl<'a> Description<'a> {
    /// The value that a reference leads to; the value itself if it is none. References in a circle lead to nothing.
    pub(super) fn resolve(self, value: &'a Value) -> &'a Value {
        let mut found = value;
        for _ in 0..MOST_REFERENCES {
            let Some(path) = found["$ref"].as_str() else {
                return found;
            };
            let Some(target) = path.strip_prefix('#').and_then(|path| self.0.pointer(path)) else {
                return &Value::Null;
            };
            found = target;
        }
        &Value::Null
    }

    /// A value for the schema of that name; `None` if it is optional and has no value of its own, or leads into a circle.
    pub(super) fn value(self, name: &str, schema: &'a Value) -> Option<Value> {
        self.make_value(name, schema, &mut Vec::new())
    }

    /// The named properties of a schema, those of its parts included.
    pub(super) fn properties(self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let mut found = Vec::new();
        self.add_properties(schema, &mut found, 0);
        found
    }

    fn add_properties(self, schema: &'a Value, found: &mut Vec<(&'a str, &'a Value)>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let schema = self.resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.add_properties(part, found, depth + 1);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            found.push((name, property));
        }
    }

    fn make_value(self, name: &str, schema: &'a Value, trail: &mut Vec<&'a Value>) -> Option<Value> {
        let schema = self.resolve(schema);
        if trail.len() >= DEEPEST || trail.iter().any(|outer| std::ptr::eq(*outer, schema)) {
            return None;
        }
        if let Some(own) = own_value(schema) {
            return Some(literal(own));
        }
        trail.push(schema);
        let made = self.by_type(name, schema, trail);
        trail.pop();
        made
    }

    fn by_type(self, name: &str, schema: &'a Value, trail: &mut Vec<&'a Value>) -> Option<Value> {
        for key in ["oneOf", "anyOf"] {
            for choice in schema[key].as_array().into_iter().flatten() {
                if self.resolve(choice)["type"] != "null"
                    && let Some(made) = self.make_value(name, choice, trail)
                {
                    return Some(made);
                }
            }
        }
        match kind(schema) {
            "string" => Some(text(name, schema).into()),
            "integer" => {
                let number = number(schema);
                let size = i64::try_from(crate::units::saturating_u64(number.abs().ceil())).unwrap_or(i64::MAX);
                Some(json!(if number < 0.0 { -size } else { size }))
            }
            "number" => Some(json!(number(schema))),
            "boolean" => Some(true.into()),
            "array" => {
                let count = schema["minItems"].as_u64().unwrap_or(0).clamp(1, MOST_ELEMENTS);
                let element = self.make_value(name, &schema["items"], trail);
                Some(match element {
                    Some(element) => Value::Array(vec![element; usize::try_from(count).unwrap_or(1)]),
                    None => json!([]),
                })
            }
            "null" => Some(Value::Null),
            _ => self.object(schema, trail),
        }
    }

    fn object(self, schema: &'a Value, trail: &mut Vec<&'a Value>) -> Option<Value> {
        let required = self.required(schema);
        let mut members = Map::new();
        let properties = self.properties(schema);
        for (name, property) in &properties {
            let target = self.resolve(property);
            // The system sets what can only be read.
            if target["readOnly"] == true {
                continue;
            }
            let is_wanted = required.contains(name) || own_value(target).is_some();
            if is_wanted && let Some(value) = self.make_value(name, property, trail) {
                members.insert((*name).to_owned(), value);
            }
        }
        if members.is_empty() && required.is_empty() {
            // All are optional, as in an update: one of them, so that there is something to do.
            let simple = properties
                .iter()
                .find(|(_, property)| kind(self.resolve(property)) == "string");
            if let Some((name, property)) = simple {
                members.insert((*name).to_owned(), self.make_value(name, property, trail)?);
            }
        }
        Some(Value::Object(members))
    }

    /// Names of the properties that a schema requires, those of its parts included.
    pub(super) fn required(self, schema: &'a Value) -> Vec<&'a str> {
        let mut found = Vec::new();
        self.add_required(schema, &mut found, 0);
        found
    }

    fn add_required(self, schema: &'a Value, found: &mut Vec<&'a str>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let schema = self.resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.add_required(part, found, depth + 1);
        }
        found.extend(
            schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
    }
}

/// The value that a schema or a parameter gives itself.
pub(super) fn own_value(schema: &Value) -> Option<&Value> {
    let examples = &schema["examples"];
    let first = match examples {
        Value::Array(examples) => examples.first(),
        Value::Object(examples) => examples.values().next().and_then(|example| example.get("value")),
        _ => None,
    };
    let own = [schema.get("const"), schema.get("example"), first, schema.get("default")];
    let own = own.into_iter().flatten().find(|value| !value.is_null());
    own.or_else(|| schema["enum"].as_array()?.iter().find(|value| !value.is_null()))
}

/// A value of the description as literal text.
fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => super::marker::literal(text).into(),
        Value::Array(elements) => elements.iter().map(literal).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (super::marker::literal(name), literal(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// The type of a schema, which may be one of several or follow from its keys.
pub(super) fn kind(schema: &Value) -> &str {
    let named = match &schema["type"] {
        Value::String(name) => Some(name.as_str()),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    named.unwrap_or_else(|| {
        if schema.get("items").is_some() {
            "array"
        } else if schema.get("format").is_some() || schema.get("pattern").is_some() || schema.get("minLength").is_some()
        {
            "string"
        } else {
            "object"
        }
    })
}

fn number(schema: &Value) -> f64 {
    let bound = |key: &str| schema[key].as_f64().filter(|bound| bound.abs() < 1e12);
    let low = match (&schema["exclusiveMinimum"], bound("minimum")) {
        (Value::Bool(true), Some(low)) => Some(low + 1.0),
        (Value::Number(low), _) => low.as_f64().map(|low| low + 1.0),
        (_, low) => low,
    };
    let high = bound("maximum");
    let start = low
        .unwrap_or(1.0)
        .max(if low.is_some() { f64::NEG_INFINITY } else { 0.0 });
    let start = match high {
        Some(high) if start > high => high,
        _ => start,
    };
    match bound("multipleOf").filter(|step| *step > 0.0) {
        Some(step) => (start / step).ceil() * step,
        None => start,
    }
}

/// Text for a schema; unique where a system may ask for that.
fn text(name: &str, schema: &Value) -> String {
    let made = match schema["format"].as_str().unwrap_or_default() {
        "uuid" => return reference("uuid"),
        "date-time" => return reference("date +1d %Y-%m-%dT00:00:00Z"),
        "date" => return reference("date +1d %Y-%m-%d"),
        "time" => "12:00:00Z".to_owned(),
        "email" => return format!("user-{}@example.com", reference("random 100000 999999")),
        "uri" | "url" | "iri" => "https://example.com/".to_owned(),
        "hostname" => "example.com".to_owned(),
        "ipv4" => "192.0.2.1".to_owned(),
        "ipv6" => "2001:db8::1".to_owned(),
        "byte" => "dGV4dA==".to_owned(),
        "password" => "Password-1!".to_owned(),
        _ => {
            let lower = name.to_ascii_lowercase();
            if lower.contains("password") {
                "Password-1!".to_owned()
            } else if lower.contains("email") {
                return format!("user-{}@example.com", reference("random 100000 999999"));
            } else if let Some(date) = date_by_name(name, schema) {
                return date;
            } else {
                let longest = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
                let shortest = schema["minLength"].as_u64().unwrap_or(0);
                let word = super::names::slug(name, '-');
                let word = if word.is_empty() { "text".to_owned() } else { word };
                let length = word.len() as u64 + 7;
                if schema.get("pattern").is_none() && (shortest..=longest).contains(&length) {
                    return format!("{word}-{}", reference("random 100000 999999"));
                }
                word
            }
        }
    };
    fitted(&made, schema)
}

/// A date for a text whose name says that it is one, where the description gives no format; what ends comes after what starts.
fn date_by_name(name: &str, schema: &Value) -> Option<String> {
    let bounds = ["pattern", "minLength", "maxLength"];
    let words = super::names::slug(name, '-');
    let is_date = words.split('-').next_back() == Some("date");
    (is_date && bounds.iter().all(|bound| schema.get(bound).is_none())).then(|| {
        let is_end = ["end", "due", "to", "until"].iter().any(|word| words.starts_with(word));
        reference(if is_end {
            "date +30d %Y-%m-%d"
        } else {
            "date +1d %Y-%m-%d"
        })
    })
}

/// The text, cut or lengthened to the bounds of its length.
fn fitted(text: &str, schema: &Value) -> String {
    let longest = usize::try_from(schema["maxLength"].as_u64().unwrap_or(LONGEST)).unwrap_or(usize::MAX);
    let shortest = usize::try_from(schema["minLength"].as_u64().unwrap_or(0).min(LONGEST)).unwrap_or(0);
    let mut text: String = text.chars().take(longest).collect();
    while text.chars().count() < shortest {
        text.push('x');
    }
    text
}
