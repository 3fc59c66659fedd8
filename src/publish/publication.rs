//! The part of a run that is published.

use std::path::Path;

use super::cut::sections;
use super::lines::line_of;
use crate::compare::{self, Comparison};
use crate::evidence::Decision;
use crate::report::{Document, exporter};
use crate::slo::Verdict;
use crate::words::en;

/// End of a run as a CI server knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Every gating objective is met.
    Success,
    /// An objective is missed, or the run could not be carried out.
    Failure,
    /// The run carries no verdict: somebody has to look.
    ActionRequired,
    /// The run was interrupted.
    Cancelled,
}

impl Conclusion {
    /// The conclusion for an exit code.
    pub fn from_exit(code: u8) -> Self {
        match code {
            0 => Self::Success,
            // Inconclusive or invalid runs say nothing about the release: somebody has to look, and a required check
            // must not pass.
            3 | 125 => Self::ActionRequired,
            130 => Self::Cancelled,
            _ => Self::Failure,
        }
    }

    /// Its name in GitHub's API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::ActionRequired => "action_required",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Weight of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnotationLevel {
    /// A gating objective that is missed.
    Failure,
    /// A gating objective that is undecided, or an advisory one that is missed.
    Warning,
}

/// A remark at a line of the scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Weight.
    pub level: AnnotationLevel,
    /// Line, counted from 1.
    pub line: usize,
    /// The objective.
    pub title: String,
    /// Reason of its verdict.
    pub message: String,
}

/// The part of a run that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// End of the run.
    pub conclusion: Conclusion,
    /// The answer in a line.
    pub title: String,
    /// Sections of Markdown, the most important first.
    pub sections: Vec<String>,
    /// Remarks, the weightiest first.
    pub annotations: Vec<Annotation>,
}

impl Publication {
    /// Of a run that was judged and exits with `code`. `scenario` is the text of its file.
    pub fn new(document: &Document, comparison: Option<&Comparison>, scenario: &str, code: u8) -> Self {
        let summary = exporter("markdown").and_then(|markdown| markdown.render(document).ok());
        let summary = summary.and_then(|files| files.into_iter().next());
        let mut all = summary.map_or_else(Vec::new, |file| sections(&file.content));
        // Next to the verdict and its table, before all details.
        let place = all
            .iter()
            .position(|section| section.starts_with('|'))
            .map_or(all.len(), |table| table + 1);
        let compared = comparison.and_then(|comparison| compare::render(comparison, "markdown", "", &[]).ok());
        for (_, text) in compared.into_iter().flatten() {
            all.splice(place..place, sections(&text));
        }
        let mut annotations: Vec<Annotation> = document
            .judgement
            .verdicts
            .iter()
            .filter_map(|verdict| annotation(verdict, verdict.accepted(document.judgement.accept), scenario))
            .collect();
        // Failures first, because only the first few are shown. The sort is stable, so that each kind keeps the
        // scenario's order.
        annotations.sort_by_key(|annotation| annotation.level == AnnotationLevel::Warning);
        Self {
            conclusion: Conclusion::from_exit(code),
            title: format!("{}: {}", document.judgement.overall.name(), document.exit.meaning),
            sections: all,
            annotations,
        }
    }

    /// Of a run that was interrupted before it was judged.
    pub fn cancelled() -> Self {
        Self {
            conclusion: Conclusion::Cancelled,
            title: "interrupted".to_owned(),
            sections: vec!["The run was interrupted, so it says nothing about the release.\n".to_owned()],
            annotations: Vec::new(),
        }
    }

    /// Of a run that could not be carried out; `error` is its message with the causes.
    pub fn failed(error: &str) -> Self {
        Self {
            conclusion: Conclusion::Failure,
            title: "could not run".to_owned(),
            sections: vec![
                "The run could not be carried out, so it says nothing about the release.\n".to_owned(),
                format!("```\n{}\n```\n", error.trim().replace("```", "'''")),
            ],
            annotations: Vec::new(),
        }
    }

    /// Defuses texts of foreign origin: they mention no account and hold no link.
    #[must_use]
    pub fn untrusted(mut self) -> Self {
        let harmless = |text: &str| {
            // The zero-width space is invisible: the text stays readable, and GitHub finds neither account nor address
            // in it.
            text.replace('@', "@\u{200b}")
                .replace("](", "]\u{200b}(")
                .replace("://", ":\u{200b}//")
                .replace("www.", "www\u{200b}.")
        };
        self.title = harmless(&self.title);
        for section in &mut self.sections {
            *section = harmless(section);
        }
        for annotation in &mut self.annotations {
            annotation.title = harmless(&annotation.title);
            annotation.message = harmless(&annotation.message);
        }
        self
    }
}

fn annotation(verdict: &Verdict, decision: Decision, scenario: &str) -> Option<Annotation> {
    let gate = verdict.objective.gate;
    let level = match (decision, gate) {
        (Decision::Missed, true) => AnnotationLevel::Failure,
        (Decision::Missed, false) | (Decision::Undecided, true) => AnnotationLevel::Warning,
        _ => return None,
    };
    Some(Annotation {
        level,
        line: line_of(scenario, &verdict.objective.name),
        title: format!("{}: {}", verdict.objective.name, verdict.word.name()),
        message: en::reason(verdict),
    })
}

/// Path below the checked-out repository, as a CI server names files; `None` if it is outside.
pub(super) fn in_repository(path: &Path, root: &Path) -> Option<String> {
    // The workspace of a runner may be a link, and annotations name paths relative to the repository.
    let path = path.canonicalize().ok()?;
    let below = path.strip_prefix(root.canonicalize().ok()?).ok()?;
    Some(below.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_exit_code_is_a_conclusion() {
        for (code, name) in [
            (0, "success"),
            (1, "failure"),
            (2, "failure"),
            (3, "action_required"),
            (125, "action_required"),
            (130, "cancelled"),
        ] {
            assert_eq!(Conclusion::from_exit(code).name(), name, "{code}");
        }
    }

    #[test]
    fn what_is_missed_is_said_at_its_line_and_weightier_first() {
        let mut document = sample::document();
        let names: Vec<String> = document
            .judgement
            .verdicts
            .iter()
            .map(|verdict| verdict.objective.name.clone())
            .collect();
        let tables: Vec<String> = names
            .iter()
            .map(|name| format!("[[objective]]\nname = {name:?}\n"))
            .collect();
        let scenario = tables.concat();
        assert_eq!(Publication::new(&document, None, &scenario, 0).annotations, []);
        let decisions = [
            (Decision::Undecided, true),
            (Decision::Missed, true),
            (Decision::Missed, false),
        ];
        for (verdict, (decision, gate)) in document.judgement.verdicts.iter_mut().zip(decisions) {
            (verdict.target, verdict.objective.gate) = (decision, gate);
        }
        let published = Publication::new(&document, None, &scenario, 1);
        let told: Vec<(AnnotationLevel, usize)> =
            published.annotations.iter().map(|one| (one.level, one.line)).collect();
        assert_eq!(
            told[..3],
            [
                (AnnotationLevel::Failure, 4),
                (AnnotationLevel::Warning, 2),
                (AnnotationLevel::Warning, 6)
            ]
        );
        assert!(published.sections[0].starts_with("## "), "{:?}", published.sections[0]);
    }

    #[test]
    fn strangers_mention_nobody_and_link_nowhere() {
        let published = Publication::failed("@org/team [look](https://evil.example) www.evil.example").untrusted();
        let text = published.sections.concat();
        for power in ["@org", "](", "://", "www."] {
            assert!(!text.contains(power), "{power} in {text}");
        }
    }

    #[test]
    fn files_are_named_below_the_repository() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("scenarios")).unwrap();
        let file = root.path().join("scenarios/gate.toml");
        std::fs::write(&file, "").unwrap();
        assert_eq!(in_repository(&file, root.path()).unwrap(), "scenarios/gate.toml");
        assert_eq!(in_repository(Path::new("/etc/hostname"), root.path()), None);
    }
}
