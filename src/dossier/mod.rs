//! A run as one archive that can be judged again: its files, a manifest with the SHA-256 of each, and the answer that
//! judging them gave.
//!
//! ```text
//! run folder ─► (redaction) ─► manifest ─► NAME.dossier.tar.gz ─► hashes hold? ─► judged again: the same answer?
//! ```

mod answer;
mod archive;
mod error;
mod manifest;
mod pack;
mod redaction;
mod verify;

pub use answer::{JudgedAnswer, ObjectiveAnswer};
pub use error::DossierError;
pub use manifest::{Manifest, PackedFile};
pub use pack::{PackOptions, PackedDossier, pack};
pub use verify::{Fault, VerifiedDossier, verify};
