//! One integration binary: what can be said of the whole program from outside.

mod cli;
mod layering;
mod stack;
