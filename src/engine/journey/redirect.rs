//! Redirects: the next request to send.

use bytes::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ORIGIN};
use hyper::{Method, StatusCode};

use super::answer::Answer;
use super::entry::EntryPoint;
use super::exchange::WireRequest;

/// Builds the request that follows a redirect, from the request that `answer` answers. `None` if `answer` is no redirect, or
/// leads to another origin, which is not part of the measurement.
pub(super) fn next(entry: &EntryPoint, request: &WireRequest, answer: &Answer) -> Option<WireRequest> {
    let location = answer.location()?;
    let method = method_after(answer.status, request.method())?;
    let uri = entry.redirect_path(request.uri().path_and_query()?, location)?;
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
    use hyper::header::{HeaderValue, LOCATION};

    use super::*;

    fn followed(method: &str, status: u16, location: &'static str) -> Option<(String, String, usize)> {
        let request = Request::builder().method(method).uri("/a/b?c=1");
        let request = request
            .header(CONTENT_TYPE, "text/plain")
            .body(Bytes::from("body"))
            .unwrap();
        let answer = Answer {
            headers: [(LOCATION, HeaderValue::from_static(location))].into_iter().collect(),
            ..Answer::status_only(StatusCode::from_u16(status).unwrap(), Instant::now())
        };
        let target = super::super::tests::target("http://127.0.0.1:8080".to_owned());
        let next = next(&target.entry, &request, &answer)?;
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
}
