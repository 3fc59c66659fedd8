//! Ways in which a file goes wrong.

use proptest::prelude::*;
use proptest::sample::Index;

/// Numbers at the edges of what fits somewhere.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1e308",
    "-1e308",
    "nan",
    "inf",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99999999999999999999999999",
];

/// Texts at the edges of what some text means.
const TEXTS: [&str; 26] = [
    "",
    "0s",
    "1ns",
    "10years",
    "584542046090years",
    "18446744073709551615s",
    "1s..0s",
    "0s..9years",
    "1000000/s",
    "1e308/s",
    "1e-320/s",
    "0/s",
    "nan/s",
    "p0",
    "p99.99999999",
    "p99.999999",
    "0 %",
    "100 %",
    "0.0000000001 %",
    "nan %",
    "{{",
    "}}{{}}",
    "{{random -9223372036854775808 9223372036854775807}}",
    "{{uuid}}",
    "../../../../etc/passwd",
    "é\u{0}",
];

/// Lines that say more than fits in memory, on the stack or in a lifetime.
const LINES: [&str; 6] = [
    "workload = { executor = \"stepped-arrival-rate\", from = \"1/s\", to = \"9/s\", steps = 4294967295 }",
    "workload = { executor = \"constant-arrival-rate\", rate = \"1000000/s\", spacing = \"poisson\" }",
    "workload = { executor = \"constant-users\", users = 4294967295, hatch-every = \"9years\" }",
    "workload = { executor = \"ramping-users\", stages = [{ to = 4294967295, over = \"9years\" }, { to = 1, over = \"9years\" }] }",
    "start = \"9years\"",
    "duration = \"7days\"",
];

/// One thing that went wrong. Positions are drawn first and fitted to what the earlier damage has left.
#[derive(Debug, Clone)]
pub(super) enum Damage {
    Flip(Index, u8),
    Truncate(Index),
    Remove(Index),
    Repeat(Index, Index),
    Number(Index, &'static str),
    Text(Index, &'static str),
    Line(Index, &'static str),
    Nest(Index, char, usize),
}

pub(super) fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => at().prop_map(Damage::Truncate),
        2 => at().prop_map(Damage::Remove),
        2 => (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        4 => (at(), prop::sample::select(&NUMBERS[..])).prop_map(|(at, number)| Damage::Number(at, number)),
        4 => (at(), prop::sample::select(&TEXTS[..])).prop_map(|(at, text)| Damage::Text(at, text)),
        2 => (at(), prop::sample::select(&LINES[..])).prop_map(|(at, line)| Damage::Line(at, line)),
        1 => (at(), prop::sample::select(&['[', '{', '(', '.', '$', '"'][..]), 1..5_000_usize)
            .prop_map(|(at, what, deep)| Damage::Nest(at, what, deep)),
    ]
}

/// A file with up to four things wrong with it, as bytes.
pub(super) fn damaged(file: impl Into<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let file = file.into();
    prop::collection::vec(damage(), 1..=4)
        .prop_map(move |all| all.iter().fold(file.clone(), |file, damage| damage.done_to(file)))
}

/// The same as text: what is not UTF-8 is refused by the standard library before any parser of ours sees it.
pub(super) fn damaged_text(file: String) -> impl Strategy<Value = String> {
    damaged(file).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

impl Damage {
    fn done_to(&self, mut file: Vec<u8>) -> Vec<u8> {
        if file.is_empty() {
            return file;
        }
        match self {
            Self::Flip(at, byte) => *at.get_mut(&mut file) = *byte,
            Self::Truncate(at) => file.truncate(at.index(file.len())),
            Self::Remove(at) => {
                let mut lines = lines(&file);
                lines.remove(at.index(lines.len()));
                file = lines.concat();
            }
            Self::Repeat(from, to) => {
                let mut lines = lines(&file);
                let line = *from.get(&lines);
                lines.insert(to.index(lines.len()), line);
                file = lines.concat();
            }
            Self::Line(at, line) => {
                let mut lines = lines(&file);
                let line = format!("{line}\n");
                *at.get_mut(&mut lines) = line.as_bytes();
                file = lines.concat();
            }
            Self::Number(at, number) => file = replaced(&file, *at, number, |byte| byte.is_ascii_digit()),
            Self::Text(at, text) => file = replaced(&file, *at, text, |byte| !b"\"\n=[]{},".contains(&byte)),
            Self::Nest(at, what, deep) => {
                let at = at.index(file.len());
                file.splice(at..at, what.to_string().repeat(*deep).into_bytes());
            }
        }
        file
    }
}

fn lines(file: &[u8]) -> Vec<&[u8]> {
    file.split_inclusive(|byte| *byte == b'\n').collect()
}

/// One of the longest runs of such bytes replaced.
fn replaced(file: &[u8], at: Index, by: &str, is_part: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut runs = Vec::new();
    let mut from = 0;
    for part in file.chunk_by(|one, next| is_part(*one) == is_part(*next)) {
        if is_part(part[0]) {
            runs.push(from..from + part.len());
        }
        from += part.len();
    }
    let mut file = file.to_vec();
    if !runs.is_empty() {
        file.splice(at.get(&runs).clone(), by.bytes());
    }
    file
}
