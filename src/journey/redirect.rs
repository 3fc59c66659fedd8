//! Redirects: the next request to send, and detection of those that lead to another host.

use bytes::Bytes;
use hyper::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, HeaderValue, ORIGIN,
};
use hyper::{Method, StatusCode, Uri};
use url::{Position, Url};

use super::answer::Answer;
use super::exchange::WireRequest;
use super::http2::Origin;

/// Builds the request that follows a redirect, from the request that `answer` answers. `None` if `answer` is no redirect, or
/// leads to another origin, which is not part of the measurement.
pub(super) fn next(origin: &Origin, request: &WireRequest, answer: &Answer) -> Option<WireRequest> {
    let location = answer.location()?.to_str().ok()?;
    let method = method_after(answer.status, request.method())?;
    let path = request.uri().path_and_query()?;
    let here = Url::parse(&format!("{}://{}{path}", origin.scheme, origin.authority)).ok()?;
    let there = here.join(location).ok()?;
    if there.origin() != here.origin() {
        return None;
    }
    let uri: Uri = there[Position::BeforePath..Position::AfterQuery].parse().ok()?;
    let mut next = request.clone();
    *next.uri_mut() = uri;
    if method != *request.method() {
        *next.body_mut() = Bytes::new();
        for name in [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            CONTENT_LANGUAGE,
            CONTENT_LOCATION,
            ORIGIN,
        ] {
            next.headers_mut().remove(name);
        }
        *next.method_mut() = method;
    }
    Some(next)
}

/// Origin (scheme, host and port) that `location` leads to; `None` if it is the front door's or not valid.
pub(super) fn elsewhere(origin: &Origin, location: &HeaderValue) -> Option<String> {
    let here = Url::parse(&format!("{}://{}", origin.scheme, origin.authority)).ok()?;
    let there = here.join(location.to_str().ok()?).ok()?;
    (there.origin() != here.origin()).then(|| there.origin().ascii_serialization())
}

/// Method of the next request, chosen as browsers do (RFC 9110, section 15.4); `None` if the status is no redirect.
fn method_after(status: StatusCode, method: &Method) -> Option<Method> {
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if *method == Method::POST => Some(Method::GET),
        StatusCode::SEE_OTHER if *method != Method::HEAD => Some(Method::GET),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => Some(method.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use hyper::Request;
    use hyper::header::LOCATION;

    use super::*;

    fn followed(method: &str, status: u16, location: &'static str) -> Option<(String, String, usize)> {
        let origin = Origin {
            scheme: "http".parse().unwrap(),
            authority: "app.example:8080".parse().unwrap(),
        };
        let request = Request::builder().method(method).uri("/a/b?c=1");
        let request = request
            .header(CONTENT_TYPE, "text/plain")
            .body(Bytes::from("body"))
            .unwrap();
        let answer = Answer {
            headers: [(LOCATION, HeaderValue::from_static(location))].into_iter().collect(),
            ..Answer::bare(StatusCode::from_u16(status).unwrap(), Instant::now())
        };
        let next = next(&origin, &request, &answer)?;
        assert_eq!(next.headers().contains_key(CONTENT_TYPE), !next.body().is_empty());
        Some((next.method().to_string(), next.uri().to_string(), next.body().len()))
    }

    #[test]
    fn a_post_becomes_a_get_where_browsers_make_it_one() {
        let is = |method: &str, body| Some((method.to_owned(), "/d".to_owned(), body));
        for status in [301, 302, 303] {
            assert_eq!(followed("POST", status, "/d"), is("GET", 0), "{status}");
        }
        for status in [307, 308] {
            assert_eq!(followed("POST", status, "/d"), is("POST", 4), "{status}");
        }
        assert_eq!(followed("PUT", 302, "/d"), is("PUT", 4));
        assert_eq!(followed("PUT", 303, "/d"), is("GET", 0));
        assert_eq!(followed("HEAD", 303, "/d"), is("HEAD", 4));
        assert_eq!(followed("GET", 304, "/d"), None);
    }

    #[test]
    fn a_location_is_relative_to_what_was_asked_for() {
        for (location, path) in [
            ("e", "/a/e"),
            ("?c=2", "/a/b?c=2"),
            ("../f#part", "/f"),
            ("//app.example:8080/g", "/g"),
            ("http://app.example:8080", "/"),
        ] {
            assert_eq!(followed("GET", 302, location).unwrap().1, path, "{location}");
        }
    }

    #[test]
    fn where_a_redirect_leads_is_told_where_it_is_elsewhere() {
        let origin = Origin {
            scheme: "http".parse().unwrap(),
            authority: "app.example:8080".parse().unwrap(),
        };
        let told = |location| elsewhere(&origin, &HeaderValue::from_static(location));
        assert_eq!(
            told("https://sso.example/login?x=1").as_deref(),
            Some("https://sso.example")
        );
        assert_eq!(told("//app.example/").as_deref(), Some("http://app.example"));
        for location in ["/d", "?x", "http://app.example:8080/e", "http://["] {
            assert_eq!(told(location), None, "{location}");
        }
    }

    #[test]
    fn another_host_scheme_or_port_is_not_followed() {
        for location in [
            "http://other.example:8080/",
            "https://app.example:8080/",
            "http://app.example/",
            "http://[",
        ] {
            assert_eq!(followed("GET", 302, location), None, "{location}");
        }
    }
}
