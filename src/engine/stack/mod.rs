//! The system under test: brought up in a namespace of its own, or attached to; torn down on every exit path.

mod answers;
mod attached;
mod awaited;
mod causes;
mod caution;
mod compose;
mod endpoints;
mod error;
mod file;
mod guard;
mod inspect;
mod isolation;
mod kept_stack;
mod lack;
mod leftovers;
mod listing;
mod paths;
mod production;
mod progress_sender;
mod proxy;
mod reach;
mod ready;
mod running;
mod sizes;
mod steps;
mod wait_lines;

pub use answers::Answers;
pub use awaited::Awaited;
pub use caution::Caution;
pub use compose::{
    ComposeExamination, Gaps, ReadCompose, RequiredVariable, examine, examine_read, mounted_texts, postgres_major,
    publisher, read_compose, sharing,
};
pub use endpoints::{ClientAddresses, ContainerEndpoint, DatabaseEndpoint, Endpoints, LimiterAnswer};
pub use error::StackError;
pub use file::{
    AddressPolicy, AttachSettings, ClientAddressSettings, ComposeSettings, DatabaseSettings, EntrySettings,
    ServiceSettings, StackFile, StackSettings,
};
pub use guard::check_host;
pub use inspect::{ContainerState, DeclaredService, EngineHost, Inspector, PublishedPort};
pub use isolation::IsolationSettings;
pub use kept_stack::KeptStack;
pub use lack::{Lack, LackKind, Place};
pub use leftovers::{BROWSER_PROFILE, KEPT_PROJECTS, Leftovers, ProjectImages, PruneSummary, leftovers, prune};
pub use listing::{ListedStack, list_running, remove, remove_idle};
pub use paths::relative;
pub use production::{BackupSettings, ProductionSettings, RefusedRequest, ServiceLimits, TierSettings};
pub use progress_sender::ProgressSender;
pub use proxy::{ApplicationLogSettings, ProxySettings};
pub use reach::{ComposePart, OutsideResource, PathContents, Refusal};
pub use ready::ReadyRequest;
pub use running::{RunningStack, find_running, up};
pub use sizes::{LimitSettings, Machine, ProfileSettings};
pub use steps::{
    Condition, ExecSettings, Readiness, RunSettings, SeedSettings, ServiceState, SqlSettings, VerifySettings,
};
