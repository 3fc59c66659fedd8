//! Addresses that answers have given: a path that is one value alone, such as `{{next}}`.

use hyper::Uri;
use hyper::header::HeaderValue;

use super::client::Client;
use super::step::Step;
use super::template::{Missing, Values};

/// True if a path is one placeholder and nothing else.
pub(super) fn is_link(path: &str) -> bool {
    let inner = path.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| !inner.contains("{{") && !inner.contains("}}"))
}

/// The address of a step's request. A link counts from the page that the user sees, as in a browser; one to another host behind the
/// front door turns the client there. One that leads out of the system is missing, because no load goes to machines of others.
pub(super) fn address(
    step: &Step,
    client: &mut Client,
    page: Option<&HeaderValue>,
    values: &mut Values<'_>,
) -> Result<Uri, Missing> {
    let Some(link) = step.link(values)? else {
        return step.uri(values);
    };
    let link = HeaderValue::from_bytes(link.trim().as_bytes()).map_err(|_| Missing)?;
    let page = page.and_then(|page| page.to_str().ok()).unwrap_or("/");
    if let Some(uri) = client.target().entry.linked(page, &link) {
        return Ok(uri);
    }
    let mut others = client.others();
    let found = others.find_map(|(host, other)| Some((host, other.entry.linked(page, &link)?)));
    let (host, uri) = found.ok_or(Missing)?;
    drop(others);
    client.turn_to(host);
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn a_link_is_one_placeholder() {
        for link in ["{{next}}", "{{ next }}", "{{next | urlencode}}"] {
            assert!(is_link(link), "{link}");
        }
        for other in ["/{{a}}", "{{a}}{{b}}", "{{a}}/b", "/a", "", "{{", "{{a}", "{{a}}-{{b}}"] {
            assert!(!is_link(other), "{other}");
        }
    }
}
