//! Labels of the page: validity.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const TRUST: Label = label("Can the measurement be trusted?", "Peut-on se fier à la mesure ?");
pub(in crate::report) const UNVERIFIED: Label = label("UNVERIFIED", "NON VÉRIFIÉ");
pub(in crate::report) const ALL_RULES: Label = label("All rules and sums", "Toutes les règles et les sommes");
pub(in crate::report) const RULE_COLUMNS: Columns<4> = Columns {
    english: ["Rule", "Measured", "Threshold", "Holds"],
    french: ["Règle", "Mesuré", "Seuil", "Respectée"],
};
pub(in crate::report) const DOES_NOT_ADD_UP: Label = label("does not add up", "ne concorde pas");
pub(in crate::report) const NOT_MEASURED: Label = label("Not measured", "Ce qui n’a pas été mesuré");
