//! Correlation: values of requests that an earlier answer gave.
//!
//! With two recordings of one walk, a value that differs between them is one that the system made. With one, names and looks tell:
//! credentials, tokens against forged requests, ids.

use std::collections::HashMap;

use super::align::align;
use super::answer::{AnswerPart, MASKED, is_id_name};
use super::exchange::Exchange;
use super::names::{Names, is_id, is_uuid, singular};
use super::slot::{LocatedValue, Slot, refer, slots, value};

/// Words in names of fields that hold what an answer gave.
const TOKENS: [&str; 9] = [
    "csrf",
    "xsrf",
    "token",
    "nonce",
    "state",
    "verifier",
    "viewstate",
    "authenticity",
    "ticket",
];

/// Points for the user that correlation found.
#[derive(Debug, Default)]
pub(super) struct Correlation {
    pub(super) notes: Vec<String>,
}

/// Replaces values of requests by references to parts of earlier answers.
pub(super) fn correlate(exchanges: &mut [Exchange], other: Option<&[Exchange]>, names: &mut Names) -> Correlation {
    let pairs = other.map(|other| align(exchanges, other));
    let mut correlated = Correlation::default();
    let mut known: HashMap<String, (String, usize)> = HashMap::new();
    for index in 0..exchanges.len() {
        let twin = pairs.as_ref().and_then(|pairs| pairs[index]);
        let twin = twin.and_then(|position| other.and_then(|other| other.get(position)));
        if other.is_some() && twin.is_none() {
            let note = "Only the first recording has this request: its values are as they were.";
            exchanges[index].request.notes.push(note.to_owned());
        }
        for held in slots(&exchanges[index].request) {
            let differing = twin.map(|twin| value(&twin.request, &held.slot));
            let wanted = match &differing {
                // Not there, or the same: a value that the user or the program chose.
                Some(None) => false,
                // A token lasts, or a recorder masked it: it may be the same in both.
                Some(Some(there)) => *there != held.value || held.value == MASKED || held.name == "authorization",
                None => is_dynamic(&held),
            };
            if !wanted {
                continue;
            }
            if let Some((name, source)) = known
                .get(&held.value)
                .filter(|(_, source)| is_before(exchanges, *source, index))
            {
                let (name, source) = (name.clone(), *source);
                refer(&mut exchanges[index].request, &held.slot, &name);
                exchanges[index].needs.push(source);
                continue;
            }
            let confirm = differing
                .flatten()
                .map(|there| (there, pairs.as_deref().unwrap_or_default(), other.unwrap_or_default()));
            match find(exchanges, index, &held, confirm.as_ref()) {
                Some((source, part, is_confirmed)) => {
                    let hint = hint(&exchanges[source], &part, &held);
                    let name = names.value(&hint);
                    note(&mut exchanges[source], &name, &part, is_confirmed);
                    exchanges[source].request.extract.push((name.clone(), part.table()));
                    refer(&mut exchanges[index].request, &held.slot, &name);
                    exchanges[index].needs.push(source);
                    known.insert(held.value.clone(), (name, source));
                }
                None => unfound(&mut exchanges[index], &held, twin.is_some(), &mut correlated),
            }
        }
    }
    correlated
}

/// Tells of a value that changes and that no earlier answer holds; a UUID is made anew.
fn unfound(exchange: &mut Exchange, held: &LocatedValue, differs: bool, correlated: &mut Correlation) {
    let is_body = matches!(
        held.slot,
        Slot::Json(_) | Slot::Form(_) | Slot::Part(_) | Slot::Header(_)
    );
    if is_uuid(&held.value) && is_body && !held.value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        refer(&mut exchange.request, &held.slot, "uuid");
        let note = format!(
            "Heuristic: {} is a UUID that no earlier answer holds; a new one is made each time.",
            held.name
        );
        exchange.request.notes.push(note);
    } else if differs {
        let place = &exchange.request.place;
        correlated.notes.push(format!(
            "{place}: {} differs between the recordings, and no earlier answer holds it: it is as in the first",
            held.name
        ));
    }
}

/// Recorded value of the twin, the alignment, and the other recording.
type Confirmation<'a> = (String, &'a [Option<usize>], &'a [Exchange]);

/// The first earlier answer that holds the value; true if the other recording confirms it.
fn find(
    exchanges: &[Exchange],
    index: usize,
    held: &LocatedValue,
    confirm: Option<&Confirmation<'_>>,
) -> Option<(usize, AnswerPart, bool)> {
    let mut unconfirmed = None;
    for source in 0..exchanges.len() {
        if !is_before(exchanges, source, index) {
            continue;
        }
        for part in exchanges[source].answer.parts(&held.value) {
            let Some((there, pairs, other)) = confirm else {
                return Some((source, part, false));
            };
            let twin = pairs
                .get(source)
                .copied()
                .flatten()
                .and_then(|position| other.get(position));
            let Some(twin) = twin else { continue };
            if twin.answer.value(&part).as_deref() == Some(there) {
                return Some((source, part, true));
            }
            if let Some(path) = part.list().filter(|path| twin.answer.holds_any(path, there)) {
                let any = AnswerPart::AnyJson(path.to_vec());
                unconfirmed.get_or_insert((source, any, true));
            }
        }
    }
    unconfirmed
}

/// True if an answer had ended before a request began; requests of one instant keep their order.
fn is_before(exchanges: &[Exchange], source: usize, index: usize) -> bool {
    source < index && exchanges[source].ended <= exchanges[index].started + 0.002
}

/// True if names or looks say that an answer gave the value.
fn is_dynamic(held: &LocatedValue) -> bool {
    let name = held.name.to_ascii_lowercase();
    // A word such as `state = "DONE"` is none.
    let is_random = held.value.len() >= 6 && held.value.bytes().any(|byte| byte.is_ascii_digit());
    let is_token = is_random && TOKENS.iter().any(|word| name.contains(word)) || name == "authorization";
    match &held.slot {
        Slot::Header(_) => is_token || is_uuid(&held.value) || name.starts_with("x-") && is_id(&held.value),
        Slot::Segment(_) => is_id(&held.value),
        _ => {
            is_token || is_uuid(&held.value) || is_id(&held.value) && (is_id_name(&held.name) || held.value.len() >= 12)
        }
    }
}

/// A hint for the name of a value: `task_id` for the id that `POST /api/tasks` returns.
fn hint(source: &Exchange, part: &AnswerPart, held: &LocatedValue) -> String {
    let own = part.hint().unwrap_or(&held.name);
    if !matches!(
        own.to_ascii_lowercase().as_str(),
        "id" | "_id" | "uuid" | "key" | "value" | ""
    ) {
        return own.to_owned();
    }
    let mut segments = source
        .request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty() && !is_id(segment));
    let noun = segments.rfind(|segment| !super::marker::is_marked(segment));
    format!("{}_id", singular(noun.unwrap_or("value")))
}

fn note(source: &mut Exchange, name: &str, part: &AnswerPart, is_confirmed: bool) {
    let notes = &mut source.request.notes;
    if !is_confirmed {
        notes.push(format!(
            "Heuristic: {name} is extracted, because later requests hold this value."
        ));
    }
    match part {
        AnswerPart::AnyJson(_) => notes.push(format!(
            "{name} is any of the list: its position differed between the recordings."
        )),
        part if part.list().is_some() => notes.push(format!("{name} has its recorded position in the list.")),
        _ => {}
    }
}
