//! Labels of the page: the first screen.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const EXIT_CODE: Label = label("Exit code", "Code de sortie");
pub(in crate::report) const RELEASE: Label = label("Release", "Version");
pub(in crate::report) const NO_RELEASE: Label = label(
    "not named (`--tag release=…`, `--tag commit=…`)",
    "non précisée (`--tag release=…`, `--tag commit=…`)",
);
pub(in crate::report) const DATE: Label = label("Date", "Date");
pub(in crate::report) const LENGTH: Label = label("Length", "Durée");
pub(in crate::report) const MACHINE: Label = label("Machine", "Machine");
pub(in crate::report) const SYSTEM: Label = label("System under test", "Système mesuré");
pub(in crate::report) const CERTAINTY: Label = label("Certainty", "Fiabilité");
pub(in crate::report) const AT_A_GLANCE: Label = label("Objectives at a glance", "Les objectifs en un coup d’œil");
pub(in crate::report) const GLANCE: Columns<5> = Columns {
    english: ["Objective", "Verdict", "Target", "Measured", "Error budget"],
    french: ["Objectif", "Verdict", "Cible", "Mesuré", "Budget d’erreur"],
};
pub(in crate::report) const WORD_MEANS: Label = label("means", "signifie que");
