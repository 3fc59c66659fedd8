//! One compiled journey.

use std::ops::Range;
use std::time::Duration;

use super::StepOutline;
use super::step::Step;
use crate::record::SeriesId;

/// One of the journeys that [`Journeys`](super::Journeys) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JourneyId(pub(super) usize);

/// A compiled journey: its steps, and the session that a user may need before the first.
#[derive(Debug)]
pub struct Journey {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) steps: Vec<Step>,
    /// The session that its users have, by the index of its session journey; `None` if it needs none.
    pub(super) session: Option<usize>,
    /// True if it is the session journey of that index, which logs users in.
    pub(super) logs_in: bool,
    /// True if it renews the session of that index.
    pub(super) renews: bool,
    /// The variables that its steps extract into.
    pub(super) variables: Range<usize>,
    /// Journeys that renew the session, by the status that asks for it.
    pub(super) renewals: Box<[(u16, JourneyId)]>,
    /// Time after which a session is renewed, if it is a session journey.
    pub(super) renewed_after: Option<Duration>,
    /// Index of the feeder whose rows it takes.
    pub(super) feeder: Option<usize>,
}

impl Journey {
    /// The journey that renews the session when an answer has that status.
    pub(super) fn renewal(&self, status: u16) -> Option<JourneyId> {
        let mut renewals = self.renewals.iter();
        renewals
            .find(|(known, _)| *known == status)
            .map(|(_, journey)| *journey)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The series of its steps in order: a complete iteration yields one sample in each.
    pub fn series_ids(&self) -> impl ExactSizeIterator<Item = SeriesId> + '_ {
        self.steps.iter().map(|step| step.series)
    }

    /// Example paths of its steps, in order, without a query.
    pub fn paths(&self) -> impl Iterator<Item = String> + '_ {
        self.steps.iter().map(Step::path)
    }

    /// Descriptions of its steps, in order.
    pub fn outline(&self) -> impl Iterator<Item = StepOutline> + '_ {
        self.steps.iter().map(Step::outline)
    }

    /// The session that its users have, by the index of its session journey in [`Journeys::sessions`](super::Journeys::sessions).
    pub fn session(&self) -> Option<usize> {
        self.session.filter(|_| !self.logs_in)
    }

    /// Mean think time of one complete iteration, in seconds.
    pub fn thinking(&self) -> f64 {
        let times = self.steps.iter().filter_map(|step| step.think);
        times.map(|think| think.mean().as_secs_f64()).sum()
    }

    /// True if it is a session journey, which logs users in.
    pub fn logs_in(&self) -> bool {
        self.logs_in
    }

    /// True if its users must be logged in.
    pub fn needs_session(&self) -> bool {
        self.session.is_some() && !self.logs_in
    }

    /// True if it renews sessions.
    pub fn renews(&self) -> bool {
        self.renews
    }
}
