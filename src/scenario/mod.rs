//! The scenario file: the load and the objectives. Read, cross-checked and turned into a `Plan`.

mod capacity;
mod check;
mod error;
mod event_check;
mod events;
mod expectation;
mod feeding;
mod file;
mod ground;
mod layout;
mod nearest;
mod options;
mod overrides;
mod plan;
mod replay;
mod settings;
mod summary;
mod turns;

pub use capacity::{StepPlans, StepSize};
pub use error::ScenarioError;
pub use expectation::EvidenceExpectation;
pub use feeding::FeederUse;
pub use file::{LOG_IN_PHASE, Phase, Scenario};
pub use ground::Ground;
pub use nearest::nearest;
pub use options::PlanOptions;
pub use overrides::effective_scenario;
pub use plan::Plan;
pub use replay::ReplayLoad;
pub use settings::CapacitySettings;
pub use summary::PlanSummary;
pub use turns::TurnPlans;
