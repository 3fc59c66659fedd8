//! Goes through the isolation of a stack without starting anything.

use std::fs;

use serde_json::Value;

use super::bring_up::check_services;
use super::engine::Engine;
use super::{adapt, cautions, configuration, images, pare, refusal};
use crate::stack::caution::Caution;
use crate::stack::reach::Refusal;
use crate::stack::{ReadCompose, StackError, StackFile, StackSettings};

/// Findings in the Compose files of a stack, before anything is started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComposeExamination {
    /// Features that the stack file does not allow and that would keep the stack from being started.
    pub refusals: Vec<Refusal>,
    /// Facts that do not keep it from being started.
    pub cautions: Vec<Caution>,
}

/// Examines the Compose files of that stack; `None` for a stack that is attached to.
pub async fn examine(file: &StackFile, settings: &StackSettings) -> Result<Option<ComposeExamination>, StackError> {
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
    Ok(Some(with_images(examination(&original, file), &original).await))
}

/// Examines files that were read for `init`, without those services, and without any setting.
pub async fn examine_read(read: &ReadCompose, absent: &[String]) -> ComposeExamination {
    let mut configuration = read.configuration.clone();
    adapt::leave_out(absent, &mut configuration);
    with_images(examination(&configuration, &StackFile::attached("")), &configuration).await
}

/// Adds the images that would be pulled, if an engine answers that has them or not.
async fn with_images(mut examination: ComposeExamination, configuration: &Value) -> ComposeExamination {
    if let Ok(engine) = Engine::connect().await
        && let Ok(images) = images::absent(configuration, &engine).await
        && !images.is_empty()
    {
        examination.cautions.insert(0, Caution::Pulled { images });
    }
    examination
}

fn examination(configuration: &Value, file: &StackFile) -> ComposeExamination {
    ComposeExamination {
        refusals: refusal::all(configuration, file),
        cautions: cautions::find(configuration, file),
    }
}
