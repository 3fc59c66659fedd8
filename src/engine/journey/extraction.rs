//! Extraction of values from an answer.

use std::borrow::Cow;

use rand::Rng;
use rand::rngs::SmallRng;
use regex::Regex;

use super::KeyError;
use super::extract_file::{ExtractFile, Pick};
use super::pattern::pattern;
use super::scan::MatchedValue;
use super::source::{AnswerContext, Reading, Source, SourceFile, Sources};

/// Choice among several matches.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Random,
    All,
    /// By number, from 0; negative from the last.
    At(i64),
}

/// A value to extract, compiled.
#[derive(Debug)]
pub(super) struct Extraction {
    pub(super) name: Box<str>,
    /// Index of its variable.
    pub(super) slot: usize,
    source: Source,
    regex: Option<Regex>,
    choice: Choice,
    default: Option<Box<str>>,
}

impl Extraction {
    pub(super) fn compile(
        name: &str,
        file: &ExtractFile,
        slot: usize,
        sources: &mut Sources,
    ) -> Result<Self, KeyError> {
        let source = sources.add(SourceFile {
            json: file.json.as_ref(),
            css: file.css.as_ref(),
            attribute: file.attribute.as_ref(),
            header: file.header.as_ref(),
            cookie: file.cookie.as_ref(),
        })?;
        if matches!(source, Source::Body) && file.regex.is_none() {
            let text = "a value is read from `json`, `css`, `header`, `cookie`, or by a `regex` from the body";
            return Err(KeyError::Conflict(text.to_owned()));
        }
        let is_json = matches!(source, Source::Json(_));
        let usual = if is_json { Pick::Random } else { Pick::First };
        let choice = match (file.index, file.pick) {
            (Some(_), Some(_)) => {
                let text = "a match is chosen by `pick` or by `index`, not both";
                return Err(KeyError::Conflict(text.to_owned()));
            }
            (Some(index), None) => Choice::At(index),
            (None, pick) => match pick.unwrap_or(usual) {
                Pick::First => Choice::At(0),
                Pick::Last => Choice::At(-1),
                Pick::All => Choice::All,
                Pick::Random => Choice::Random,
            },
        };
        Ok(Self {
            name: name.into(),
            slot,
            source,
            regex: file.regex.as_deref().map(pattern).transpose()?,
            choice,
            default: file.default.as_deref().map(Into::into),
        })
    }

    /// The value; `None` if nothing matches and there is no default.
    pub(super) fn value(&self, reading: &Reading<'_>, random: &mut SmallRng) -> Option<Box<str>> {
        let values = reading.values(&self.source);
        let value = match &self.regex {
            None => self.choice.pick(&values, random),
            Some(regex) => {
                let texts: Vec<Cow<'_, str>> = values.iter().map(MatchedValue::text).collect();
                let captures = texts.iter().flat_map(|text| regex.captures_iter(text));
                let groups = captures.filter_map(|groups| groups.get(1).or_else(|| groups.get(0)));
                let matches: Vec<MatchedValue<'_>> =
                    groups.map(|group| MatchedValue::Text(group.as_str().into())).collect();
                self.choice.pick(&matches, random)
            }
        };
        value.or_else(|| self.default.clone())
    }
}

impl Choice {
    fn pick(self, matches: &[MatchedValue<'_>], random: &mut SmallRng) -> Option<Box<str>> {
        let position = match self {
            Self::All => {
                let elements: Vec<String> = matches.iter().map(MatchedValue::to_json).collect();
                return (!matches.is_empty()).then(|| format!("[{}]", elements.join(",")).into());
            }
            Self::Random if matches.len() < 2 => 0,
            Self::Random => random.random_range(0..matches.len()),
            Self::At(index) => {
                let from_start = usize::try_from(index).ok();
                let from_end = usize::try_from(index.unsigned_abs()).ok();
                from_start.or_else(|| matches.len().checked_sub(from_end?))?
            }
        };
        matches.get(position)?.to_text()
    }
}

/// The part of an answer that holds the address of the next page.
#[derive(Debug)]
pub(super) struct Link {
    extraction: Extraction,
    sources: Sources,
}

impl Link {
    /// Compiles it; the first of several matches counts unless the file says otherwise.
    pub(super) fn compile(file: &ExtractFile) -> Result<Self, KeyError> {
        let mut sources = Sources::default();
        let first = file.pick.or_else(|| file.index.is_none().then_some(Pick::First));
        let file = ExtractFile {
            pick: first,
            ..file.clone()
        };
        let extraction = Extraction::compile("next", &file, 0, &mut sources)?;
        Ok(Self { extraction, sources })
    }

    /// The address; `None` if the answer holds none.
    pub(super) fn find(&self, body: &[u8], around: AnswerContext<'_>, random: &mut SmallRng) -> Option<Box<str>> {
        self.extraction.value(&self.sources.read(body, around)?, random)
    }
}
