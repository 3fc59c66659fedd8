//! Feeders and variables as they are written.

use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A file of rows: CSV with a header line, or JSON Lines (`.jsonl`, `.ndjson`). A text alone is its path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = text_or_table)]
pub struct FeederFile {
    /// Path of the file, relative to the journey's.
    pub file: PathBuf,
    /// Order in which users take the rows; by default `by-user`.
    #[serde(default)]
    pub order: FeederOrder,
    /// Separator of the cells; by default the header line decides among `,`, `;`, `|` and the tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
}

/// Order in which users take the rows of a feeder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeederOrder {
    /// Each user has one row: that of its number, modulo the number of rows.
    #[default]
    ByUser,
    /// Each iteration takes the next row, and after the last the first again.
    Sequential,
    /// Each iteration takes a row at random.
    Random,
    /// Each iteration takes the next row, and no row serves twice. The run ends when none is left. In a session journey, each user
    /// takes one row.
    Unique,
}

impl FeederOrder {
    /// Its name in a journey file.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByUser => "by-user",
            Self::Sequential => "sequential",
            Self::Random => "random",
            Self::Unique => "unique",
        }
    }
}

/// [`FeederFile`] as a table; serde reads either this or a text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeederTable {
    file: PathBuf,
    #[serde(default)]
    order: FeederOrder,
    delimiter: Option<char>,
}

/// A variable: a value, or a table that says where its secret value comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = value_or_table)]
pub struct VariableFile {
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Environment variable that holds a secret value. It is masked everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// File that holds a secret value, relative to the file that names it; blanks at its end are dropped. It is masked everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

/// [`VariableFile`] as a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableTable {
    value: Option<String>,
    env: Option<String>,
    file: Option<PathBuf>,
}

/// Lets a value be a text as well as a table.
fn text_or_table(schema: &mut Schema) {
    schema.insert("type".to_owned(), serde_json::json!(["string", "object"]));
}

/// Lets a value be a text, a number or a boolean as well as a table.
fn value_or_table(schema: &mut Schema) {
    schema.insert(
        "type".to_owned(),
        serde_json::json!(["string", "number", "boolean", "object"]),
    );
}

impl<'de> Deserialize<'de> for FeederFile {
    /// A text or a table. By hand, because errors of an untagged enum do not say which key is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = FeederFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a table with `file`, `order` and `delimiter`")
            }

            fn visit_str<E>(self, text: &str) -> Result<FeederFile, E> {
                Ok(FeederFile {
                    file: text.into(),
                    ..FeederFile::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<FeederFile, A::Error> {
                let table = FeederTable::deserialize(MapAccessDeserializer::new(members))?;
                Ok(FeederFile {
                    file: table.file,
                    order: table.order,
                    delimiter: table.delimiter,
                })
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}

impl<'de> Deserialize<'de> for VariableFile {
    /// A value or a table.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueOrTable;

        fn of(value: &impl ToString) -> VariableFile {
            VariableFile {
                value: Some(value.to_string()),
                ..VariableFile::default()
            }
        }

        impl<'de> Visitor<'de> for ValueOrTable {
            type Value = VariableFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, a boolean, or a table with `env` or `file`")
            }

            fn visit_str<E>(self, text: &str) -> Result<VariableFile, E> {
                Ok(of(&text))
            }

            fn visit_i64<E>(self, number: i64) -> Result<VariableFile, E> {
                Ok(of(&number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<VariableFile, E> {
                Ok(of(&number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<VariableFile, E> {
                Ok(of(&number))
            }

            fn visit_bool<E>(self, value: bool) -> Result<VariableFile, E> {
                Ok(of(&value))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<VariableFile, A::Error> {
                let table = VariableTable::deserialize(MapAccessDeserializer::new(members))?;
                match (&table.value, &table.env, &table.file) {
                    (Some(_), None, None) | (None, Some(_), None) | (None, None, Some(_)) => Ok(VariableFile {
                        value: table.value,
                        env: table.env,
                        file: table.file,
                    }),
                    _ => Err(A::Error::custom("a variable has one of `value`, `env` and `file`")),
                }
            }
        }
        deserializer.deserialize_any(ValueOrTable)
    }
}
