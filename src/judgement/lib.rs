//! What Diapason judges, and how. Nothing here brings a stack up, makes load or observes anything: a judgement cannot see how
//! its evidence came about, because this package depends on nothing that could.
//!
//! A room imports only rooms of a layer above its own in this list:
//!
//! | layer | rooms |
//! |---|---|
//! | 0 | `units`, `error`; `secrets`, which are masked |
//! | 1 | `stats`; `gzip`, files that may be compressed |
//! | 2 | `record`, what happened to the requests; `sizing`, models of capacity |
//! | 3 | `evidence`: what was planned, what every probe observed and what the stack was, as plain data |
//! | 4 | `slo`, which judges evidence and sees nothing else |
//! | 5 | `cause`, which finds what is to blame in a judged run; `openslo`, objectives in the words of other tools |
//! | 6 | `words`, which makes sentences from causes; numbers, units and lists as they are written |

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
