//! Number of a journey.

/// One of the journeys that [`Journeys`](super::Journeys) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JourneyId(pub(super) usize);
