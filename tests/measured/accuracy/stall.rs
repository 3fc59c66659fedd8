//! A server that freezes for 1 s in 5 s: what a closed-loop generator reports as a p90 of 2 ms is 500 ms.

use std::time::Duration;

use super::run::{Run, Scenario};
use super::server::{Behaviour, Server};
use crate::repetition::repeated;

const RATE: f64 = 1_000.0;

/// The waits of the schedule's arrivals as the server saw them, in milliseconds, ascending. The schedule is laid on the
/// server's clock where no request is early.
fn truth(server: &Server) -> Vec<f64> {
    let requests = server.served();
    let begin = requests[0].read;
    let due = |index: usize| index as f64 / RATE;
    let early = |(index, served): (usize, &super::server::Served)| (served.read - begin).as_secs_f64() - due(index);
    let zero = requests.iter().enumerate().map(early).fold(f64::INFINITY, f64::min);
    let mut waits: Vec<f64> = requests
        .iter()
        .enumerate()
        .map(|(index, served)| ((served.answered - begin).as_secs_f64() - zero - due(index)) * 1e3)
        .collect();
    waits.sort_by(f64::total_cmp);
    waits
}

#[test]
fn a_freeze_is_reported_as_the_users_would_have_felt_it() {
    let _alone = crate::alone();
    repeated(|| {
        let server = Server::start(Behaviour {
            freeze: Duration::from_secs(1),
            period: Duration::from_secs(5),
            ..Behaviour::default()
        });
        let run = Scenario {
            users: 1_500,
            phase: "duration = \"5s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"1000/s\" }"
                .to_owned(),
        }
        .run(&server);
        is_felt(&run, &server)
    });
}

fn is_felt(run: &Run, server: &Server) -> Result<(), String> {
    let (started, waits) = (run.total("started"), truth(server));
    if started != 5_000 || waits.len() != 5_000 {
        return Err(format!("{started} started, {} seen", waits.len()));
    }
    for (statistic, quantile, analytic) in [("p90", 0.9, 500.0), ("p99", 0.99, 950.0), ("max", 1.0, 1_000.0)] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let seen = waits[(quantile * waits.len() as f64).ceil() as usize - 1];
        let reported = run.response(statistic);
        // What the server saw, and what arithmetic says: 80 % are answered at once, the rest wait evenly between 0 and 1 s.
        if (reported / seen - 1.0).abs() > 0.10 {
            return Err(format!("{statistic}: reported {reported} ms, the server saw {seen} ms"));
        }
        if (reported / analytic - 1.0).abs() > 0.20 {
            return Err(format!("{statistic}: reported {reported} ms for {analytic} ms"));
        }
    }
    // The median is not in a freeze.
    let (seen, reported) = (waits[waits.len() / 2], run.response("p50"));
    if reported > seen + 10.0 {
        return Err(format!("p50: reported {reported} ms, the server saw {seen} ms"));
    }
    Ok(())
}
