//! Addresses that answers have given: a path that is one value alone, such as `{{next}}`.

use hyper::Uri;
use hyper::header::HeaderValue;

use super::client::Client;
use super::step::Step;
use super::template::{MissingValue, Values};

/// The address of a step's request. A link counts from the page that the user sees, as in a browser; one to another host behind the
/// front door turns the client there. One that leads out of the system is missing, because no load goes to machines of others.
pub(super) fn address(
    step: &Step,
    client: &mut Client,
    page: Option<&HeaderValue>,
    values: &mut Values<'_>,
) -> Result<Uri, MissingValue> {
    let Some(link) = step.link(values)? else {
        return step.uri(values);
    };
    let link = HeaderValue::from_bytes(link.trim().as_bytes()).map_err(|_| MissingValue)?;
    let page = page.and_then(|page| page.to_str().ok()).unwrap_or("/");
    if let Some(uri) = client.target().entry.linked(page, &link) {
        return Ok(uri);
    }
    let mut others = client.other_hosts();
    let found = others.find_map(|(host, other)| Some((host, other.entry.linked(page, &link)?)));
    let (host, uri) = found.ok_or(MissingValue)?;
    drop(others);
    client.turn_to(host);
    Ok(uri)
}
