//! Headings, columns and notes of the page, by section.

mod appendix;
mod attribution;
mod database;
mod earlier;
pub(in crate::report) mod examination;
mod first_screen;
mod frame;
mod objectives;
mod pages;
mod requests;
mod throughput;
mod tiers;
mod time;
mod validity;

pub(in crate::report) use appendix::*;
pub(in crate::report) use attribution::*;
pub(in crate::report) use database::*;
pub(in crate::report) use earlier::*;
pub(in crate::report) use first_screen::*;
pub(in crate::report) use frame::*;
pub(in crate::report) use objectives::*;
pub(in crate::report) use pages::*;
pub(in crate::report) use requests::*;
pub(in crate::report) use throughput::*;
pub(in crate::report) use tiers::*;
pub(in crate::report) use time::*;
pub(in crate::report) use validity::*;
