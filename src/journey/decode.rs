//! Decoding of bodies: gzip, brotli, zstd, deflate. Only bodies that a check or an extraction reads are decoded.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use hyper::header::HeaderValue;
use ruzstd::decoding::StreamingDecoder;

/// Most bytes kept of a body that checks read; all of its bytes are counted.
pub(super) const KEPT_BYTES: usize = 16 << 20;

/// Value of `accept-encoding`: encodings that browsers accept.
pub(super) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

const BROTLI_BUFFER: usize = 4 << 10;

/// A body that is not encoded as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable;

/// Undoes the encodings of a `content-encoding` header, the last one first. The result has at most 16 MiB. A body whose end was
/// not kept (`cut`) is decoded as far as it goes.
pub(super) fn decode(body: &Bytes, encodings: &HeaderValue, cut: bool) -> Result<Bytes, Undecodable> {
    let encodings = encodings.to_str().map_err(|_| Undecodable)?;
    let mut plain = body.clone();
    for encoding in encodings
        .rsplit(',')
        .map(|encoding| encoding.trim().to_ascii_lowercase())
    {
        // An answer without a body may still name an encoding.
        if plain.is_empty() {
            break;
        }
        plain = match encoding.as_str() {
            "" | "identity" => plain,
            "gzip" | "x-gzip" => read(MultiGzDecoder::new(&plain[..]), cut)?,
            "br" => read(Decompressor::new(&plain[..], BROTLI_BUFFER), cut)?,
            "zstd" => read(StreamingDecoder::new(&plain[..]).map_err(|_| Undecodable)?, cut)?,
            "deflate" => read(ZlibDecoder::new(&plain[..]), cut)?,
            _ => return Err(Undecodable),
        };
    }
    Ok(plain)
}

fn read(mut decoder: impl Read, cut: bool) -> Result<Bytes, Undecodable> {
    let mut plain = Vec::new();
    let ended = decoder.by_ref().take(KEPT_BYTES as u64).read_to_end(&mut plain);
    match ended {
        Err(error) if !(cut && is_end(&error)) => Err(Undecodable),
        _ => Ok(plain.into()),
    }
}

fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    /// `{"a": [1, 2, 3]}` in brotli, by another implementation.
    const BROTLI: &[u8] = &[
        139, 7, 128, 123, 34, 97, 34, 58, 32, 91, 49, 44, 32, 50, 44, 32, 51, 93, 125, 3,
    ];
    const PLAIN: &[u8] = br#"{"a": [1, 2, 3]}"#;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(body: &[u8], encoding: &'static str) -> Result<Bytes, Undecodable> {
        decode(
            &Bytes::copy_from_slice(body),
            &HeaderValue::from_static(encoding),
            false,
        )
    }

    #[test]
    fn what_browsers_accept_is_read() {
        let zstd = compress_to_vec(PLAIN, CompressionLevel::Fastest);
        assert_eq!(decoded(&gzip(PLAIN), "gzip").unwrap(), PLAIN);
        assert_eq!(decoded(BROTLI, "br").unwrap(), PLAIN);
        assert_eq!(decoded(&zstd, "ZSTD").unwrap(), PLAIN);
        assert_eq!(decoded(PLAIN, "identity").unwrap(), PLAIN);
        assert_eq!(decoded(&gzip(BROTLI), "br, gzip").unwrap(), PLAIN);
        assert_eq!(decoded(b"", "gzip").unwrap(), b""[..]);
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        let whole = gzip(PLAIN);
        let half = &whole[..whole.len() - 10];
        for (body, encoding) in [
            (PLAIN, "gzip"),
            (PLAIN, "br"),
            (PLAIN, "zstd"),
            (half, "gzip"),
            (PLAIN, "lzma"),
        ] {
            assert_eq!(decoded(body, encoding), Err(Undecodable), "{encoding}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_stops_the_run(body: Vec<u8>, position: prop::sample::Index, flip in 1_u8..) {
            let text: Vec<u8> = body.repeat(20);
            let zstd = compress_to_vec(&text[..], CompressionLevel::Fastest);
            for (encoding, valid) in [("gzip", gzip(&text)), ("br", BROTLI.to_vec()), ("zstd", zstd)] {
                let _ = decoded(&body, encoding);
                let mut broken = valid.clone();
                broken[position.index(valid.len())] ^= flip;
                let _ = decoded(&broken, encoding);
                let _ = decoded(&valid[..position.index(valid.len())], encoding);
                if encoding != "br" {
                    prop_assert_eq!(decoded(&valid, encoding).unwrap(), &text[..]);
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_cut_off_and_a_cut_body_read_as_far_as_it_goes() {
        let bomb = gzip(&vec![b'x'; KEPT_BYTES + 5_000]);
        assert_eq!(decoded(&bomb, "gzip").unwrap().len(), KEPT_BYTES);
        let half = Bytes::copy_from_slice(&bomb[..bomb.len() / 2]);
        let plain = decode(&half, &HeaderValue::from_static("gzip"), true).unwrap();
        assert!(plain.len() > KEPT_BYTES / 3, "{}", plain.len());
    }
}
