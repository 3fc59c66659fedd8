//! Goes through the isolation of a stack without starting anything.

use std::fs;

use serde_json::Value;

use super::bring_up::check_services;
use super::{adapt, cautions, configuration, pare, refusal};
use crate::stack::caution::Caution;
use crate::stack::reach::Refusal;
use crate::stack::{ReadCompose, StackError, StackFile, StackSettings};

/// Findings in the Compose files of a stack, before anything is started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examination {
    /// Features that the stack file does not allow and that would keep the stack from being started.
    pub refusals: Vec<Refusal>,
    /// Facts that do not keep it from being started.
    pub cautions: Vec<Caution>,
}

/// Examines the Compose files of that stack; `None` for a stack that is attached to.
pub async fn examine(file: &StackFile, settings: &StackSettings) -> Result<Option<Examination>, StackError> {
    let Some(compose) = &file.compose else {
        return Ok(None);
    };
    for path in &compose.files {
        let path = file.folder.join(path);
        fs::metadata(&path).map_err(|source| StackError::ComposeUnreadable { path, source })?;
    }
    let environment = configuration::environment(compose, settings);
    configuration::check_overrides(file, compose, settings).await?;
    let mut original = configuration::read(file, compose, &environment).await?;
    adapt::adapt(file, compose, &mut original)?;
    check_services(file, &original)?;
    pare::pare(file, &mut original)?;
    Ok(Some(of(&original, file)))
}

/// Examines files that were read for `init`, without those services, and without any setting.
pub fn examine_read(read: &ReadCompose, absent: &[String]) -> Examination {
    let mut configuration = read.configuration.clone();
    adapt::leave_out(absent, &mut configuration);
    of(&configuration, &StackFile::attached(""))
}

fn of(configuration: &Value, file: &StackFile) -> Examination {
    Examination {
        refusals: refusal::all(configuration, file),
        cautions: cautions::find(configuration, file),
    }
}
