//! Pin of the key that the front door proved to own, for a browser that does not know the stack's own certificates.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use x509_parser::parse_x509_certificate;

use crate::error::Hint;
use crate::evidence::ProbeKind;
use crate::probe::ProbeError;
use crate::stack::Endpoints;
use crate::wire::{DialError, Door, Stream, WireError};

const NAME: ProbeKind = ProbeKind::Browser;

/// Connects, verifies the certificate by the stack's settings like every virtual user, and returns the pin of its key:
/// base64 of the SHA-256 of the `SubjectPublicKeyInfo` (RFC 7469, section 2.4). Only the server's own key is pinned:
/// another certificate of the same authority is not enough, since anybody may hold one.
pub(super) async fn pin(endpoints: &Endpoints) -> Result<String, ProbeError> {
    let unusable = |error: WireError| ProbeError::Unavailable {
        probe: NAME,
        reason: error.to_string(),
        hint: error.hint().unwrap_or_default(),
    };
    let failed = |error: DialError| match error.distrust() {
        Some(refused) => unusable(refused),
        None => ProbeError::failed(NAME, "look at the front door's certificate", error),
    };
    let door = Door::find(&endpoints.front_door, &endpoints.transport).map_err(unusable)?;
    // The first replica, as the browser loads its pages from that one.
    let dialled = door.dial(0).await.map_err(failed)?;
    let sent = match &dialled.stream {
        // The server's own certificate comes first (RFC 8446, section 4.4.2).
        Stream::Tls(stream) => stream.get_ref().1.peer_certificates().unwrap_or_default().first(),
        _ => None,
    };
    let sent = sent.ok_or_else(|| ProbeError::failed(NAME, "look at the front door's certificate", "it sends none"))?;
    pin_of(sent).map_err(|error| ProbeError::failed(NAME, "read the front door's certificate", error))
}

fn pin_of(certificate: &[u8]) -> Result<String, x509_parser::error::X509Error> {
    let (_, certificate) = parse_x509_certificate(certificate).map_err(|error| match error {
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error,
        x509_parser::nom::Err::Incomplete(_) => x509_parser::error::X509Error::InvalidCertificate,
    })?;
    Ok(BASE64_STANDARD.encode(Sha256::digest(certificate.public_key().raw)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The certificate was made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256`, its pin with
    /// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`.
    #[test]
    fn the_pin_is_that_of_other_tools() {
        let certificate = concat!(
            "MIIBgzCCASmgAwIBAgIUBfIeSTQ+2iGTeJjmRcUBfERlyPowCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLYXBwLmV4YW1wbGUwIBcN",
            "MjYxMTIzMTYyOTI5WhgPMjEyNjEwMzAxNjI5MjlaMBYxFDASBgNVBAMMC2FwcC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D",
            "AQcDQgAE9AUstL52UGR6HF/vgiLHtBiHm1ZuZMMuMlwlk6d0cpu7HZ0Fv2vu+r0el+xdd2ikKSLCy+CLJsXnlKW1ZqsQ2aNTMFEw",
            "HQYDVR0OBBYEFPggbdTcTmqXQ41tjnm2LHzqzV0eMB8GA1UdIwQYMBaAFPggbdTcTmqXQ41tjnm2LHzqzV0eMA8GA1UdEwEB/wQF",
            "MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMmJ74NV0Y6OaM5XVEkI/FLNVGHCpe/u1iar4FRUjWAzAiAi26tVfpSaIkcajau0zAa0",
            "LTftF+MQHe4wpFX5n6Hx2A==",
        );
        let certificate = BASE64_STANDARD.decode(certificate).unwrap();
        assert_eq!(
            pin_of(&certificate).unwrap(),
            "/yQfrI+eHa2n4/1uAJcUVDQYCiycAJxwovHzNswgXH4="
        );
        assert!(pin_of(b"no certificate").is_err());
    }
}
