//! Documents at an address, fetched by the client of this program.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{ACCEPT, LOCATION};
use url::Url;

use crate::error::one_line;
use crate::wire::{Door, Transport};

/// Most redirects.
const MOST: usize = 5;
const TIMEOUT: Duration = Duration::from_secs(30);

/// The text at a URL of `http` or `https`; the reason if there is none.
pub(super) async fn fetch(url: &str) -> Result<String, String> {
    let mut url = Url::parse(url).map_err(|error| error.to_string())?;
    for _ in 0..=MOST {
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path = format!("{path}?{query}");
        }
        let origin = url.origin().ascii_serialization();
        // A look-up of a name blocks its thread.
        let found = tokio::task::spawn_blocking(move || Door::find(&origin, &Transport::default())).await;
        let door = found
            .map_err(|error| error.to_string())?
            .map_err(|error| one_line(&error))?;
        let request = Request::get(path)
            .header(ACCEPT, "application/json, application/yaml, text/yaml, */*")
            .body(Full::<Bytes>::default())
            .map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(TIMEOUT, door.fetch(request)).await;
        let answer = answer
            .map_err(|_| format!("no answer within {} s", TIMEOUT.as_secs()))?
            .map_err(|error| one_line(&error))?;
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        match (answer.status(), location) {
            (status, _) if status.is_success() => return Ok(String::from_utf8_lossy(answer.body()).into_owned()),
            (status, Some(location)) if status.is_redirection() => {
                // Relative references are allowed (RFC 9110, section 10.2.2).
                url = url.join(location).map_err(|error| error.to_string())?;
            }
            (status, _) => return Err(format!("the answer is {status}")),
        }
    }
    Err(format!("more than {MOST} redirects"))
}
