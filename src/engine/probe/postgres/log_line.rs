//! Parses the server's own log line by line into statement executions and their durations.
//!
//! ```text
//! diapason-3f9a1c 1769900000.123 4711 -6038049685748507933 LOG:  duration: 12.345 ms  execute <unnamed>: SELECT
//! <tab>  * FROM task
//! ```

/// First words of the statements that `pg_stat_statements` counts with `track_utility = off`, so that both count the same.
const COUNTED: [&str; 9] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "EXECUTE",
];
/// Most bytes searched for the first word of a statement; beyond, the statement is not counted.
const LONGEST_START: usize = 4096;

/// Kind of a logged event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// A statement was executed.
    Execution,
    /// A statement was parsed, as a step of its own.
    Parse,
    /// A statement was bound to its parameters and planned, as a step of its own.
    Bind,
    /// The probe's own mark with that number.
    Mark(u32),
}

/// One event of the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LoggedEvent {
    /// Milliseconds since the epoch.
    pub(super) epoch_millis: i64,
    /// The statement's `queryid`; 0 if the server does not know it.
    pub(super) query_id: i64,
    /// Duration; 0 for a mark.
    pub(super) micros: u64,
    pub(super) event: Event,
}

/// Parses lines that begin with the probe's own prefix, except those of the probe's own connection.
#[derive(Debug, Clone)]
pub(super) struct LineParser {
    marker: String,
    own_pid: i32,
    /// An execution whose statement begins on a later line.
    pending: Option<(LoggedEvent, String)>,
}

impl LineParser {
    pub(super) fn new(marker: &str, own_pid: i32) -> Self {
        Self {
            marker: marker.to_owned(),
            own_pid,
            pending: None,
        }
    }

    /// Value of `log_line_prefix` with that marker: time stamp with milliseconds (epoch), process id and query id.
    pub(super) fn prefix(marker: &str) -> String {
        format!("{marker} %n %p %Q ")
    }

    /// Text of a mark, as sent by `RAISE LOG`.
    pub(super) fn mark(number: u32) -> String {
        format!("diapason mark {number}")
    }

    /// Takes the next line; returns the event that this line completes.
    pub(super) fn feed(&mut self, line: &str) -> Option<LoggedEvent> {
        // The server indents the further lines of a statement by a tab.
        if let Some(continued) = line.strip_prefix('\t') {
            let (entry, mut text) = self.pending.take()?;
            text.push('\n');
            text.push_str(continued);
            return self.classify(entry, text);
        }
        self.pending = None;
        // Lines without the marker come from before the settings took effect, or from another run on the same server.
        let rest = line.strip_prefix(self.marker.as_str())?.strip_prefix(' ')?;
        let (time, rest) = rest.split_once(' ')?;
        let (pid, rest) = rest.split_once(' ')?;
        let (query_id, rest) = rest.split_once(' ')?;
        let message = rest.strip_prefix("LOG:  ")?;
        let mut entry = LoggedEvent {
            epoch_millis: epoch_millis(time)?,
            query_id: query_id.parse().ok()?,
            micros: 0,
            event: Event::Execution,
        };
        if pid.parse() == Ok(self.own_pid) {
            let number = message.strip_prefix("diapason mark ")?.trim_end().parse().ok()?;
            entry.event = Event::Mark(number);
            return Some(entry);
        }
        let (duration, what) = message.strip_prefix("duration: ")?.split_once(" ms  ")?;
        entry.micros = micros(duration)?;
        let step = [("parse ", Event::Parse), ("bind ", Event::Bind)];
        if let Some((_, event)) = step.iter().find(|(start, _)| what.starts_with(start)) {
            entry.event = *event;
            return Some(entry);
        }
        // `execute fetch from` is a further portion of an execution that is counted once, at its end.
        let text = match what.strip_prefix("statement: ") {
            Some(text) => text,
            None if what.starts_with("execute fetch from ") => return None,
            None => what
                .strip_prefix("execute ")?
                .split_once(": ")
                .map_or("", |(_, text)| text),
        };
        self.classify(entry, text.to_owned())
    }

    fn classify(&mut self, entry: LoggedEvent, text: String) -> Option<LoggedEvent> {
        match first_word(&text) {
            Some(word) => COUNTED
                .iter()
                .any(|counted| counted.eq_ignore_ascii_case(word))
                .then_some(entry),
            // A statement may begin with comments over many lines: its first word is still to come.
            None if text.len() < LONGEST_START => {
                self.pending = Some((entry, text));
                None
            }
            None => None,
        }
    }
}

/// `1769900000.123` in milliseconds.
fn epoch_millis(time: &str) -> Option<i64> {
    let (seconds, millis) = time.split_once('.')?;
    (millis.len() == 3).then_some(())?;
    Some(seconds.parse::<i64>().ok()? * 1000 + millis.parse::<i64>().ok()?)
}

/// `12.345` milliseconds in microseconds.
fn micros(duration: &str) -> Option<u64> {
    let (millis, fraction) = duration.split_once('.')?;
    (fraction.len() == 3).then_some(())?;
    Some(millis.parse::<u64>().ok()? * 1000 + fraction.parse::<u64>().ok()?)
}

/// First word of a statement after comments and opening brackets; `None` if the text ends before it.
fn first_word(statement: &str) -> Option<&str> {
    let mut rest = statement;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n')?.1;
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
        } else {
            break;
        }
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    (!rest.is_empty()).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser() -> LineParser {
        LineParser::new("diapason-ab", 99)
    }

    fn feed(lines: &[&str]) -> Vec<(u64, Event)> {
        let mut parser = parser();
        let entries = lines.iter().filter_map(|line| parser.feed(line));
        entries.map(|entry| (entry.micros, entry.event)).collect()
    }

    #[test]
    fn a_line_gives_its_time_and_duration() {
        let line = "diapason-ab 1769900000.123 4711 -12 LOG:  duration: 1012.345 ms  statement: SELECT 1";
        let entry = LoggedEvent {
            epoch_millis: 1_769_900_000_123,
            query_id: -12,
            micros: 1_012_345,
            event: Event::Execution,
        };
        assert_eq!(parser().feed(line), Some(entry));
    }

    #[test]
    fn only_executions_of_counted_statements_are_executions() {
        let lines = [
            (
                "duration: 1.000 ms  execute <unnamed>: select $1",
                Some(Event::Execution),
            ),
            ("duration: 1.000 ms  execute s1/portal: /* by x */ -- y", None),
            (
                "duration: 1.000 ms  statement: (WITH a AS (SELECT 1) SELECT * FROM a)",
                Some(Event::Execution),
            ),
            ("duration: 1.000 ms  parse <unnamed>: SELECT 1", Some(Event::Parse)),
            ("duration: 1.000 ms  bind <unnamed>: SELECT 1", Some(Event::Bind)),
            ("duration: 1.000 ms  execute fetch from <unnamed>: SELECT 1", None),
            ("duration: 1.000 ms  statement: BEGIN", None),
            ("duration: 1.000 ms  execute <unnamed>: COMMIT", None),
            ("duration: 1.000 ms  statement: SET search_path TO x", None),
            ("duration: 1.000 ms  statement: SELECTED", None),
            ("duration: 1.000 ms  plan:", None),
            ("duration: 1.000 ms", None),
            ("checkpoint starting: time", None),
        ];
        for (message, event) in lines {
            let line = format!("diapason-ab 1.000 7 5 LOG:  {message}");
            assert_eq!(parser().feed(&line).map(|entry| entry.event), event, "{message}");
        }
    }

    #[test]
    fn a_statement_may_begin_on_a_later_line() {
        let found = feed(&[
            "diapason-ab 1.000 7 5 LOG:  duration: 3.000 ms  execute <unnamed>: ",
            "\t  -- the newest first",
            "\t  SELECT *",
            "\t  FROM task",
            "diapason-ab 1.000 7 5 LOG:  duration: 4.000 ms  statement: /* a",
            "\tb */ update task set x = 1",
            "diapason-ab 1.000 7 5 DETAIL:  Parameters: $1 = 'SELECT'",
            "\tSELECT in a parameter",
            "diapason-ab 1.000 7 5 LOG:  duration: 5.000 ms  statement: ",
            "\t",
            "diapason-ab 1.000 8 5 LOG:  duration: 6.000 ms  statement: SELECT 2",
            "\tSELECT of the same statement",
        ]);
        let execution = |micros| (micros, Event::Execution);
        assert_eq!(found, [execution(3000), execution(4000), execution(6000)]);
    }

    #[test]
    fn foreign_lines_and_the_probes_own_are_left_out() {
        let found = feed(&[
            "2026-01-01 10:00:00 UTC [7] LOG:  duration: 1.000 ms  statement: SELECT 1",
            "diapason-ab 1.000 99 5 LOG:  duration: 1.000 ms  statement: SELECT 1",
            "diapason-ab 1.000 98 5 LOG:  diapason mark 3",
            "diapason-ab 1.000 99 5 LOG:  diapason mark 4",
            "diapason-ab 1.000 7 5 ERROR:  duration: 1.000 ms  statement: SELECT 1",
            "diapason-ab 1.000 7 5 LOG:  duration: 1,000 ms  statement: SELECT 1",
            "diapason-ab 1 7 5 LOG:  duration: 1.000 ms  statement: SELECT 1",
            "diapason-ab",
            "",
        ]);
        assert_eq!(found, [(0, Event::Mark(4))]);
    }
}
