//! Labels of the page: the frame.

use crate::report::words::label;
use crate::slo::Label;

pub(in crate::report) const ENLARGE: Label = label("Enlarge the chart", "Agrandir le graphique");
pub(in crate::report) const SKIP: Label = label("Skip to the content", "Aller au contenu");
pub(in crate::report) const OTHER_LANGUAGE: Label = label("Read in English", "Lire en français");
pub(in crate::report) const DATA: Label = label(
    "everything on this page is in report.json",
    "toutes les données de cette page sont dans report.json",
);
pub(in crate::report) const LANGUAGE: Label = label("Language", "Langue");
pub(in crate::report) const RUN: Label = label("run", "campagne");
pub(in crate::report) const YES: Label = label("yes", "oui");
pub(in crate::report) const NO: Label = label("no", "non");
pub(in crate::report) const NONE: Label = label("none", "aucun");
