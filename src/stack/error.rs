//! Why a stack could not be brought up.

use crate::error::Hint;

/// A stack that could not be brought up, examined or torn down.
#[derive(Debug, thiserror::Error)]
pub enum StackError {}

impl Hint for StackError {}
