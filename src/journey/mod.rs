//! What a virtual user does: steps with templates, checks and extraction, on a hyper connection of its own.
//!
//! A journey file is compiled once; one iteration emits one `Sample` per step. Nothing here knows how load is applied.

mod error;
mod file;

pub use error::JourneyError;
pub use file::JourneyFile;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use crate::record::{PhaseRecorder, SeriesId};
use crate::stack::Endpoints;
use crate::units::Span;

/// One compiled journey.
#[derive(Debug)]
pub struct Journey {
    // owned by the journey colleague: name, compiled steps, feeder, whether it needs a session
}

/// All journeys of a scenario, compiled, with the table of their series.
#[derive(Debug)]
pub struct Journeys {
    // owned by the journey colleague
}

/// A row of `Journeys::series`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// `journey.step`.
    pub name: String,
    /// The step's tags, those of its journey included.
    pub tags: Vec<String>,
}

impl Journeys {
    /// Reads and compiles the named journeys (`NAME.toml` in `folder`) and the session journeys they need; feeders are
    /// paths relative to the journey file. Errors name the file, the step and the key.
    pub fn load(_folder: &Path, _names: &[String]) -> Result<Self, JourneyError> {
        todo!()
    }

    /// Every series, in the order of their `SeriesId`.
    pub fn series(&self) -> &[Series] {
        todo!()
    }

    /// The compiled journey of that name.
    pub fn get(&self, _name: &str) -> Option<&Journey> {
        todo!()
    }

    /// Whether any of the named journeys needs users that are logged in.
    pub fn need_session(&self, _names: &[String]) -> bool {
        todo!()
    }
}

/// What all users of a run share: resolved address, host header, limiter's answer, default time-out.
#[derive(Debug)]
pub struct Target {}

impl Target {
    /// Resolves the front door once. `timeout` is for steps that name none.
    pub fn new(_endpoints: &Endpoints, _timeout: Span) -> Result<Self, JourneyError> {
        todo!()
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every step was made (failed or not).
    Completed,
    /// A step that later ones depend on failed, and the rest was left out.
    Failed,
}

/// One virtual user: its own variables, session, address and keep-alive connection. Lives on one thread.
#[derive(Debug)]
pub struct VirtualUser {}

impl VirtualUser {
    /// User number `number` (from 0): takes that row of the feeder, modulo its length, and its random choices from `seed`.
    pub fn new(_number: u32, _seed: u64, _journeys: &Arc<Journeys>, _target: &Rc<Target>) -> Self {
        todo!()
    }

    /// Logs in by the session journey unless the user has a session; its samples count in that journey's series.
    pub async fn log_in(&mut self, _intended: Instant, _recorder: &PhaseRecorder<'_>) -> Ending {
        todo!()
    }

    /// One iteration; logs in first where the journey needs it. Emits a sample per step: the first step's intended start
    /// is `intended`, a later one's is the previous step's finish plus think time.
    pub async fn iterate(&mut self, _journey: &Journey, _intended: Instant, _recorder: &PhaseRecorder<'_>) -> Ending {
        todo!()
    }

    /// The series of the request under way and when it was intended and sent, if any: for counting it as interrupted.
    pub fn pending(&self) -> Option<(SeriesId, Instant, Instant)> {
        todo!()
    }
}
