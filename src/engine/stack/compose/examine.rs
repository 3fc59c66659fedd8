//! Goes through the isolation of a stack without starting anything.

use serde_json::Value;

use super::bring_up::check_services;
use super::engine::Engine;
use super::gaps::Gaps;
use super::waves::Waves;
use super::{absent_files, adapt, cautions, configuration, images, in_use, overrides, pare, refusal};
use crate::stack::caution::Caution;
use crate::stack::lack::Lack;
use crate::stack::reach::Refusal;
use crate::stack::{ReadCompose, StackError, StackFile, StackSettings};

/// Findings in the Compose files of a stack, before anything is started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComposeExamination {
    /// Features that the stack file does not allow and that would keep the stack from being started.
    pub refusals: Vec<Refusal>,
    /// Parts that the files name and that are not there, which would keep it from being started as well.
    pub lacks: Vec<Lack>,
    /// Facts that do not keep it from being started.
    pub cautions: Vec<Caution>,
}

/// Examines the Compose files of that stack; `None` for a stack that is attached to.
pub async fn examine(file: &StackFile, settings: &StackSettings) -> Result<Option<ComposeExamination>, StackError> {
    let Some(compose) = &file.compose else {
        return Ok(None);
    };
    configuration::check_files(file, compose)?;
    let environment = configuration::environment(compose, settings);
    overrides::check_overrides(file, compose, settings).await?;
    let (mut original, gaps) = configuration::read(file, compose, &environment).await?;
    adapt::adapt(file, compose, &mut original)?;
    check_services(file, &original)?;
    pare::pare(file, &mut original)?;
    Waves::from_configuration(&original, file)?;
    let mut examination = examination(&original, file, &gaps);
    examination.lacks.splice(..0, gaps.lacks(&original));
    Ok(Some(on_engine(examination, &original, file).await?))
}

/// Examines files that were read for `init`, without those services, and without any setting.
pub async fn examine_read(read: &ReadCompose, absent: &[String]) -> ComposeExamination {
    let mut configuration = read.configuration.clone();
    adapt::leave_out(absent, &mut configuration);
    let file = StackFile::attached("");
    let mut examination = examination(&configuration, &file, &read.gaps);
    // Variables that the files require have got values.
    examination.lacks.splice(..0, read.gaps.env_files(&configuration));
    pulled(&mut examination, &configuration, Engine::connect().await.ok().as_ref()).await;
    examination
}

/// Adds what only the engine tells, if one answers.
async fn on_engine(
    mut examination: ComposeExamination,
    configuration: &Value,
    file: &StackFile,
) -> Result<ComposeExamination, StackError> {
    let engine = Engine::connect().await.ok();
    pulled(&mut examination, configuration, engine.as_ref()).await;
    let in_use = in_use::all(configuration, file, engine.as_ref()).await?;
    examination.refusals.extend(in_use);
    Ok(examination)
}

/// Adds the images that would be pulled, if an engine has them or not.
async fn pulled(examination: &mut ComposeExamination, configuration: &Value, engine: Option<&Engine>) {
    let Some(engine) = engine else { return };
    let images = images::absent(configuration, engine).await;
    if !images.is_empty() {
        examination.cautions.insert(0, Caution::Pulled { images });
    }
}

fn examination(configuration: &Value, file: &StackFile, gaps: &Gaps) -> ComposeExamination {
    let mut cautions = cautions::find(configuration, file);
    cautions.extend(gaps.cautions(configuration, file));
    ComposeExamination {
        refusals: refusal::all(configuration, file),
        lacks: absent_files::find(configuration, file),
        cautions,
    }
}
