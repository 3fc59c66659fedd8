//! Lines about a long wait: a reason that stays is told at growing intervals, with the number of times it was met.

use std::collections::BTreeMap;
use std::time::Duration;

/// Time to the first line, and the least time between two.
const FIRST: Duration = Duration::from_secs(2);
/// Most time between two lines about the same reason.
const LONGEST: Duration = Duration::from_secs(60);

/// Decides on the lines about one wait.
#[derive(Debug)]
pub(super) struct WaitLines {
    what: String,
    /// Times that each reason was met.
    met: BTreeMap<String, u32>,
    /// Reasons that were told.
    told: Vec<String>,
    next: Duration,
    pause: Duration,
}

impl WaitLines {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            met: BTreeMap::new(),
            told: Vec::new(),
            next: FIRST,
            pause: FIRST,
        }
    }

    /// Takes the reason met after that time; returns a line if it is due. A new reason is told within two seconds, one told
    /// before after twice the last pause.
    pub(super) fn line(&mut self, reason: &str, elapsed: Duration) -> Option<String> {
        let met = self.met.entry(reason.to_owned()).or_default();
        *met += 1;
        let is_new = !self.told.iter().any(|told| told == reason);
        // A new reason must not wait for the long pauses of an old one.
        let due = if is_new {
            self.next.min(self.next.saturating_sub(self.pause) + FIRST)
        } else {
            self.next
        };
        if elapsed < due {
            return None;
        }
        let times = match *met {
            1 => String::new(),
            times if is_new => format!(" ({times} times)"),
            times => format!(" (still, {times} times)"),
        };
        if is_new {
            self.told.push(reason.to_owned());
            self.pause = FIRST;
        }
        self.pause = (self.pause * 2).min(LONGEST);
        self.next = elapsed + self.pause;
        Some(format!(
            "waiting for {}, {} s: {reason}{times}",
            self.what,
            elapsed.as_secs()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a wait that looks four times a second.
    fn lines(reason: impl Fn(u32) -> &'static str, seconds: u32) -> Vec<String> {
        let mut lines = WaitLines::new("the front door");
        let looks = 0..seconds * 4;
        looks
            .filter_map(|look| lines.line(reason(look), Duration::from_millis(250) * look))
            .collect()
    }

    #[test]
    fn a_reason_that_stays_is_told_a_few_times_with_a_count() {
        let told = lines(|_| "no answer", 180);
        assert_eq!(told[0], "waiting for the front door, 2 s: no answer (9 times)");
        assert_eq!(told[1], "waiting for the front door, 6 s: no answer (still, 25 times)");
        assert!(told.len() < 8, "{told:?}");
    }

    #[test]
    fn a_new_reason_is_told_soon_and_two_in_turn_are_not_told_in_turn() {
        let told = lines(|look| if look < 400 { "no answer" } else { "answered 502" }, 120);
        assert!(
            told.iter()
                .any(|line| line.starts_with("waiting for the front door, 100 s: answered 502")),
            "{told:?}"
        );
        let told = lines(|look| if look % 2 == 0 { "reset" } else { "closed" }, 180);
        assert!(told.len() < 16, "{told:?}");
    }
}
