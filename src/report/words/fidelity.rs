//! Sentences and tables on the fidelity of a replay.

use super::{Columns, Language, label, quoted, series_name};
use crate::evidence::{ArrivalFit, ReplayPlan, ReplayStarts};
use crate::record::WalkTotals;
use crate::report::{Document, Fidelity};
use crate::slo::Label;

/// Most kinds that are listed.
const MOST_KINDS: usize = 20;

pub(in crate::report) const TITLE: Label = label("Fidelity of the replay", "Fidélité du rejeu");
pub(in crate::report) const MIX: Label = label("Mix of requests", "Répartition des requêtes");
pub(in crate::report) const LEFT_OUT: Label = label("Lines left out", "Lignes écartées");
pub(in crate::report) const STATUSES: Label = label("Statuses", "Statuts");
pub(in crate::report) const TIMES: Label = label("Times of requests", "Temps des requêtes");
pub(in crate::report) const TIMES_NOTE: Label = label(
    "In the log: the time at the proxy. In the replay: from sending to the end, as the client sees it. The interval is a bootstrap \
     one, 95 %, and takes requests as independent of one another. Kinds with fewer than 20 times on a side are not listed.",
    "Dans le journal : le temps mesuré par le proxy. Dans le rejeu : de l’envoi à la fin, vu du client. L’intervalle, à 95 %, est \
     obtenu par bootstrap et suppose les requêtes indépendantes. Les sortes de moins de 20 temps d’un côté ne figurent pas.",
);
pub(in crate::report) const MIX_COLUMNS: Columns<5> = Columns {
    english: ["Kind", "In the log", "Share", "In the replay", "Share"],
    french: ["Sorte", "Dans le journal", "Part", "Dans le rejeu", "Part"],
};
pub(in crate::report) const LEFT_OUT_COLUMNS: Columns<3> = Columns {
    english: ["Reason", "Lines", "First"],
    french: ["Raison", "Lignes", "Première"],
};
pub(in crate::report) const STATUS_COLUMNS: Columns<3> = Columns {
    english: ["Status", "In the log", "In the replay"],
    french: ["Statut", "Dans le journal", "Dans le rejeu"],
};
pub(in crate::report) const TIMES_COLUMNS: Columns<6> = Columns {
    english: [
        "Kind",
        "p50 in the log",
        "p50",
        "p95 in the log",
        "p95",
        "Change of p95",
    ],
    french: [
        "Sorte",
        "p50 du journal",
        "p50",
        "p95 du journal",
        "p95",
        "Écart du p95",
    ],
};

/// The replay in one sentence.
pub(in crate::report) fn summary(document: &Document, language: Language) -> Option<String> {
    let (replay, found) = document.plan.load.replay.as_ref().zip(document.fidelity.as_ref())?;
    let (read, share) = (language.count(replay.read), language.share(found.replayed));
    let difference = language.decimal(found.largest_difference, 2);
    let lag = language.optional(found.lag.p99);
    Some(match language {
        Language::English => format!(
            "Replay of a log of {read} lines: {share} of them replayed as they are, mix within {difference} percentage points, arrivals within {lag} (p99)."
        ),
        Language::French => format!(
            "Rejeu d’un journal de {read} lignes : {share} rejouées telles quelles, répartition à {difference} point près, arrivées à {lag} près (p99)."
        ),
    })
}

/// Sentences on the replay, the first figure of fidelity first.
pub(in crate::report) fn sentences(replay: &ReplayPlan, found: &Fidelity, language: Language) -> Vec<String> {
    let mut all = vec![
        lines(replay, found, language),
        starts(replay, language),
        mix_within(found, language),
        lag(found, language),
    ];
    if let Some(walked) = found.walked.as_ref().filter(|_| replay.starts != ReplayStarts::Lines) {
        all.push(kept(found, walked, language));
        all.extend(shift(walked, language));
    }
    all.extend(times_known(replay, language));
    all.extend(replay.arrivals.as_ref().and_then(|arrivals| fit(arrivals, language)));
    all
}

fn lines(replay: &ReplayPlan, found: &Fidelity, language: Language) -> String {
    let count = |value| language.count(value);
    let (read, replayed, mapped, left) = (
        count(replay.read),
        count(replay.replayed),
        count(replay.mapped),
        count(replay.omitted()),
    );
    let share = language.share(found.replayed);
    match language {
        Language::English => {
            format!(
                "{share} of the {read} lines read are replayed as they are: {replayed} replayed, {mapped} mapped by rules, {left} left out."
            )
        }
        Language::French => {
            format!(
                "{share} des {read} lignes lues sont rejouées telles quelles : {replayed} rejouées, {mapped} traduites par des règles, {left} écartées."
            )
        }
    }
}

fn starts(replay: &ReplayPlan, language: Language) -> String {
    let speed = language.written(&replay.speed.to_string());
    let rule = match (language, replay.starts) {
        (Language::English, ReplayStarts::Sessions) => {
            "sessions start at their times in the log, and later requests follow the answer before them by the pause of the log"
        }
        (Language::English, ReplayStarts::Lines) => "each request starts at its own time in the log",
        (Language::English, ReplayStarts::Fitted) => {
            "sessions drawn from the log start by a Poisson process with the log’s rate of each minute"
        }
        (Language::French, ReplayStarts::Sessions) => {
            "les sessions commencent à leur heure du journal, et chaque requête suivante suit la réponse précédente après la pause du journal"
        }
        (Language::French, ReplayStarts::Lines) => "chaque requête part à son heure du journal",
        (Language::French, ReplayStarts::Fitted) => {
            "des sessions tirées du journal commencent selon un processus de Poisson, au débit de chaque minute du journal"
        }
    };
    match language {
        Language::English => format!("At speed {speed}: {rule}."),
        Language::French => format!("À la vitesse {speed} : {rule}."),
    }
}

fn mix_within(found: &Fidelity, language: Language) -> String {
    let points = language.decimal(found.largest_difference, 2);
    match language {
        Language::English => {
            format!(
                "The share of each kind of request differs by at most {points} percentage points from that in the log."
            )
        }
        Language::French => {
            format!(
                "La part de chaque sorte de requête s’écarte d’au plus {points} point de pourcentage de celle du journal."
            )
        }
    }
}

fn lag(found: &Fidelity, language: Language) -> String {
    let (median, high) = (language.optional(found.lag.p50), language.optional(found.lag.p99));
    match language {
        Language::English => {
            format!("The generator sent requests {median} (p50) and {high} (p99) after their intended starts.")
        }
        Language::French => {
            format!("Le générateur a envoyé les requêtes {median} (p50) et {high} (p99) après leur départ prévu.")
        }
    }
}

fn kept(found: &Fidelity, walked: &WalkTotals, language: Language) -> String {
    let (kept, all) = (language.count(walked.kept), language.count(found.sessions));
    let (begun, requests) = (language.count(walked.begun), language.count(walked.requests));
    match language {
        Language::English => format!(
            "{kept} of {all} sessions were kept: every request in order, by one user. {begun} of {requests} requests were begun."
        ),
        Language::French => format!(
            "{kept} sessions sur {all} ont été conservées : toutes leurs requêtes, dans l’ordre, par un même utilisateur. {begun} requêtes sur {requests} ont été lancées."
        ),
    }
}

/// Shift of later requests; `None` if there are none.
fn shift(walked: &WalkTotals, language: Language) -> Option<String> {
    let of = |micros: i64| {
        let sign = if micros < 0 { "−" } else { "" };
        format!("{sign}{}", language.time(micros.unsigned_abs() as f64 / 1e3))
    };
    let (median, high, most) = (of(walked.shift_p50), of(walked.shift_p99), of(walked.shift_max));
    let later = language.count(walked.later);
    (walked.later > 0).then(|| match language {
        Language::English => format!(
            "Apart from that, the answers of the system shifted the {later} later requests of sessions by {median} (p50), {high} (p99), at most {most} against the log: positive where it was slower than in the log."
        ),
        Language::French => format!(
            "Par ailleurs, les réponses du système ont décalé les {later} requêtes suivantes des sessions de {median} (p50), {high} (p99), au plus {most} par rapport au journal : positif là où il était plus lent que dans le journal."
        ),
    })
}

/// Limits of the times in the log.
fn times_known(replay: &ReplayPlan, language: Language) -> Vec<String> {
    let mut all = Vec::new();
    if replay.coarse > 0 {
        let lines = language.count(replay.coarse);
        all.push(match language {
            Language::English => {
                format!("{lines} lines have times of whole seconds: when their requests started is known to ±1 s.")
            }
            Language::French => {
                format!(
                    "{lines} lignes ont une heure en secondes entières : le départ de leurs requêtes est connu à ±1 s."
                )
            }
        });
    }
    if replay.untimed > 0 {
        let lines = language.count(replay.untimed);
        all.push(match language {
            Language::English => format!(
                "{lines} lines do not tell how long the request took: it starts at the time of the line, which is that of its end."
            ),
            Language::French => format!(
                "{lines} lignes ne disent pas la durée de la requête : elle part à l’heure de la ligne, celle de sa fin."
            ),
        });
    }
    if replay.overlapping > 0 && replay.starts != ReplayStarts::Lines {
        let requests = language.count(replay.overlapping);
        // Runs without a digest were made when requests followed one another.
        all.push(match (language, replay.digest.is_empty()) {
            (Language::English, true) => {
                format!("{requests} requests overlapped the one before them in their session: they follow it.")
            }
            (Language::French, true) => {
                format!("{requests} requêtes chevauchaient la précédente de leur session : elles la suivent.")
            }
            (Language::English, false) => format!(
                "{requests} requests overlapped one before them in their session: they start at their distances in the log."
            ),
            (Language::French, false) => format!(
                "{requests} requêtes chevauchaient une précédente de leur session : elles partent aux écarts du journal."
            ),
        });
    }
    all
}

/// The fit of the arrivals; `None` if the log is too short for a test.
fn fit(arrivals: &ArrivalFit, language: Language) -> Option<String> {
    let overall = arrivals.overall?;
    let words = language.wording();
    let (sessions, minutes) = (language.count(arrivals.sessions), language.decimal(arrivals.minutes, 1));
    let rate = language.decimal(arrivals.per_second, 2);
    let least = language.count(arrivals.counts.iter().copied().min().unwrap_or(0));
    let most = language.count(arrivals.counts.iter().copied().max().unwrap_or(0));
    let index = |value: f64| language.decimal(value, 2);
    let text = match language {
        Language::English => format!(
            "{sessions} sessions began in {minutes} minutes of the log, {rate}/s on average, {least} to {most} in a minute; variance to mean of the starts per minute {}: {}",
            index(overall.index),
            words.spacing(overall.spacing)
        ),
        Language::French => format!(
            "{sessions} sessions ont commencé en {minutes} minutes du journal, {rate}/s en moyenne, de {least} à {most} par minute ; variance sur moyenne des départs par minute {} : {}",
            index(overall.index),
            words.spacing(overall.spacing)
        ),
    };
    let within = arrivals.within.map(|found| match language {
        Language::English => format!(
            "; of those per 10 s around the rate of their minute {}: {}",
            index(found.index),
            words.spacing(found.spacing)
        ),
        Language::French => format!(
            " ; de ceux par 10 s autour du débit de leur minute {} : {}",
            index(found.index),
            words.spacing(found.spacing)
        ),
    });
    Some(format!("{text}{}.", within.unwrap_or_default()))
}

/// Rows of [`MIX_COLUMNS`].
pub(in crate::report) fn mix(found: &Fidelity, language: Language) -> Vec<Vec<String>> {
    let rows = found.kinds.iter().take(MOST_KINDS);
    rows.map(|row| {
        let rule = if row.mapped {
            language.say(" (by a rule)", " (par une règle)")
        } else {
            ""
        };
        vec![
            format!("{}{rule}", quoted(&row.series)),
            language.count(row.recorded),
            language.share(row.recorded_share),
            language.count(row.made),
            language.share(row.made_share),
        ]
    })
    .collect()
}

/// Rows of [`LEFT_OUT_COLUMNS`], the most frequent reason first.
pub(in crate::report) fn left_out(replay: &ReplayPlan, language: Language) -> Vec<Vec<String>> {
    let mut all: Vec<_> = replay.left_out.iter().collect();
    all.sort_by_key(|left| std::cmp::Reverse(left.lines));
    all.into_iter()
        .map(|left| {
            vec![
                language.wording().left_out(&left.reason),
                language.count(left.lines),
                left.first.as_deref().map_or_else(|| "–".to_owned(), quoted),
            ]
        })
        .collect()
}

/// Rows of [`STATUS_COLUMNS`].
pub(in crate::report) fn statuses(found: &Fidelity, language: Language) -> Vec<Vec<String>> {
    let rows = found.statuses.iter();
    rows.map(|(status, recorded, made)| {
        let name = if *status == 0 {
            language.say("none", "aucun").to_owned()
        } else {
            status.to_string()
        };
        vec![name, language.count(*recorded), language.count(*made)]
    })
    .collect()
}

/// Rows of [`TIMES_COLUMNS`].
pub(in crate::report) fn times(found: &Fidelity, language: Language) -> Vec<Vec<String>> {
    let signed = |value: Option<f64>, none: &str| {
        value.map_or_else(|| none.to_owned(), |value| language.written(&format!("{value:+.1}")))
    };
    let rows = found.times.iter();
    rows.map(|row| {
        let change = row.shift.as_ref().map_or_else(
            || "–".to_owned(),
            |shift| {
                let (low, high) = (signed(shift.low, "−∞"), signed(shift.high, "∞"));
                format!("{} ms [{low} – {high}]", signed(Some(shift.point), "–"))
            },
        );
        vec![
            series_name(&row.series, language),
            language.optional(row.recorded.p50),
            language.optional(row.made.p50),
            language.optional(row.recorded.p95),
            language.optional(row.made.p95),
            change,
        ]
    })
    .collect()
}
