//! What Diapason reports against what the server did: each test has a server that writes down the truth.

mod arrivals;
mod exits;
mod limits;
mod run;
mod server;
mod stall;
