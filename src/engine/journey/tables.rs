//! Tables that all journeys of a scenario share.

use super::JourneyError;
use super::file::StepFile;
use super::journey_source::JourneySource;
use super::series::Series;

/// The tables that all journeys of a scenario share.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) series: Vec<Series>,
    pub(super) transactions: Vec<Series>,
    /// Number of variables.
    pub(super) variables: usize,
}

/// Adds a row without tags for that part of a journey, and returns its number.
pub(super) fn add_named(table: &mut Vec<Series>, written: &JourneySource, part: &str) -> Result<u16, JourneyError> {
    let number = u16::try_from(table.len()).map_err(|_| JourneyError::TooManySteps)?;
    table.push(Series {
        name: format!("{}.{part}", written.series),
        tags: Vec::new(),
    });
    Ok(number)
}

/// Adds a row for that step to a table of series, and returns its number.
pub(super) fn add(table: &mut Vec<Series>, written: &JourneySource, step: &StepFile) -> Result<u16, JourneyError> {
    let number = u16::try_from(table.len()).map_err(|_| JourneyError::TooManySteps)?;
    let journey = &written.file;
    let mut tags = journey.tags.clone();
    tags.extend(step.tags.iter().filter(|tag| !journey.tags.contains(tag)).cloned());
    table.push(Series {
        name: format!("{}.{}", written.series, step.name),
        tags,
    });
    Ok(number)
}
