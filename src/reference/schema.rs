//! JSON Schemas of the files.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::page;
use crate::journey::JourneyFile;
use crate::scenario::Scenario;
use crate::slo::INDICATORS;
use crate::stack::StackFile;

/// A kind of file that users write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FileKind {
    /// `scenarios/NAME.toml`.
    Scenario,
    /// `scenarios/journeys/NAME.toml`.
    Journey,
    /// `scenarios/stacks/NAME.toml`.
    Stack,
}

impl FileKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Scenario, Self::Journey, Self::Stack];

    /// Name on the command line, and of its page in `docs/reference/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Journey => "journey",
            Self::Stack => "stack",
        }
    }

    /// JSON Schema (draft 2020-12) of what a file of that kind may hold, once its TOML is read as JSON.
    pub fn schema(self) -> Schema {
        match self {
            Self::Scenario => with_indicators(schema_of::<Scenario>()),
            Self::Journey => schema_of::<JourneyFile>(),
            Self::Stack => schema_of::<StackFile>(),
        }
    }

    /// The reference of that kind of file, in Markdown.
    pub fn page(self) -> String {
        let title = match self {
            Self::Scenario => "Scenario files",
            Self::Journey => "Journey files",
            Self::Stack => "Stack files",
        };
        page::markdown(title, self.schema().as_value())
    }
}

/// The schema in which an objective's indicator is one that exists.
fn with_indicators(mut schema: Schema) -> Schema {
    let names: Vec<&str> = INDICATORS.iter().map(|indicator| indicator.profile().name).collect();
    // The type is a plain text: a derived schema does not see the names in the registry.
    if let Some(indicator) = schema.pointer_mut("/$defs/Objective/properties/indicator") {
        indicator["enum"] = names.into();
    }
    schema
}

fn schema_of<File: JsonSchema>() -> Schema {
    // The reading side: keys that may be left out are required in what is written.
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.into_generator().into_root_schema_for::<File>()
}
