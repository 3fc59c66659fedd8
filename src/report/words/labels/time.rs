//! Labels of the page: charts and time.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const OVER_TIME: Label = label("Response times over time", "Temps de réponse au fil du temps");
pub(in crate::report) const SHADED: Label = label(
    "Shaded: phases that are recorded and not judged.",
    "En grisé : les phases enregistrées mais non jugées.",
);
pub(in crate::report) const EVENT_MARKS: Label = label(
    "Violet, with a line where each begins: planned events.",
    "En violet, avec un trait au début de chacun : les événements prévus.",
);
pub(in crate::report) const GROWTH: Label = label("Does anything grow?", "Quelque chose augmente-t-il ?");
pub(in crate::report) const GROWTH_COLUMNS: Columns<5> = Columns {
    english: [
        "What",
        "At the start",
        "Change an hour",
        "95 % interval",
        "Reaches its limit",
    ],
    french: [
        "Grandeur",
        "Au début",
        "Variation par heure",
        "Intervalle à 95 %",
        "Limite atteinte",
    ],
};
pub(in crate::report) const GROWS: Label = label("grows", "augmente");
pub(in crate::report) const GROWTH_NOTE: Label = label(
    "The slope of Theil and Sen over 30 batches of the judged window, each summed up by its median. Told as growing where the \
     interval lies above 0 and a day at that pace adds a quarter or more (1 GiB for the disk).",
    "Pente de Theil et Sen sur 30 tranches de la fenêtre jugée, chacune résumée par sa médiane. Une grandeur est dite en \
     augmentation si l’intervalle est au-dessus de 0 et si une journée à ce rythme y ajoute un quart ou plus (1 Gio pour le \
     disque).",
);
pub(in crate::report) const EVENTS: Label = label("Events", "Événements");
pub(in crate::report) const SPIKES: Label = label("Spikes", "Pics de charge");
