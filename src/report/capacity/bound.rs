//! Bound on the cores that a resource can use, in words.

use crate::sizing::{Bound, Program};
use crate::words::Language;

/// Cause of the bound on a resource's cores: `CPU limit 0.25`.
pub(super) fn bound(bound: Bound, cores: f64, language: Language) -> String {
    let number = language.written(&cores.to_string());
    let core = if cores < 2.0 { "cœur" } else { "cœurs" };
    match (language, bound) {
        (Language::English, Bound::Limit) => format!("CPU limit {number}"),
        (Language::French, Bound::Limit) => format!("limite CPU de {number} {core}"),
        (Language::English, Bound::Machine) => format!("the machine's {number} cores"),
        (Language::French, Bound::Machine) => format!("{number} {core}, toute la machine"),
        (Language::English, Bound::Shared) => format!("{number} cores, shared with the load generator"),
        (Language::French, Bound::Shared) => format!("{number} {core}, générateur de charge compris"),
        (Language::English, Bound::Processes(known)) => {
            let called = match (known.program, known.count) {
                (Program::Node, 1) => "Node process",
                (Program::Node, _) => "Node processes",
                (Program::Redis, 1) => "Redis process",
                (Program::Redis, _) => "Redis processes",
                (Program::Nginx, 1) => "Nginx worker",
                (Program::Nginx, _) => "Nginx workers",
            };
            format!("{} {called}, one core each", known.count)
        }
        (Language::French, Bound::Processes(known)) => {
            let program = match known.program {
                Program::Node => "Node",
                Program::Redis => "Redis",
                Program::Nginx => "Nginx",
            };
            format!("{} processus {program}, un cœur chacun", known.count)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::Processes;

    #[test]
    fn every_bound_is_told_in_both_languages() {
        let processes = |program, count| Bound::Processes(Processes { program, count });
        for (why, cores, english, french) in [
            (Bound::Limit, 0.25, "CPU limit 0.25", "limite CPU de 0,25 cœur"),
            (
                Bound::Machine,
                2.0,
                "the machine's 2 cores",
                "2 cœurs, toute la machine",
            ),
            (
                Bound::Shared,
                2.0,
                "2 cores, shared with the load generator",
                "2 cœurs, générateur de charge compris",
            ),
            (
                processes(Program::Node, 1),
                1.0,
                "1 Node process, one core each",
                "1 processus Node, un cœur chacun",
            ),
            (
                processes(Program::Redis, 2),
                2.0,
                "2 Redis processes, one core each",
                "2 processus Redis, un cœur chacun",
            ),
            (
                processes(Program::Nginx, 2),
                2.0,
                "2 Nginx workers, one core each",
                "2 processus Nginx, un cœur chacun",
            ),
        ] {
            assert_eq!(bound(why, cores, Language::English), english);
            assert_eq!(bound(why, cores, Language::French), french);
        }
    }
}
