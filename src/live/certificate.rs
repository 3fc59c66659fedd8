//! Facts about the certificate of an HTTPS front door.

use jiff::Timestamp;
use x509_parser::parse_x509_certificate;

use super::subject::Certificate;
use crate::evidence::UnseenReason;
use crate::wire::{Door, Stream};

const DAY_SECONDS: i64 = 24 * 3600;

/// Connects and reads the certificate; `None` if the front door speaks clear text.
pub(super) async fn fetch(door: &Door, unverified: bool) -> Option<Result<Certificate, UnseenReason>> {
    if door.scheme() != "https" {
        return None;
    }
    let dialled = match door.dial(0).await {
        Ok(dialled) => dialled,
        Err(error) => return Some(Err(error.to_string().into())),
    };
    let Stream::Tls(stream) = &dialled.stream else {
        return None;
    };
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let Some(own) = chain.first() else {
        return Some(Err(UnseenReason::NoCertificate));
    };
    Some(read(own, Timestamp::now().as_second()).map(|read| Certificate {
        unverified,
        http2: dialled.http2,
        ..read
    }))
}

fn read(der: &[u8], now: i64) -> Result<Certificate, UnseenReason> {
    let (_, own) = parse_x509_certificate(der).map_err(|error| error.to_string())?;
    Ok(Certificate {
        // Rounded down, so that a certificate that ended an hour ago has -1 and not 0 days left.
        days_left: (own.validity().not_after.timestamp() - now).div_euclid(DAY_SECONDS),
        self_signed: own.issuer() == own.subject(),
        unverified: false,
        http2: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_tells_its_end_and_who_signed_it() {
        let own = rcgen::generate_simple_self_signed(vec!["app.example".to_owned()]).unwrap();
        let ends = rcgen::date_time_ymd(4096, 1, 1).unix_timestamp();
        let read = |now| read(own.cert.der(), now).unwrap();
        assert!(read(ends - 10 * DAY_SECONDS).self_signed);
        assert_eq!(read(ends - 10 * DAY_SECONDS).days_left, 10);
        assert_eq!(read(ends + 1).days_left, -1);
        assert!(super::read(b"no certificate", 0).is_err());
    }
}
