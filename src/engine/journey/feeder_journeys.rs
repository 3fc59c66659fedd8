//! Journeys that take rows of a feeder.

use super::compiled::Journey;
use super::feeder::Feeder;

/// A feeder with the journeys that take its rows.
#[derive(Debug)]
pub struct FeederJourneys<'a> {
    /// The feeder.
    pub feeder: &'a Feeder,
    /// The journeys.
    pub journeys: Vec<&'a Journey>,
}
