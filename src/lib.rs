//! Diapason brings up a production stack, plays real user journeys through its front door, measures every tier at once,
//! and says whether the service-level objectives hold.
//!
//! ```text
//! scenario ─► plan ─► stack ─► schedule ─► workload ─► record (+ probes) ─► evidence ─► slo ─► report
//! ```
//!
//! Configuration flows down once, results flow down once: no callbacks up, no shared maps, no locks on the hot path.
//! Each stage is a module ("room"); a room imports only rooms above it in this list, never one of its own layer. Two packages are
//! below this one, and their rooms are named here as if they were its own: `diapason-judgement` (`*`), which judges and depends on
//! nothing that has an effect, and `diapason-engine` (`+`), which brings stacks up, makes load and observes, and knows no objectives.
//!
//! | layer | rooms |
//! |---|---|
//! | 0 | `units`*, `error`*; `secrets`*, which are masked; `nginx`+, the syntax of its files |
//! | 1 | `stats`*, `schedule`+ (pure); `timer`+, the clock of the load thread: real, or simulated for unit tests; `gzip`*, files that may be compressed |
//! | 2 | `record`*; `sizing`*, models of capacity (pure); `wire`+, the ways to the front door and to PostgreSQL |
//! | 3 | `evidence`*: what was planned, what every probe observed and what the stack was, as plain data |
//! | 4 | `slo`*, which judges evidence and sees nothing else |
//! | 5 | `cause`*, which finds what is to blame in a judged run; `openslo`*, objectives in the words of other tools; `stack`+ |
//! | 6 | `words`*, which makes sentences from facts; `journey`+, `probe`+, `maintenance`+ (planned events on services): they know where the stack answers; `init`, which writes starting files |
//! | 7 | `workload`+; `import`, journeys from logs, recordings and descriptions |
//! | 8 | `scenario`, where load and objectives meet: no room below it knows both |
//! | 9 | `runs`, the folders they are kept in; `shipped`, the files that come inside the program; `reference`, every key of the files that users write, made from the types that read them; `replay`, an access log as the load of a scenario |
//! | 10 | `report`; `trial`, one user with all that it sends and gets; `doctor`, which looks at this machine; `metrics`, the figures of a run while it goes on |
//! | 11 | `compare`, which holds runs against each other; `live`, an examination without load |
//! | 12 | `history`, the index of all runs; `publish`, which tells CI servers of them |
//! | 13 | `run` |
//! | 14 | `ab`, runs on two versions of a stack in turns; `capacity`, many runs in search of the highest rate that holds; `dossier`, a run as one archive that can be judged again |
//! | 15 | `cli`, the only room that prints or exits |
//!
//! Load comes in two models. In the open one (`*-arrival-rate`) a pure schedule says when iterations begin; in the closed one
//! (`*-users`) users go on when they have their answers, and [goose](https://docs.rs/goose) runs them on the load thread with our
//! journeys, client and recorder inside its transactions. Samples of the two are never counted together.
//!
//! Inside a room, files import each other in one direction too. `tests/quick/layering.rs` holds both against the code.

pub use diapason_engine::{journey, maintenance, nginx, probe, schedule, stack, timer, wire, workload};
pub use diapason_judgement::{
    cause, error, evidence, gzip, openslo, record, secrets, sizing, slo, stats, units, words,
};

pub mod ab;
pub mod capacity;
pub mod cli;
pub mod compare;
pub mod doctor;
pub mod dossier;
pub mod history;
pub mod import;
pub mod init;
pub mod live;
pub mod metrics;
pub mod publish;
pub mod reference;
pub mod replay;
pub mod report;
pub mod run;
pub mod runs;
pub mod scenario;
pub mod shipped;
pub mod trial;
