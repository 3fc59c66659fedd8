//! A server that freezes for 1 s in every 5 s: what a closed-loop generator reports as a p90 of 2 ms is 500 ms.

use std::time::Duration;

use super::run::Scenario;
use super::server::{Behaviour, Server};

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
    let server = Server::start(Behaviour {
        freeze: Duration::from_secs(1),
        period: Duration::from_secs(5),
        ..Behaviour::default()
    });
    let run = Scenario {
        users: 1_500,
        phase: "duration = \"10s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"1000/s\" }".to_owned(),
    }
    .run(&server);
    assert_eq!(run.total("started"), 10_000, "{}", run.output);
    let waits = truth(&server);
    assert_eq!(waits.len(), 10_000);
    for (statistic, quantile, analytic) in [("p90", 0.9, 500.0), ("p99", 0.99, 950.0), ("max", 1.0, 1_000.0)] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let seen = waits[(quantile * waits.len() as f64).ceil() as usize - 1];
        let reported = run.response(statistic);
        // What the server saw, and what arithmetic says: 80 % are answered at once, the rest wait evenly between 0 and 1 s.
        assert!(
            (reported / seen - 1.0).abs() < 0.10,
            "{statistic}: reported {reported} ms, the server saw {seen} ms"
        );
        assert!(
            (reported / analytic - 1.0).abs() < 0.20,
            "{statistic}: reported {reported} ms for {analytic} ms"
        );
    }
    assert!(
        run.response("p50") < 20.0,
        "the median is not in a freeze: {}",
        run.response("p50")
    );
}
