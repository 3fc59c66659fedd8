//! Secrets of a request, replaced by references.

use super::marker;
use super::names::Names;
use super::request::{Body, Request, decoded};
use super::vault::{self, Vault};

/// Replaces the secrets of a request by references.
pub(super) fn hide(request: &mut Request, vault: &mut Vault, names: &mut Names) {
    for (name, value) in &mut request.headers {
        let lower = name.to_ascii_lowercase();
        if marker::is_marked(value) || value.is_empty() || !vault::is_secret(&lower) {
            continue;
        }
        *value = match value.split_once(' ') {
            Some((scheme, credentials)) if lower == "authorization" => {
                format!("{scheme} {}", vault.hide("credentials", credentials.trim(), names))
            }
            _ => vault.hide(&lower, value, names),
        };
    }
    let mut hide = |name: &str, value: &mut String| {
        if vault::is_secret(name) && !value.is_empty() && !marker::is_marked(value) {
            *value = vault.hide(name, value, names);
        }
    };
    match &mut request.body {
        Body::Form(fields) => fields.iter_mut().for_each(|(name, value)| hide(name, value)),
        Body::Json(json) => hide_json("", json, &mut hide),
        Body::Multipart(parts) => parts
            .iter_mut()
            .filter(|part| part.file.is_none())
            .for_each(|part| hide(&part.name, &mut part.value)),
        Body::Nothing | Body::Text(_) | Body::File(_) => {}
    }
    for (name, value) in &mut request.query {
        if let Some(value) = value {
            let mut plain = decoded(value);
            hide(name, &mut plain);
            if marker::is_marked(&plain) {
                *value = plain;
            }
        }
    }
}

fn hide_json(name: &str, json: &mut serde_json::Value, hide: &mut impl FnMut(&str, &mut String)) {
    match json {
        serde_json::Value::String(text) => hide(name, text),
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(|element| hide_json(name, element, hide)),
        serde_json::Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                hide_json(name, value, hide);
            }
        }
        _ => {}
    }
}
