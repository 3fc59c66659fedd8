//! Front doors of every kind: TLS, HTTP/2, Unix sockets, IPv6, source addresses.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use tokio::net::{TcpListener, UnixListener};

use super::secure::{Secure, Speaks, serve_authority, serve_authority_until, serve_mutual, serve_tls, speak};
use super::server::write;
use super::*;
use crate::wire::{HttpVersion, TlsSettings};

/// A step with a time-out that suffices on a busy machine.
const PATIENT: &str = "[[step]]\nname = 's'\npath = '/'\ntimeout = '60s'\n";

/// A journey that demands to be served over that version of HTTP.
fn over(version: &str) -> String {
    format!("{PATIENT}check = [{{ json = '$.version', equals = '{version}' }}]\n")
}

fn trusting(server: &Secure, http: HttpVersion) -> Transport {
    Transport {
        http,
        tls: TlsSettings {
            ca_file: Some(server.ca_file.clone()),
            insecure: false,
            ..TlsSettings::default()
        },
        resolve: [("app.example".to_owned(), "127.0.0.1".parse().unwrap())].into(),
        ..Transport::default()
    }
}

fn named(server: &Secure, transport: Transport) -> Rc<Target> {
    target_by(format!("https://app.example:{}", server.address.port()), transport)
}

#[tokio::test]
async fn over_tls_what_both_speak_is_agreed_upon() {
    let both = [Speaks::Http2, Speaks::Http1];
    for (offers, http, version) in [
        (&both[..], HttpVersion::Auto, "HTTP/2.0"),
        (&both[..], HttpVersion::One, "HTTP/1.1"),
        (&both[..], HttpVersion::Two, "HTTP/2.0"),
        (&both[1..], HttpVersion::Auto, "HTTP/1.1"),
        (&[], HttpVersion::Auto, "HTTP/1.1"),
    ] {
        let server = serve_tls("app.example", offers).await;
        let played = play_at(&over(version), 3, &named(&server, trusting(&server, http))).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3], "{offers:?} {http:?}");
        assert_eq!(
            server.connections.load(Ordering::Relaxed),
            1,
            "one connection serves a user"
        );
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_that_of_the_stack_file() {
    let client = rcgen::generate_simple_self_signed(["users".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = (client.cert.pem(), client.signing_key.serialize_pem());
    let both = write("both.pem", format!("{certificate}{key}"));
    let (certificate, key) = (write("certificate.pem", certificate), write("key.pem", key));
    let server = serve_mutual("app.example", client.cert.der()).await;
    let with = |certificate: Option<&PathBuf>, key: Option<&PathBuf>| {
        let mut transport = trusting(&server, HttpVersion::Auto);
        transport.tls.client_certificate = certificate.cloned();
        transport.tls.client_key = key.cloned();
        transport
    };
    for transport in [with(Some(&certificate), Some(&key)), with(Some(&both), None)] {
        let played = play_at(PATIENT, 2, &named(&server, transport)).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    }
    let played = play_at(PATIENT, 1, &named(&server, with(None, None))).await;
    assert!(played.outcomes("j.s")[0].is_error(), "{:?}", played.outcomes("j.s"));
    for (certificate, key, told) in [
        (Some(&key), Some(&key), "no certificate"),
        (Some(&certificate), None, "certificate.pem"),
        (None, Some(&key), "a key without a certificate"),
        (Some(&certificate), Some(&folder.path().join("none.pem")), "none.pem"),
    ] {
        let url = format!("https://app.example:{}", server.address.port());
        let error = crate::wire::Door::find(&url, &with(certificate, key)).unwrap_err();
        assert!(error.to_string().contains(told), "{told}: {error}");
        assert!(crate::error::Hint::hint(&error).unwrap().contains("client-key"));
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_or_speaks_otherwise_is_a_tls_failure() {
    let server = serve_tls("app.example", &[Speaks::Http1]).await;
    let other = serve_tls("other.example", &[Speaks::Http1]).await;
    let unknown = Transport {
        tls: TlsSettings::default(),
        ..trusting(&server, HttpVersion::Auto)
    };
    let wrong_name = Transport {
        tls: trusting(&other, HttpVersion::Auto).tls,
        ..trusting(&other, HttpVersion::Auto)
    };
    for (server, transport) in [
        (&server, unknown),
        (&other, wrong_name),
        (&server, trusting(&server, HttpVersion::Two)),
    ] {
        let played = play_at(PATIENT, 2, &named(server, transport)).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::TlsFailed; 2]);
        assert_eq!(played.series("j.s").timings.of(Timing::Connect).len(), 2);
        assert_eq!(played.endings, [IterationEnd::Completed; 2]);
    }
    // A server that does not speak TLS at all.
    let (clear, _) = serve(vec![vec![write("HTTP/1.1 400 Bad Request\r\n\r\n")]]).await;
    let target = target_by(clear.replace("http:", "https:"), trusting(&server, HttpVersion::Auto));
    assert_eq!(play_at(PATIENT, 1, &target).await.outcomes("j.s"), [Outcome::TlsFailed]);
}

#[tokio::test]
async fn a_certificate_that_signs_itself_is_trusted_by_name() {
    let server = serve_authority("app.example").await;
    let transport = trusting(&server, HttpVersion::Auto);
    let played = play_at(&over("HTTP/1.1"), 1, &named(&server, transport.clone())).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);

    let another = serve_authority("app.example").await;
    let played = play_at(PATIENT, 1, &named(&another, transport.clone())).await;
    assert_eq!(
        played.outcomes("j.s"),
        [Outcome::TlsFailed],
        "the same name, another key"
    );
    let elsewhere = target_by(format!("https://{}", server.address), transport);
    let played = play_at(PATIENT, 1, &elsewhere).await;
    assert_eq!(
        played.outcomes("j.s"),
        [Outcome::TlsFailed],
        "another name, the same key"
    );
    let expired = serve_authority_until("app.example", 2020).await;
    let transport = trusting(&expired, HttpVersion::Auto);
    let played = play_at(PATIENT, 1, &named(&expired, transport)).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::TlsFailed], "trusted, but expired");
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_not_waited_for() {
    use crate::error::Hint;
    let server = serve_tls("app.example", &[Speaks::Http1]).await;
    let transport = Transport {
        tls: TlsSettings::default(),
        ..trusting(&server, HttpVersion::Auto)
    };
    let url = format!("https://app.example:{}", server.address.port());
    let door = crate::wire::Door::find(&url, &transport).unwrap();
    let error = door.ask(hyper::Request::default()).await.unwrap_err();
    let refused = error.distrust().unwrap();
    assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    assert!(refused.hint().unwrap().contains("tls.ca-file"));

    let door = crate::wire::Door::find(&url, &trusting(&server, HttpVersion::Auto)).unwrap();
    assert_eq!(door.ask(hyper::Request::default()).await.unwrap(), 200);
}

#[tokio::test]
async fn insecure_takes_any_certificate() {
    let server = serve_tls("other.example", &[Speaks::Http1]).await;
    let mut transport = trusting(&server, HttpVersion::Auto);
    transport.tls = TlsSettings {
        ca_file: None,
        insecure: true,
        ..TlsSettings::default()
    };
    let played = play_at(&over("HTTP/1.1"), 1, &named(&server, transport)).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
}

#[tokio::test]
async fn users_of_a_run_resume_their_sessions_and_the_handshake_is_timed_apart() {
    let server = serve_tls("app.example", &[Speaks::Http1]).await;
    let target = named(&server, trusting(&server, HttpVersion::Auto));
    for users in 1..4 {
        let played = play_at(&over("HTTP/1.1"), 2, &target).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
        assert_eq!(server.resumed.load(Ordering::Relaxed), users - 1);
        let timings = &played.series("j.s").timings;
        // Of two requests, the first connects.
        assert_eq!(
            (timings.of(Timing::Connect).len(), timings.of(Timing::Tls).len()),
            (1, 1)
        );
        assert_eq!(timings.of(Timing::FirstByte).len(), 2);
        let whole = timings.of(Timing::FirstByte).max();
        assert!(whole >= timings.of(Timing::Tls).max() + timings.of(Timing::Connect).max());
    }
}

#[tokio::test]
async fn http2_over_clear_text_is_spoken_where_it_is_known() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(speak(stream, Speaks::Http2));
        }
    });
    let transport = Transport {
        http: HttpVersion::Two,
        ..Transport::default()
    };
    let target = target_by(format!("http://{address}"), transport);
    let played = play_at(&over("HTTP/2.0"), 2, &target).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);

    let body = "x".repeat(100_000);
    let post = format!(
        "[[step]]\nname = 's'\npath = '/echo?a=b'\nmethod = 'POST'\nbody = '{body}'\ntimeout = '60s'\n\
         headers = {{ connection = 'close' }}\ncheck = [{{ json = '$.body', equals = '{body}' }}, \
         {{ json = '$.length', equals = '100000' }}, {{ json = '$.host', equals = '{address}' }}]"
    );
    assert_eq!(play_at(&post, 2, &target).await.outcomes("j.s"), [Outcome::Success; 2]);
    let big = PATIENT.replace("'/'", "'/big'");
    let played = play_at(&big, 20, &target).await;
    assert_eq!(
        played.series("j.s").counters.bytes,
        20 * 300_000,
        "more than any window"
    );

    // Known wrongly: a server that speaks HTTP/1.1 only.
    let (clear, _) = serve(vec![vec![write("HTTP/1.1 400 Bad Request\r\n\r\n")]]).await;
    let target = target_by(
        clear,
        Transport {
            http: HttpVersion::Two,
            ..Transport::default()
        },
    );
    assert_eq!(play_at(PATIENT, 1, &target).await.outcomes("j.s"), [Outcome::Malformed]);
}

#[tokio::test]
async fn a_unix_socket_is_a_front_door() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(speak(stream, Speaks::Http1));
        }
    });
    let journey = format!("{PATIENT}check = [{{ json = '$.host', equals = 'localhost' }}]");
    let target = target(format!("unix://{}", path.display()));
    assert_eq!(
        play_at(&journey, 2, &target).await.outcomes("j.s"),
        [Outcome::Success; 2]
    );
    let nobody = self::target("unix:///nowhere/app.sock".to_owned());
    assert_eq!(
        play_at(PATIENT, 1, &nobody).await.outcomes("j.s"),
        [Outcome::ConnectFailed]
    );
}

#[tokio::test]
async fn ipv6_is_a_front_door() {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        speak(stream, Speaks::Http1).await;
    });
    let journey = format!("{PATIENT}check = [{{ json = '$.host', equals = '{address}' }}]");
    let played = play_at(&journey, 1, &target(format!("http://{address}"))).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
}

#[tokio::test]
async fn users_come_from_the_source_addresses_in_turn() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let transport = Transport {
        source_addresses: vec!["127.0.0.2..127.0.0.3".parse().unwrap(), "127.0.0.9".parse().unwrap()],
        ..Transport::default()
    };
    let target = target_by(format!("http://{address}"), transport);
    let mut seen = Vec::new();
    for user in 0..4 {
        let (dialled, accepted) = tokio::join!(target.door.dial(user), listener.accept());
        dialled.unwrap();
        seen.push(accepted.unwrap().1.ip().to_string());
    }
    assert_eq!(seen, ["127.0.0.2", "127.0.0.3", "127.0.0.9", "127.0.0.2"]);
}
