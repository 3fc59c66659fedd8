//! Doors of every kind, found and refused.

use std::path::PathBuf;

use super::place::{self, Place};
use super::*;
use crate::error::Hint;

fn find(url: &str) -> Result<Door, WireError> {
    Door::find(url, &Transport::default())
}

#[test]
fn a_front_door_is_found_once() {
    let at = |url: &str| place::find(url, &Transport::default()).unwrap();
    let four = at("http://127.0.0.1:8080");
    assert_eq!(four.place, Place::Tcp(vec!["127.0.0.1:8080".parse().unwrap()]));
    assert_eq!(four.authority, "127.0.0.1:8080");
    let six = at("https://[::1]");
    assert_eq!(six.place, Place::Tcp(vec!["[::1]:443".parse().unwrap()]));
    assert_eq!((six.authority.as_str(), six.host.as_str()), ("[::1]", "::1"));
    for url in ["unix:///run/app.sock", "http+unix://%2Frun%2Fapp.sock"] {
        let socket = at(url);
        assert_eq!(socket.place, Place::Unix("/run/app.sock".into()));
        assert_eq!(socket.authority, "localhost");
    }
}

#[test]
fn a_name_may_be_given_its_address() {
    let transport = Transport {
        resolve: [("app.example".to_owned(), "127.0.0.7".parse().unwrap())].into(),
        ..Transport::default()
    };
    let found = place::find("http://app.example:81", &transport).unwrap();
    assert_eq!(found.place, Place::Tcp(vec!["127.0.0.7:81".parse().unwrap()]));
    assert_eq!(found.authority, "app.example:81");
    let unknown = find("http://no-such-name.invalid").unwrap_err();
    assert!(matches!(unknown, WireError::Resolve { .. }));
    assert!(unknown.hint().unwrap().contains("resolve ="));
}

#[test]
fn a_front_door_of_another_kind_is_refused_with_a_hint() {
    for (url, told) in [
        ("ftp://a", "not an http, https or unix URL"),
        ("a b", "not a URL"),
        ("", "not a URL"),
        ("http://a/app", "a path below the front door"),
        ("http://me:secret@a", "belongs in the journeys' headers"),
        ("unix://app.sock", "begins with `/`"),
    ] {
        let error = find(url).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.hint().unwrap().contains("unix:///run/app.sock"));
    }
}

#[test]
fn certificates_that_cannot_be_trusted_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let find = |path: PathBuf| {
        let tls = TlsSettings {
            ca_file: Some(path),
            insecure: false,
            ..TlsSettings::default()
        };
        let transport = Transport {
            tls,
            ..Transport::default()
        };
        Door::find("https://127.0.0.1", &transport).unwrap_err()
    };
    let missing = find(folder.path().join("none.pem"));
    assert!(matches!(missing, WireError::CaFile { .. }), "{missing:?}");
    let write = |text: &str| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).unwrap();
        path
    };
    let empty = find(write("not a certificate\n"));
    assert!(
        matches!(empty, WireError::NoCertificate { source: None, .. }),
        "{empty:?}"
    );
    let garbage = find(write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    assert!(
        matches!(garbage, WireError::NoCertificate { source: Some(_), .. }),
        "{garbage:?}"
    );
    assert!(garbage.hint().unwrap().contains("PEM"));
}

#[test]
fn source_addresses_must_reach_the_front_door() {
    let transport = Transport {
        source_addresses: vec!["127.0.0.2".parse().unwrap()],
        ..Transport::default()
    };
    assert!(Door::find("http://127.0.0.1", &transport).is_ok());
    for url in ["http://[::1]", "unix:///run/app.sock"] {
        let error = Door::find(url, &transport).unwrap_err();
        assert!(matches!(error, WireError::Family { .. }), "{error}");
    }
}
