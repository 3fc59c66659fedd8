//! Runs that come to nothing are made again, and counted.
//!
//! A run during which the machine stood still decides nothing. Its test makes it once more, twice at most; any other answer
//! stands. Each repetition is a line in the file that `DIAPASON_TEST_REPETITIONS` names: `ci/test` prints them and fails on too
//! many of those that the generator's own lateness does not explain, since a rise of indecision is a fault of the product.

use std::io::Write as _;

use diapason::slo::Rule;
use serde::Deserialize as _;
use serde_json::Value;

/// Runs of one test before an answer that is still undecided fails it.
const ATTEMPTS: usize = 3;

/// Why a run came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// The generator was late or had too little processor time.
    Generator,
    /// The samples decide nothing.
    Samples,
}

impl Undecided {
    /// Why a run with that exit code and that `report.json` came to nothing; `None` where its answer stands.
    pub(crate) fn of_run(exit: i32, report: impl FnOnce() -> Value) -> Option<Self> {
        if exit != 3 {
            return None;
        }
        let judgement = &report()["judgement"];
        let mut broken = judgement["validity"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["valid"] == false);
        let late = broken.any(|rule| Rule::deserialize(&rule["name"]).unwrap().blames_generator());
        if late {
            Some(Self::Generator)
        } else {
            (judgement["overall"] == "INCONCLUSIVE").then_some(Self::Samples)
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Samples => "samples",
        }
    }
}

/// Runs until there is an answer that stands.
pub(crate) fn decided<T>(undecided: impl Fn(&T) -> Option<Undecided>, mut run: impl FnMut() -> T) -> T {
    for _ in 0..ATTEMPTS {
        let answer = run();
        let Some(why) = undecided(&answer) else { return answer };
        count(why);
    }
    panic!("undecided {ATTEMPTS} times");
}

/// Measures until what was measured is as it must be, three times at most. Whoever else has a turn on the same cores makes a
/// single answer late, and each of three only where the program is at fault.
pub(crate) fn repeated<T>(mut measured: impl FnMut() -> Result<T, String>) -> T {
    for _ in 1..ATTEMPTS {
        match measured() {
            Ok(found) => return found,
            Err(wrong) => {
                eprintln!("{wrong}");
                count(Undecided::Generator);
            }
        }
    }
    measured().unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn count(why: Undecided) {
    let thread = std::thread::current();
    // The test runner names its threads after the tests.
    let line = format!("{} {}\n", why.name(), thread.name().unwrap_or("unknown"));
    eprint!("undecided: {line}");
    if let Some(path) = std::env::var_os("DIAPASON_TEST_REPETITIONS") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
    }
}
