//! All journeys of a scenario, read and compiled together.

use std::ops::Range;

use super::compiled::Journey;
use super::feeder::Feeder;
use super::feeder_journeys::FeederJourneys;
use super::journey_id::JourneyId;
use super::series::Series;
use super::{Lifecycle, Variables};
use crate::record::SeriesId;
use crate::secrets::Secrets;

/// All journeys of a scenario, compiled, with the table of their series.
#[derive(Debug, Default)]
pub struct Journeys {
    pub(super) feeders: Vec<Feeder>,
    /// Values that are the same for every user, of all journeys.
    pub(super) given: Vec<Variables>,
    /// Names of the variables that each user has, by index.
    pub(super) names: Vec<String>,
    /// The variables that the journeys of a record share.
    pub(super) shared: Range<usize>,
    /// Number of variables that each user has.
    pub(super) variables: usize,
    pub(super) list: Vec<Journey>,
    pub(super) series: Vec<Series>,
    pub(super) transactions: Vec<Series>,
    /// The journeys that log users in.
    pub(super) sessions: Vec<JourneyId>,
    /// For each of them, true if every user logs in by it; false if only the set-up or tear-down of the run needs it.
    pub(super) everyones: Vec<bool>,
    pub(super) occasions: Lifecycle,
}

impl Journeys {
    /// Feeders with the journeys that take their rows.
    pub fn feedings(&self) -> Vec<FeederJourneys<'_>> {
        let feedings = self.feeders.iter().enumerate().map(|(index, feeder)| FeederJourneys {
            feeder,
            journeys: self
                .list
                .iter()
                .filter(|journey| journey.feeder == Some(index))
                .collect(),
        });
        feedings.collect()
    }

    /// The first feeder of which no row was left for a user; `None` if there is none.
    pub fn exhausted(&self) -> Option<&Feeder> {
        let exhausted = self.feeders.iter().filter(|feeder| feeder.exhausted().is_some());
        exhausted.min_by_key(|feeder| feeder.exhausted())
    }

    /// Names of the variables that each user has, by index.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Every series, in the order of their `SeriesId`.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// True if the step of that series tells the identity of what it writes and leaves it there; `None` if no step has that series.
    pub fn written(&self, series: &str) -> Option<bool> {
        let id = self.series.iter().position(|known| known.name == series)?;
        let mut steps = self.list.iter().flat_map(|journey| &journey.steps);
        let step = steps.find(|step| usize::from(step.series.0) == id)?;
        Some(step.writes.is_some() && step.removal.is_none())
    }

    /// Every transaction. They follow the series in the recorder's table.
    pub fn transactions(&self) -> &[Series] {
        &self.transactions
    }

    /// The journey of that index, which another calls.
    pub(super) fn called(&self, index: usize) -> Option<&Journey> {
        self.list.get(index)
    }

    /// Number of a transaction in the recorder's table.
    pub(super) fn transaction_id(&self, transaction: usize) -> SeriesId {
        // The sum was checked when the journeys were read.
        SeriesId(u16::try_from(self.series.len() + transaction).unwrap_or(u16::MAX))
    }

    /// Hosts that steps name, each once or more often.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let steps = self.list.iter().flat_map(|journey| &journey.steps);
        steps.filter_map(|step| step.host.as_deref())
    }

    /// Adds the secrets that the users' rows and the variables hold.
    pub fn learn_secrets(&self, secrets: &mut Secrets) {
        for feeder in &self.feeders {
            feeder.learn_secrets(secrets);
        }
        for variables in &self.given {
            variables.learn_secrets(secrets);
        }
        let steps = self.list.iter().flat_map(|journey| &journey.steps);
        for password in steps.filter_map(|step| step.auth.as_ref()?.constant_password()) {
            secrets.learn("password", password);
        }
    }

    /// All journeys: those that log users in first.
    pub fn all(&self) -> impl Iterator<Item = &Journey> {
        self.list.iter()
    }

    /// Most connections that a user has at the same time, whichever journey it makes.
    pub fn most_connections(&self) -> u32 {
        let most = self.all().map(Journey::most_connections).max();
        most.and_then(|most| u32::try_from(most).ok()).unwrap_or(1)
    }

    /// The journey of that name.
    pub fn find(&self, name: &str) -> Option<JourneyId> {
        self.list.iter().position(|journey| journey.name == name).map(JourneyId)
    }

    /// The compiled journey of that name.
    pub fn get(&self, name: &str) -> Option<&Journey> {
        self.find(name).map(|id| self.of(id))
    }

    /// The compiled journey.
    pub fn of(&self, id: JourneyId) -> &Journey {
        &self.list[id.0]
    }

    /// The journeys that are walked before and after the load.
    pub fn occasions(&self) -> &Lifecycle {
        &self.occasions
    }

    /// True if something is left to do for users at the end of a run: removals, tear-downs or log-outs.
    pub fn have_end(&self) -> bool {
        let occasions = &self.occasions;
        let of_journey =
            |journey: &Journey| journey.log_out.is_some() || journey.steps.iter().any(|step| step.removal.is_some());
        occasions.teardown.is_some() || occasions.user_teardown.is_some() || self.list.iter().any(of_journey)
    }

    /// True if every user logs in by the session journey of that index.
    pub(super) fn is_everyones(&self, session: usize) -> bool {
        self.everyones.get(session).copied().unwrap_or(true)
    }

    /// True if any of the named journeys needs a logged-in user.
    pub fn need_session(&self, names: &[String]) -> bool {
        names
            .iter()
            .filter_map(|name| self.get(name))
            .any(Journey::needs_session)
    }

    /// The session journeys, which log users in; empty if no journey needs a session.
    pub fn sessions(&self) -> impl ExactSizeIterator<Item = &Journey> {
        self.sessions.iter().map(|id| self.of(*id))
    }

    /// The session journeys by which every user logs in before the load.
    pub fn everyones_sessions(&self) -> impl Iterator<Item = &Journey> {
        let own = self
            .sessions()
            .enumerate()
            .filter(|(session, _)| self.is_everyones(*session));
        own.map(|(_, journey)| journey)
    }

    pub(super) fn session_ids(&self) -> &[JourneyId] {
        &self.sessions
    }
}
