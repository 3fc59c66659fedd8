//! An account of an import: what became what, and what was left out with its place.

/// Most places that are named for one reason.
pub(super) const MOST_PLACES: usize = 5;
/// Most lines that list single parts.
const MOST_LISTED: usize = 60;

/// Parts of the source that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmittedParts {
    /// The reason.
    pub reason: String,
    /// Number of parts.
    pub count: u64,
    /// Places of the first of them: `line 3`, `entry 12`.
    pub places: Vec<String>,
}

/// An account of an import. Every part that was read is replayed, mapped or left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Number of parts read: requests of a recording, lines of a log, operations of a description.
    pub read: u64,
    /// Number of parts that became steps as they are.
    pub replayed: u64,
    /// Number of parts that a rule or another part stands for.
    pub mapped: u64,
    /// Results of single parts, in the order of the source.
    pub became: Vec<String>,
    /// Parts that were left out, by reason.
    pub left_out: Vec<OmittedParts>,
    /// Points for the user to look at.
    pub notes: Vec<String>,
}

impl Account {
    /// Counts one part that is left out.
    pub fn leave_out(&mut self, reason: &str, place: &str) {
        self.leave_out_many(reason, 1, place);
    }

    /// Counts several parts that are left out, with the place of the first.
    pub fn leave_out_many(&mut self, reason: &str, count: u64, place: &str) {
        if count == 0 {
            return;
        }
        let known = self.left_out.iter_mut().find(|known| known.reason == reason);
        let group = if let Some(group) = known {
            group
        } else {
            self.left_out.push(OmittedParts {
                reason: reason.to_owned(),
                count: 0,
                places: Vec::new(),
            });
            let last = self.left_out.len() - 1;
            &mut self.left_out[last]
        };
        group.count += count;
        if group.places.len() < MOST_PLACES && !place.is_empty() {
            group.places.push(place.to_owned());
        }
    }

    /// Adds places of parts that are counted already, as many as are shown.
    pub fn add_places(&mut self, reason: &str, places: Vec<String>) {
        if let Some(group) = self.left_out.iter_mut().find(|known| known.reason == reason) {
            group.places.extend(places);
            group.places.truncate(MOST_PLACES);
        }
    }

    /// Notes a point for the user to look at, once.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// Number of parts that were left out.
    pub fn omitted(&self) -> u64 {
        self.left_out.iter().map(|group| group.count).sum()
    }

    /// True if the parts replayed, mapped and left out are all that were read.
    pub fn is_complete(&self) -> bool {
        self.replayed + self.mapped + self.omitted() == self.read
    }

    /// The account in lines. `parts` names what was read: `requests`.
    pub fn lines(&self, parts: &str) -> Vec<String> {
        let mut lines: Vec<String> = self.became.iter().take(MOST_LISTED).cloned().collect();
        if self.became.len() > MOST_LISTED {
            lines.push(format!("… and {} more", self.became.len() - MOST_LISTED));
        }
        for group in &self.left_out {
            let more = if group.count > group.places.len() as u64 {
                ", …"
            } else {
                ""
            };
            let places = match &group.places[..] {
                [] => String::new(),
                places => format!(" ({}{more})", places.join(", ")),
            };
            lines.push(format!("left out: {} × {}{places}", group.count, group.reason));
        }
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        let mapped = match self.mapped {
            0 => String::new(),
            mapped => format!(", {mapped} mapped"),
        };
        lines.push(format!(
            "{} {parts} read: {} replayed{mapped}, {} left out",
            self.read,
            self.replayed,
            self.omitted()
        ));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_with_their_first_places() {
        let mut account = Account {
            read: 9,
            replayed: 2,
            ..Account::default()
        };
        for line in 1..=7 {
            account.leave_out("a static file", &format!("line {line}"));
        }
        account.note("twice");
        account.note("twice");
        assert!(account.is_complete());
        assert_eq!(
            account.lines("lines"),
            [
                "left out: 7 × a static file (line 1, line 2, line 3, line 4, line 5, …)",
                "note: twice",
                "9 lines read: 2 replayed, 7 left out"
            ]
        );
        account.read += 1;
        assert!(!account.is_complete());
    }
}
