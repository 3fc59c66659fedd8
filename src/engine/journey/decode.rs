//! Decoding of bodies: gzip, brotli, zstd, deflate. Only bodies that a check or an extraction reads are decoded.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use hyper::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::error::chain;

/// Most bytes kept of a body that checks read; all of its bytes are counted.
pub(super) const KEPT_BYTES: usize = 16 << 20;

/// Value of `accept-encoding`: encodings that browsers accept.
pub(super) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

const BROTLI_BUFFER: usize = 4 << 10;
/// First bytes of every member of a gzip body.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// A body that is not encoded as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable;

/// Value of `content-encoding`; several such headers are one list (RFC 9110, section 5.3).
pub(super) fn encodings(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    let first = values.next()?;
    let mut rest = values.peekable();
    if rest.peek().is_none() {
        return Some(first.clone());
    }
    let all: Vec<&[u8]> = std::iter::once(first).chain(rest).map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&all.join(&b','))
        .ok()
        .or_else(|| Some(first.clone()))
}

/// Undoes the encodings of a `content-encoding` header, the last one first. The result has at most 16 MiB. A body whose end was
/// not kept (`cut`) is decoded as far as it goes. If an encoding is unknown, the body is left as it came, as browsers do:
/// servers name character sets there.
pub(super) fn decode(body: &Bytes, encodings: &HeaderValue, cut: bool) -> Result<Bytes, Undecodable> {
    let encodings = encodings.to_str().map_err(|_| Undecodable)?.to_ascii_lowercase();
    let encodings = || encodings.rsplit(',').map(str::trim);
    // An encoding that was not asked for is the server's matter: bytes are counted, and a check sees them as they are.
    if !encodings().all(is_known) {
        return Ok(body.clone());
    }
    let mut plain = body.clone();
    for encoding in encodings() {
        // An answer without a body may still name an encoding.
        if plain.is_empty() {
            break;
        }
        plain = match encoding {
            "gzip" | "x-gzip" => gzip(&plain, cut)?,
            "br" => read(Decompressor::new(&plain[..], BROTLI_BUFFER), cut)?,
            "zstd" => zstd(&plain, cut)?,
            "deflate" => deflate(&plain, cut)?,
            _ => plain,
        };
    }
    Ok(plain)
}

fn is_known(encoding: &str) -> bool {
    matches!(
        encoding,
        "" | "identity" | "gzip" | "x-gzip" | "br" | "zstd" | "deflate"
    )
}

/// All members of a gzip body. Bytes after the last one that begin no further member are padding.
fn gzip(body: &[u8], cut: bool) -> Result<Bytes, Undecodable> {
    let (mut plain, mut rest) = (Vec::new(), body);
    loop {
        let mut member = GzDecoder::new(rest);
        let whole = append(&mut member, &mut plain, cut)?;
        rest = member.into_inner();
        // A file of several members is one body (RFC 1952, 2.2); bytes after them that begin no member are ignored.
        if !(whole && rest.starts_with(GZIP)) {
            return Ok(plain.into());
        }
    }
}

/// All frames of a zstd body; skippable ones are skipped (RFC 8878, section 3.1).
fn zstd(body: &[u8], cut: bool) -> Result<Bytes, Undecodable> {
    let (mut plain, mut rest) = (Vec::new(), body);
    while !rest.is_empty() {
        match StreamingDecoder::new(&mut rest) {
            Ok(frame) => {
                if !append(frame, &mut plain, cut)? {
                    break;
                }
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                rest = match rest.get(length..) {
                    Some(rest) => rest,
                    None if cut => break,
                    None => return Err(Undecodable),
                };
            }
            Err(_) if cut => break,
            Err(_) => return Err(Undecodable),
        }
    }
    Ok(plain.into())
}

/// With the zlib header, as RFC 9110 has it, or without, as some servers send it.
fn deflate(body: &[u8], cut: bool) -> Result<Bytes, Undecodable> {
    // `deflate` means zlib (RFC 9110, 8.4.1.2). Some servers send it raw, and browsers take both.
    read(ZlibDecoder::new(body), cut).or_else(|_| read(DeflateDecoder::new(body), cut))
}

fn read(decoder: impl Read, cut: bool) -> Result<Bytes, Undecodable> {
    let mut plain = Vec::new();
    append(decoder, &mut plain, cut)?;
    Ok(plain.into())
}

/// Appends the decoder's text up to the limit. False if there may be more that is not read: the limit is reached, or the body
/// was cut.
fn append(decoder: impl Read, plain: &mut Vec<u8>, cut: bool) -> Result<bool, Undecodable> {
    // A small body may unpack to gigabytes.
    let room = KEPT_BYTES.saturating_sub(plain.len()) as u64;
    match decoder.take(room).read_to_end(plain) {
        Ok(_) => Ok(plain.len() < KEPT_BYTES),
        Err(error) if cut && is_end(&error) => Ok(false),
        Err(_) => Err(Undecodable),
    }
}

/// True if the error is, or comes from, an end of the encoded body.
fn is_end(error: &io::Error) -> bool {
    let ends = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    ends(error) || chain(error).any(|cause| cause.downcast_ref().is_some_and(ends))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
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
        for encoding in ["gzip", "br", "zstd", "deflate", "gzip, br"] {
            assert_eq!(decoded(b"", encoding).unwrap(), b""[..], "{encoding}");
        }
    }

    #[test]
    fn a_body_of_several_parts_is_read_to_its_end() {
        let (half, end) = PLAIN.split_at(5);
        let zstd = |plain: &[u8]| compress_to_vec(plain, CompressionLevel::Fastest);
        let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
        for (body, encoding) in [
            ([gzip(half), gzip(end)].concat(), "gzip"),
            ([gzip(half), gzip(b""), gzip(end), vec![0; 8]].concat(), "x-gzip"),
            ([zstd(half), zstd(end)].concat(), "zstd"),
            (
                [skipped.clone(), zstd(half), skipped.clone(), zstd(end), skipped].concat(),
                "zstd",
            ),
        ] {
            assert_eq!(decoded(&body, encoding).unwrap(), PLAIN, "{encoding}");
        }
        let broken = [zstd(half), end.to_vec()].concat();
        assert_eq!(decoded(&broken, "zstd"), Err(Undecodable));
        let second = zstd(&PLAIN.repeat(500));
        let broken = [zstd(half), second[..second.len() - 3].to_vec()].concat();
        assert_eq!(decoded(&broken, "zstd"), Err(Undecodable));
    }

    #[test]
    fn deflate_comes_with_and_without_its_header() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(PLAIN).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(PLAIN).unwrap();
        assert_eq!(decoded(&zlib.finish().unwrap(), "deflate").unwrap(), PLAIN);
        assert_eq!(decoded(&raw.finish().unwrap(), "deflate").unwrap(), PLAIN);
    }

    #[test]
    fn encodings_are_one_list_and_an_unknown_one_changes_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(encodings(&headers), None);
        headers.append(CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(encodings(&headers).unwrap(), "br");
        headers.append(CONTENT_ENCODING, HeaderValue::from_static("identity, gzip"));
        assert_eq!(encodings(&headers).unwrap(), "br,identity, gzip");
        let body = Bytes::from(gzip(BROTLI));
        assert_eq!(decode(&body, &encodings(&headers).unwrap(), false).unwrap(), PLAIN);
        for unknown in ["utf-8", "none", "lzma", "lzma, identity"] {
            assert_eq!(decoded(PLAIN, unknown).unwrap(), PLAIN, "{unknown}");
        }
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
            (PLAIN, "deflate"),
            (BROTLI, "br, gzip"),
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
        let frames = [PLAIN, &PLAIN.repeat(500)].map(|plain| compress_to_vec(plain, CompressionLevel::Fastest));
        let body = frames.concat();
        let cut = Bytes::copy_from_slice(&body[..body.len() - 3]);
        let plain = decode(&cut, &HeaderValue::from_static("zstd"), true).unwrap();
        assert!(plain.starts_with(PLAIN));
    }
}
