//! Behaviour of a virtual user: steps with templates, checks and extraction, on an HTTP connection of its own.
//!
//! A journey file is compiled once; one iteration emits one `Sample` for each request and each transaction. Nothing here depends
//! on how load is applied.
//!
//! ```text
//! JourneyFile ─► Scope, Template, Queries ─► Step, Node ─► Journey ┐
//! feeder.csv ─► Feeder ────────────────────────────────────────────┴► Journeys ─► VirtualUser ─► Walker ─► Requester
//!                                                                                  (Pool of) Client ─► Connection (Http1, Http2)
//! ```

mod answer;
mod auth;
mod auth_file;
mod body;
mod buffer_permits;
mod builder;
mod cache;
mod cached;
mod callable;
mod challenge_answer;
mod check;
mod check_file;
mod clean_up;
mod clean_up_file;
mod client;
mod compiled;
mod condition;
mod connection;
mod conversation;
mod cookie_date;
mod decode;
mod digest;
mod entry;
mod error;
mod escape;
mod event_stream;
mod events;
mod excerpt;
mod exchange;
mod expected_message;
mod extract_file;
mod extraction;
mod failure;
mod feeder;
mod feeder_journeys;
mod file;
mod filter;
mod flow;
mod foreign_redirects;
mod headers;
mod html;
mod http1;
mod http2;
mod inputs;
mod jar;
mod journey_id;
mod journey_source;
mod journeys;
mod keep;
mod ledger;
mod lifecycle;
mod link;
mod listing;
mod load;
mod loader;
mod moment;
mod notes;
mod observed;
mod outline;
mod part;
mod pattern;
mod pause;
mod pending_request;
mod placeholder;
mod poll_all;
mod pool;
mod query;
mod redirect;
mod redirected;
mod request_line;
mod requester;
mod rows;
mod scan;
mod scope;
mod separated;
mod series;
mod sessions;
mod set_cookie;
mod siblings;
mod socket;
mod source;
mod step;
mod step_keys;
mod tables;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod think;
mod times;
mod tracer;
mod traffic;
mod user;
mod user_state;
mod variables;
mod walker;
mod written;

pub use auth_file::{AuthFile, CredentialsFile};
pub use check_file::{CheckFile, JsonType};
pub use clean_up::EndTotals;
pub use clean_up_file::CleanUpFile;
pub use compiled::Journey;
pub use error::{FilePosition, JourneyError, KeyError};
pub use escape::Escape;
pub use events::Events;
pub use excerpt::Excerpt;
pub use extract_file::{ExtractFile, Pick};
pub use feeder::Feeder;
pub use feeder_journeys::FeederJourneys;
pub use file::{
    BranchFile, ChoiceFile, EventsFile, GraphqlFile, JourneyFile, OnFailure, PagesFile, PartFile, PollFile, StepFile,
    TurnFile,
};
pub use foreign_redirects::ForeignRedirects;
pub use inputs::{FeederFile, FeederOrder, VariableFile};
pub use jar::{Jar, Site};
pub use journey_id::JourneyId;
pub use journeys::Journeys;
pub use ledger::{Ledger, Write};
pub use lifecycle::{Lifecycle, SetUpResult};
pub use listing::{JourneyKind, JourneyListing, names_in};
pub use observed::{
    Actual, CheckResult, Exchange, ExtractedValue, ObservedAnswer, ObservedStep, Observer, SocketMessage,
};
pub use outline::StepOutline;
pub use pause::{LogNormal, Pause};
pub use scope::Scope;
pub use series::Series;
pub use sessions::Sessions;
pub use target::Target;
pub use template::{MissingValue, Template, Values};
pub use think::Think;
pub use times::Times;
pub use user::VirtualUser;
pub use variables::Variables;
pub use walker::IterationEnd;
pub use written::WrittenJourney;
