//! The Compose backend: brings an isolated copy of a stack up, seeds it and waits until it is ready.

mod adapt;
mod bring_up;
mod cautions;
mod command;
mod condition;
mod configuration;
mod containers;
mod database;
mod displaced;
mod engine;
mod examine;
mod features;
mod found_stack;
mod free_port;
mod health;
mod images;
mod in_use;
mod keys;
mod mounted;
mod mounts;
mod namespace;
mod pare;
mod preload;
mod publisher;
mod refusal;
mod resources;
mod rewrite;
mod rootless;
mod seed;
mod services;
mod start;
mod teardown;
mod to_https;
mod trust;
mod value;
mod verify;
mod wanted;
mod waves;

pub(super) use bring_up::up;
pub use cautions::postgres_major;
pub use configuration::{ReadCompose, read_compose};
pub(super) use engine::{BuiltImage, Engine, SERVICE};
pub use examine::{ComposeExamination, examine, examine_read};
pub(super) use found_stack::find_running;
pub use mounted::mounted_texts;
pub(super) use namespace::{
    ENTRY_PORT, ENTRY_SCHEME, NAMESPACE, OWNER, OWNER_START, STACK, abandoned, is_kept, process_start,
};
pub(super) use teardown::{Guard, remove, scratch_of};
