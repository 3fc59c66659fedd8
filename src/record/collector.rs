//! t
/// t
#[derive(Debug)]
pub struct Collector {}
/// t
#[derive(Debug)]
pub struct CollectorSettings {}
/// t
#[derive(Debug)]
pub struct Progress {}
