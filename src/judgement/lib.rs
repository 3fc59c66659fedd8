//! Judgement of a run. Nothing here brings a stack up, makes load or observes anything: a judgement is independent of how its
//! evidence was obtained, as this package depends on nothing that obtains it.
//!
//! A room imports only rooms of a layer above its own in this list:
//!
//! | layer | rooms |
//! |---|---|
//! | 0 | `units`, `error`; `secrets`, which masks them |
//! | 1 | `stats`; `gzip`, files that may be compressed |
//! | 2 | `record`, the recording of requests; `sizing`, models of capacity |
//! | 3 | `evidence`: the plan, the observations of every probe and the state of the stack, as plain data |
//! | 4 | `slo`, which judges evidence |
//! | 5 | `cause`, which finds the possible causes of a miss in a judged run; `openslo`, objectives in the format of other tools |
//! | 6 | `words`, which makes sentences from facts, in every language of the reports; numbers, units and lists as they are written |

pub mod cause;
pub mod error;
pub mod evidence;
pub mod gzip;
pub mod openslo;
pub mod record;
pub mod secrets;
pub mod sizing;
pub mod slo;
pub mod stats;
pub mod units;
pub mod words;
