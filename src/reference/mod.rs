//! Reference of the files that users write: every key with type, default and meaning, made from the types that read them.

mod page;
mod schema;

pub use schema::FileKind;
