//! A server with a certificate of its own, which answers with the request that it received.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// HTTP version of the server: agreed by ALPN over TLS, known beforehand over clear text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    Http1,
    Http2,
}

/// A running server.
pub(super) struct Secure {
    pub(super) address: SocketAddr,
    /// Its certificate, for clients to trust.
    pub(super) ca_file: PathBuf,
    /// Connections made to it.
    pub(super) connections: Arc<AtomicUsize>,
    /// Handshakes that resumed a session.
    pub(super) resumed: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

/// Answers with the request in JSON; `/big` with 300 kB, `/bye` and the connection is closed.
pub(super) async fn tell(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.uri.path() == "/big" {
        return Ok(Response::new(Full::new(vec![b'x'; 300_000].into())));
    }
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap());
    let told = serde_json::json!({
        "version": format!("{:?}", head.version),
        "path": head.uri.path(),
        "host": head.uri.authority().map(ToString::to_string).or(header("host").map(str::to_owned)),
        "length": header("content-length"),
        "body": String::from_utf8_lossy(&body),
    });
    Ok(Response::new(Full::new(told.to_string().into())))
}

/// Speaks over one connection until it ends.
pub(super) async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, speaks: Speaks) {
    let (io, service) = (TokioIo::new(stream), service_fn(tell));
    // How it ends is the client's business.
    let _ = match speaks {
        Speaks::Http1 => {
            hyper::server::conn::http1::Builder::new()
                .serve_connection(io, service)
                .await
        }
        Speaks::Http2 => {
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.serve_connection(io, service).await
        }
    };
}

/// A TLS server for that name which offers those protocols.
pub(super) async fn serve_tls(name: &str, offers: &[Speaks]) -> Secure {
    serve_as(generate_simple_self_signed([name.to_owned()]).unwrap(), offers, None).await
}

/// A TLS server for that name which lets in only whoever has that certificate.
pub(super) async fn serve_mutual(name: &str, client: &CertificateDer<'static>) -> Secure {
    let mut roots = RootCertStore::empty();
    roots.add(client.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    let own = generate_simple_self_signed([name.to_owned()]).unwrap();
    serve_as(own, &[Speaks::Http1], Some(verifier)).await
}

/// The same with a certificate as `openssl req -x509` makes it: one that may sign others, and itself.
pub(super) async fn serve_authority(name: &str) -> Secure {
    serve_authority_until(name, 4096).await
}

/// The same, valid to the end of that year.
pub(super) async fn serve_authority_until(name: &str, year: i32) -> Secure {
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.not_after = rcgen::date_time_ymd(year, 12, 31);
    let signing_key = KeyPair::generate().unwrap();
    let cert = parameters.self_signed(&signing_key).unwrap();
    serve_as(CertifiedKey { cert, signing_key }, &[Speaks::Http1], None).await
}

async fn serve_as(
    certified: CertifiedKey<KeyPair>,
    offers: &[Speaks],
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Secure {
    let CertifiedKey { cert, signing_key } = certified;
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = match clients {
        Some(clients) => config.unwrap().with_client_cert_verifier(clients),
        None => config.unwrap().with_no_client_auth(),
    };
    let mut config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
    let called = |speaks: &Speaks| match speaks {
        Speaks::Http1 => b"http/1.1".to_vec(),
        Speaks::Http2 => b"h2".to_vec(),
    };
    config.alpn_protocols = offers.iter().map(called).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (connections, resumed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (counted, counted_resumed) = (Arc::clone(&connections), Arc::clone(&resumed));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted_resumed));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let session = stream.get_ref().1;
                if session.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                let http2 = session.alpn_protocol() == Some(b"h2");
                speak(stream, if http2 { Speaks::Http2 } else { Speaks::Http1 }).await;
            });
        }
    });
    Secure {
        address,
        ca_file,
        connections,
        resumed,
        _folder: folder,
    }
}
