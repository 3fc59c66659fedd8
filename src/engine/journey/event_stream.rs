//! Server-sent events (HTML standard, section 9.2): read as they come, until enough have come.

use std::time::Instant;

use bytes::Bytes;

use crate::timer;

/// Longest line, and longest data of an event, that is kept.
const LONGEST: usize = 16 << 20;

/// Events that end an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventLimit {
    /// Number of events.
    pub(super) count: u32,
    /// Type of the events that count; `None` if all do.
    pub(super) event: Option<Box<str>>,
}

/// Events of an answer, as far as they have come.
#[derive(Debug)]
pub(super) struct EventScan {
    wanted: EventLimit,
    seen: u32,
    first: Option<Instant>,
    /// Data of the last event that counts.
    last: String,
    /// Bytes of the line under way.
    line: Vec<u8>,
    /// True after a carriage return, which a line feed may follow.
    returned: bool,
    /// True at the start of the stream, where a byte order mark may stand.
    at_start: bool,
    data: String,
    has_data: bool,
    event: String,
}

impl EventScan {
    pub(super) fn new(wanted: &EventLimit) -> Self {
        Self {
            wanted: wanted.clone(),
            seen: 0,
            first: None,
            last: String::new(),
            line: Vec::new(),
            returned: false,
            at_start: true,
            data: String::new(),
            has_data: false,
            event: String::new(),
        }
    }

    /// Takes the next chunk.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        for byte in chunk {
            if self.is_enough() {
                return;
            }
            match byte {
                // CR LF, LF and CR each end a line (HTML standard, 9.2.5), and a pair may be split between two chunks.
                b'\n' if std::mem::take(&mut self.returned) => {}
                b'\n' | b'\r' => {
                    self.returned = *byte == b'\r';
                    self.end_line();
                }
                byte => {
                    self.returned = false;
                    if self.line.len() < LONGEST {
                        self.line.push(*byte);
                    }
                }
            }
        }
    }

    /// True once as many events have come as are wanted.
    pub(super) fn is_enough(&self) -> bool {
        self.seen >= self.wanted.count
    }

    /// Number of events that count.
    pub(super) fn count(&self) -> u32 {
        self.seen
    }

    /// Instant at which the first event that counts was complete.
    pub(super) fn first(&self) -> Option<Instant> {
        self.first
    }

    /// Data of the last event that counts.
    pub(super) fn into_last(self) -> Bytes {
        self.last.into()
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = if std::mem::take(&mut self.at_start) {
            text.strip_prefix('\u{feff}').unwrap_or(&text)
        } else {
            &text
        };
        if text.is_empty() {
            self.end_event();
        } else {
            let (field, value) = text.split_once(':').unwrap_or((text, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" if self.data.len() < LONGEST => {
                    if self.has_data {
                        self.data.push('\n');
                    }
                    self.data.push_str(value);
                    self.has_data = true;
                }
                "event" => value.clone_into(&mut self.event),
                // Comments have no field; `id` and `retry` are for clients that connect again.
                _ => {}
            }
        }
        // The buffer is used again.
        self.line = line;
        self.line.clear();
    }

    /// An event without data is none.
    fn end_event(&mut self) {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        // The standard drops events without data; servers send such as a heartbeat.
        if !std::mem::take(&mut self.has_data) {
            return;
        }
        let event = if event.is_empty() { "message" } else { &event };
        if self.wanted.event.as_deref().is_none_or(|wanted| wanted == event) {
            self.seen += 1;
            self.last = data;
            if self.first.is_none() {
                self.first = Some(timer::now());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of events, and data of the last, of a stream that comes in pieces of that length.
    fn scanned(stream: &str, count: u32, event: Option<&str>, piece: usize) -> (u32, String) {
        let mut scan = EventScan::new(&EventLimit {
            count,
            event: event.map(Into::into),
        });
        for piece in stream.as_bytes().chunks(piece) {
            scan.push(piece);
        }
        let seen = scan.count();
        (seen, String::from_utf8(scan.into_last().to_vec()).unwrap())
    }

    #[test]
    fn events_are_read_as_the_standard_says_however_they_are_cut() {
        let stream = "\u{feff}: a comment\ndata: one\n\nevent: progress\r\ndata: t\u{e9}\r\ndata:two\r\n\r\nid: 7\n\n\
                      data\rdata\r\rretry: 10\ndata:  last\nunknown: x\n\ndata: never ended\n";
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(scanned(stream, 1, None, piece), (1, "one".to_owned()));
            assert_eq!(scanned(stream, 2, None, piece), (2, "t\u{e9}\ntwo".to_owned()));
            assert_eq!(scanned(stream, 3, None, piece), (3, "\n".to_owned()));
            assert_eq!(
                scanned(stream, 9, None, piece),
                (4, " last".to_owned()),
                "piece {piece}"
            );
            assert_eq!(
                scanned(stream, 9, Some("progress"), piece),
                (1, "t\u{e9}\ntwo".to_owned())
            );
            assert_eq!(scanned(stream, 2, Some("message"), piece), (2, "\n".to_owned()));
            assert_eq!(scanned(stream, 1, Some("other"), piece), (0, String::new()));
        }
    }
}
