//! TLS to an `https` front door: one configuration for all users of a run, so that sessions are resumed.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::{HttpVersion, TlsSettings, WireError};

const HTTP1: &[u8] = b"http/1.1";
/// ALPN name of HTTP/2.
pub(super) const HTTP2: &[u8] = b"h2";

/// TLS settings for one host.
pub(super) struct Tls {
    pub(super) name: ServerName<'static>,
    /// Offers the HTTP versions that the settings allow.
    pub(super) any: TlsConnector,
    /// Offers HTTP/1.1 alone, for WebSockets.
    pub(super) http1: TlsConnector,
}

impl Tls {
    pub(super) fn new(name: ServerName<'static>, settings: &TlsSettings, http: HttpVersion) -> Result<Self, WireError> {
        let mut config = client_config(settings)?;
        config.alpn_protocols = vec![HTTP1.to_vec()];
        // The clone shares the session cache.
        let mut any = config.clone();
        any.alpn_protocols = match http {
            HttpVersion::One => vec![HTTP1.to_vec()],
            HttpVersion::Two => vec![HTTP2.to_vec()],
            HttpVersion::Auto => vec![HTTP2.to_vec(), HTTP1.to_vec()],
        };
        Ok(Self {
            name,
            any: TlsConnector::from(Arc::new(any)),
            http1: TlsConnector::from(Arc::new(config)),
        })
    }
}

/// Client configuration for TLS 1.2 and 1.3 that accepts the certificates of `settings`. It offers no ALPN protocol.
pub fn client_config(settings: &TlsSettings) -> Result<ClientConfig, WireError> {
    // Named, since several crates of the program bring providers of their own and a process-wide default would depend
    // on which is first.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(|source| WireError::Tls { source })?;
    let verifier: Arc<dyn ServerCertVerifier> = if settings.insecure {
        Arc::new(AnyCertificate(provider))
    } else {
        Arc::new(KnownCertificates::new(settings.ca_file.as_deref(), provider)?)
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let Some(path) = &settings.client_certificate else {
        return match &settings.client_key {
            None => Ok(builder.with_no_client_auth()),
            Some(path) => Err(WireError::ClientCertificate {
                path: path.clone(),
                problem: "a key without a certificate: name it as `tls.client-certificate`".to_owned(),
            }),
        };
    };
    let unusable = |path: &Path, problem: String| WireError::ClientCertificate {
        path: path.to_owned(),
        problem,
    };
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unusable(path, error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable(path, "no certificate in it".to_owned()));
    }
    let key_path = settings.client_key.as_ref().unwrap_or(path);
    let key = PrivateKeyDer::from_pem_file(key_path).map_err(|error| unusable(key_path, error.to_string()))?;
    builder
        .with_client_auth_cert(chain, key)
        .map_err(|error| unusable(key_path, error.to_string()))
}

/// Accepts certificates that are signed by the system's roots or by those of the file, and the file's certificates themselves.
/// The latter is for a self-signed certificate as `openssl req -x509` makes it, which is marked as one that may only sign others.
#[derive(Debug)]
struct KnownCertificates {
    certified: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl KnownCertificates {
    fn new(ca_file: Option<&Path>, provider: Arc<CryptoProvider>) -> Result<Self, WireError> {
        let mut roots = RootCertStore::empty();
        let own = match ca_file {
            Some(path) => read(path, &mut roots)?,
            None => Vec::new(),
        };
        let system = rustls_native_certs::load_native_certs();
        // A system's store may hold certificates that cannot be read; the others still count.
        roots.add_parsable_certificates(system.certs);
        let certified = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let certified = certified.map_err(|_| {
            let problems: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
            WireError::NoRoots {
                problem: if problems.is_empty() {
                    "none was found".to_owned()
                } else {
                    problems.join("; ")
                },
            }
        })?;
        Ok(Self { certified, own })
    }
}

fn read(path: &Path, roots: &mut RootCertStore) -> Result<Vec<CertificateDer<'static>>, WireError> {
    let unreadable = |source| WireError::CaFile {
        path: path.to_owned(),
        source,
    };
    let unusable = |source| WireError::NoCertificate {
        path: path.to_owned(),
        source,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    for certificate in &certificates {
        let added = roots.add(certificate.clone());
        added.map_err(|source| unusable(Some(source)))?;
    }
    if certificates.is_empty() {
        Err(unusable(None))
    } else {
        Ok(certificates)
    }
}

impl ServerCertVerifier for KnownCertificates {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self
            .certified
            .verify_server_cert(certificate, intermediates, name, ocsp, now);
        // webpki refuses an authority in the place of a server (`CaUsedAsEndEntity`), which rustls passes on as
        // `Other`. A certificate that signs itself is often one.
        let only_signs = matches!(
            &verified,
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
        );
        if only_signs && self.own.contains(certificate) {
            // The certificate is known byte by byte, so only its name is still open.
            verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.certified.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.certified.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.certified.supported_verify_schemes()
    }
}

/// Accepts any certificate. The handshake still verifies that the server holds its private key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
