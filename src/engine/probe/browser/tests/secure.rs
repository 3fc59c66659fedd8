//! Tests with a front door over TLS, with certificates that no browser knows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Hits, answer, beside, journey, settings, watch};
use crate::evidence::Limitation;
use crate::evidence::browser::{BrowserObservation, Cache};
use crate::probe::ProbeError;
use crate::probe::browser::probe::BrowserProbe;
use crate::stack::Endpoints;
use crate::wire::{TlsSettings, Transport};

const HOST: &str = "app.example";

/// A server whose certificate can be exchanged while it runs.
struct SecureSite {
    port: u16,
    hits: Hits,
    authority: CertifiedIssuer<'static, KeyPair>,
    acceptor: Arc<StdMutex<TlsAcceptor>>,
    replicas: Vec<u16>,
    folder: TempDir,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// Serves a new certificate of that authority, followed by the authority's own.
fn acceptor(authority: &CertifiedIssuer<'static, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new([HOST.to_owned()]).unwrap();
    let own = parameters.signed_by(&key, authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let chain = vec![own.der().clone(), authority.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key);
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

impl SecureSite {
    async fn serve() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (hits, authority) = (Hits::default(), authority("authority.example"));
        let current = Arc::new(StdMutex::new(acceptor(&authority)));
        let (counted, shown) = (Arc::clone(&hits), Arc::clone(&current));
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let (acceptor, hits) = (shown.lock().unwrap().clone(), Arc::clone(&counted));
                tokio::spawn(async move { answer(acceptor.accept(connection).await.ok()?, hits).await });
            }
        });
        Self {
            port,
            hits,
            authority,
            acceptor: current,
            replicas: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A file with the certificate of that authority.
    fn file(&self, authority: &CertifiedIssuer<'static, KeyPair>) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        std::fs::write(&path, authority.pem()).unwrap();
        path
    }

    fn hits(&self, path: &str) -> u32 {
        self.hits.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    async fn prepare(&self, tls: TlsSettings) -> Result<BrowserProbe, ProbeError> {
        let endpoints = Endpoints {
            front_door: format!("https://{HOST}:{}", self.port),
            transport: Transport {
                resolve: [(HOST.to_owned(), [127, 0, 0, 1].into())].into(),
                tls,
                replicas: self.replicas.clone(),
                ..Transport::default()
            },
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        };
        let settings = settings("every = \"300ms\"\ncalibration = { every = 0 }");
        BrowserProbe::prepare(&settings, Some(&journey("path = \"/cached\"")), &endpoints, &[]).await
    }
}

async fn observe(probe: BrowserProbe) -> BrowserObservation {
    probe.observe(&watch(2.0)).await.unwrap()
}

#[tokio::test]
async fn the_key_that_the_harness_verified_is_taken_and_its_answers_are_kept() {
    let _beside = beside().await;
    let mut site = SecureSite::serve().await;
    site.replicas = vec![site.port; 2];
    let trusting = TlsSettings {
        ca_file: Some(site.file(&site.authority)),
        ..TlsSettings::default()
    };
    // Leaves time for a second load, even if other tests use the processors.
    let probe = site.prepare(trusting).await.unwrap();
    let seen = probe.observe(&watch(4.0)).await.unwrap();
    assert!(seen.loads.iter().all(|load| load.failure.is_none()), "{seen:?}");
    assert!(
        seen.loads.len() >= 2 && seen.loads[1].cache == Cache::Warm,
        "{:?}",
        seen.loads
    );
    assert_eq!(site.hits("/kept.js"), 1, "{:?}", site.hits);
    assert_eq!(seen.untold, [Limitation::FirstReplicaOnly]);
}

#[tokio::test]
async fn another_key_is_refused_even_where_the_same_authority_vouches_for_it() {
    let _beside = beside().await;
    let site = SecureSite::serve().await;
    let trusting = TlsSettings {
        ca_file: Some(site.file(&site.authority)),
        ..TlsSettings::default()
    };
    let probe = site.prepare(trusting).await.unwrap();
    *site.acceptor.lock().unwrap() = acceptor(&site.authority);
    let seen = observe(probe).await;
    assert!(!seen.loads.is_empty(), "{seen:?}");
    for load in &seen.loads {
        let failure = load.failure.as_deref().unwrap_or_default();
        assert!(failure.ends_with("ERR_CERT_AUTHORITY_INVALID"), "{load:?}");
    }
    assert_eq!(site.hits("/cached"), 0);
}

#[tokio::test]
async fn a_front_door_that_the_harness_does_not_trust_gets_no_browser_unless_anybody_is_trusted() {
    let _beside = beside().await;
    let site = SecureSite::serve().await;
    let other = site.file(&authority("other.example"));
    let trusting = TlsSettings {
        ca_file: Some(other.clone()),
        ..TlsSettings::default()
    };
    let refused = site.prepare(trusting).await.unwrap_err().to_string();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
    let insecure = TlsSettings {
        ca_file: Some(other),
        insecure: true,
        ..TlsSettings::default()
    };
    let seen = observe(site.prepare(insecure).await.unwrap()).await;
    assert!(seen.loads.iter().all(|load| load.failure.is_none()), "{seen:?}");
    // Chromium caches nothing that came with a certificate it considers invalid.
    let loads = u32::try_from(seen.loads.len()).unwrap();
    assert_eq!(site.hits("/kept.js"), loads);
    assert_eq!(seen.untold, [Limitation::UntrustedNotCached]);
}
