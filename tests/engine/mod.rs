//! Tests that bring containers up.

mod blame;
mod containers;
mod database;
mod isolation;
mod live;
mod own;
mod proxy;
mod stack;
