//! Removal of what journeys create.

use std::sync::Arc;

use bytes::Bytes;
use hyper::Uri;

use super::KeyError;
use super::clean_up_file::CleanUpFile;
use super::file::StepFile;
use super::journey_id::JourneyId;
use super::scope::Scope;
use super::step::{Removal, Step, StepContext};
use super::template::{MissingValue, Values};

/// Statuses besides 200 to 299 that a removal may be answered with: a redirect to a list, or the thing is gone already.
const ALSO_ACCEPTED: [u16; 4] = [302, 303, 404, 410];

impl Removal {
    /// Compiles it with the names that are known after the step that creates. `session` is the index of another session than the
    /// journey's, with the names that it extracts. Errors come with the key that they concern.
    pub(super) fn compile(
        file: &CleanUpFile,
        journey: JourneyId,
        session: Option<(usize, &Scope)>,
        around: &StepContext<'_>,
        scope: &Scope,
    ) -> Result<Self, (String, KeyError)> {
        let status = if file.status.is_empty() {
            (200..300).chain(ALSO_ACCEPTED).collect()
        } else {
            file.status.clone()
        };
        let step = StepFile {
            name: "cleanup".to_owned(),
            method: file.method.clone(),
            path: Some(file.path.clone()),
            headers: file.headers.clone(),
            json: file.json.clone(),
            form: file.form.clone(),
            status,
            ..StepFile::default()
        };
        // The token of the role that removes hides that of the role that creates.
        let mut known = session.map(|(_, scope)| scope.clone()).unwrap_or_default();
        known.add_all(scope);
        // It extracts and sets nothing, so that it adds no variable.
        let step = Step::compile(&step, around, &mut known, &mut 0);
        let step = step.map_err(|(key, error)| (format!("cleanup.{key}"), error))?;
        Ok(Self {
            journey,
            session: session.map(|(index, _)| index),
            step,
        })
    }
}

/// Something that a user has created, with the request that removes it.
#[derive(Debug, Clone)]
pub(super) struct CreatedObject {
    pub(super) removal: Arc<Removal>,
    pub(super) uri: Uri,
    pub(super) body: Bytes,
    /// Index of the cookies that the request is sent with: those of a session, or of journeys without one.
    pub(super) jar: usize,
}

impl CreatedObject {
    /// Fills the body with the values that the user has now.
    pub(super) fn new(
        removal: &Arc<Removal>,
        uri: Uri,
        jar: usize,
        values: &mut Values<'_>,
    ) -> Result<Self, MissingValue> {
        Ok(Self {
            uri,
            body: removal.step.body(values)?,
            jar: removal.session.unwrap_or(jar),
            removal: Arc::clone(removal),
        })
    }
}

/// Totals of the ends of users: removals, tear-downs and log-outs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndTotals {
    /// Removals, tear-downs and log-outs that were begun.
    pub begun: u64,
    /// Those that succeeded.
    pub succeeded: u64,
    /// Removals for which there was no time.
    pub left: u64,
}

impl EndTotals {
    pub(super) fn count(&mut self, succeeded: bool) {
        self.begun += 1;
        self.succeeded += u64::from(succeeded);
    }

    /// Adds those of another user.
    pub fn add(&mut self, other: Self) {
        self.begun += other.begun;
        self.succeeded += other.succeeded;
        self.left += other.left;
    }
}
