//! Dates of cookies as browsers read them.

use jiff::civil::{Date, DateTime, date};

/// Start of the Unix time.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
/// First year of a date that is taken.
const FIRST_YEAR: i16 = 1601;

/// Reads the date of an `Expires` attribute, in seconds since the Unix epoch (RFC 6265bis, section 5.1.1). `None` if it is no
/// date. Any order of day, month, year and time is taken, with any separators; a time zone is ignored.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        // The first token that fits is taken for each; the order of these attempts is the standard's.
        if time.is_none() && clock(token).is_some() {
            time = clock(token);
        } else if day.is_none() && digits(token, 1, 2).is_some() {
            day = digits(token, 1, 2);
        } else if month.is_none() && month_of(token).is_some() {
            month = month_of(token);
        } else if year.is_none() {
            year = digits(token, 2, 4);
        }
    }
    let ([hour, minute, second], day, month, year) = (time?, day?, month?, year?);
    let year = match year {
        // RFC 6265, 5.1.1: years of two digits are those from 1970 to 2069.
        70..=99 => year + 1900,
        0..=69 => year + 2000,
        _ => year,
    };
    if year < FIRST_YEAR {
        return None;
    }
    let small = |number: i16| i8::try_from(number).ok();
    let date = Date::new(year, month, small(day)?).ok()?;
    let (hour, minute, second) = (small(hour)?, small(minute)?, small(second)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(date.at(hour, minute, second, 0).duration_since(EPOCH).as_secs())
}

/// Everything that separates tokens; a colon belongs to a token.
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'/' | b';'..=b'@' | b'['..=b'`' | b'{'..=b'~')
}

/// The number at the start of a token, with `least` to `most` digits and no digit after them.
fn digits(token: &[u8], least: usize, most: usize) -> Option<i16> {
    let count = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&token[..count]).ok()?;
    (least..=most).contains(&count).then(|| number.parse().ok()).flatten()
}

/// `hour:minute:second`, of one or two digits each.
fn clock(token: &[u8]) -> Option<[i16; 3]> {
    let mut parts = token.splitn(3, |byte| *byte == b':');
    let whole = |part: &[u8]| {
        part.iter()
            .all(u8::is_ascii_digit)
            .then(|| digits(part, 1, 2))
            .flatten()
    };
    let (hour, minute) = (whole(parts.next()?)?, whole(parts.next()?)?);
    Some([hour, minute, digits(parts.next()?, 1, 2)?])
}

fn month_of(token: &[u8]) -> Option<i8> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
    ];
    let start = token.get(..3)?.to_ascii_lowercase();
    let position = MONTHS.iter().position(|month| month[..] == start[..])?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 784111777 is Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    #[test]
    fn every_form_that_servers_write_is_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "6 November 1994 8:49:37",
            "1994 6 nov 08:49:37",
            "06/NOV/1994 08:49:37 +0200",
            "Sun 06 Nov 1994 08:49:37.123 UTC",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
        }
        assert_eq!(parse(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(parse(b"Thu, 01-Jan-70 00:00:01 GMT"), Some(1));
        assert_eq!(parse(b"Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
        assert_eq!(parse(b"Tue, 01 Jan 69 00:00:00 GMT"), parse(b"1 Jan 2069 00:00:00"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "0",
            "-1",
            "session",
            "Sun, 06 Nov 1994",
            "06 Nov 1994 24:00:00",
            "06 Nov 1994 08:60:00",
            "31 Feb 2030 00:00:00",
            "00 Nov 1994 00:00:00",
            "06 Nov 1600 00:00:00",
            "06 Noo 1994 00:00:00",
            "784111777",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: Vec<u8>, day in "[0-9]{1,5}", month in "[A-Za-z]{2,5}", time in "[0-9:]{0,9}") {
            let _ = parse(&text);
            let _ = parse(format!("{day} {month} {day} {time}").as_bytes());
        }
    }
}
