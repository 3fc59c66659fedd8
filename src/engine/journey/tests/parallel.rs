//! Requests that a user makes at the same time.

use super::server::{answer, json};
use super::*;

/// A group of that many branches with a request each.
fn dashboard(branches: usize) -> String {
    let mut journey = "[[step]]\nname = 'page'\npath = '/page'\n[[step]]\nname = 'dashboard'\n".to_owned();
    for branch in 0..branches {
        let number = branch.to_string();
        journey.push_str("[[step.parallel]]\n[[step.parallel.step]]\n");
        journey.extend(["name = 'b", &number, "'\npath = '/", &number, "'\n"]);
    }
    journey
}

/// A connection whose answers take so many milliseconds each.
fn connection(answers: &[u64]) -> Vec<Act> {
    let acts = answers
        .iter()
        .flat_map(|millis| [Act::Read, Act::Wait(*millis), json("{}")]);
    acts.collect()
}

fn transaction(played: &Played) -> &SeriesRecord {
    &played.recording.transactions[0]
}

#[test]
fn six_connections_overlap_and_others_wait_for_one() {
    // The connection of the page, and five more.
    let scripts = [vec![connection(&[10, 100, 30])], vec![connection(&[100, 30]); 5]];
    let played = simulate(&dashboard(8), 1, scripts.concat());
    assert_eq!(played.requests.len(), 9);
    for branch in 0..6 {
        assert_all(&played, &format!("j.b{branch}"), Timing::Response, 100_000);
    }
    // Two wait for a connection: they are intended when one is free, which is not the generator's delay.
    for branch in 6..8 {
        assert_all(&played, &format!("j.b{branch}"), Timing::Response, 30_000);
        assert_all(&played, &format!("j.b{branch}"), Timing::SendLag, 0);
    }
    // But a slow dashboard is a slow dashboard.
    let times = transaction(&played).timings.of(Timing::Response);
    assert!(times.equivalent(times.max(), 130_000), "{}", times.max());
    assert_eq!(played.took, [Duration::from_millis(140)]);
}

#[test]
fn the_connections_are_used_again() {
    // No more than three are accepted, and any of them may have the next request.
    let played = simulate(&dashboard(3), 2, vec![connection(&[20; 6]); 3]);
    assert_eq!(played.endings, [IterationEnd::Completed; 2]);
    assert_eq!(played.outcomes("j.b2"), [Outcome::Success; 2]);
}

#[test]
fn a_branch_that_fails_cancels_no_other() {
    let failing = vec![Act::Read, json("{}"), Act::Read, answer(500, "text/plain", "no")];
    let journey = "[[step]]\nname = 'page'\npath = '/'\n[[step]]\nname = 'g'\n\
                   [[step.parallel]]\n[[step.parallel.step]]\nname = 'bad'\npath = '/bad'\non-failure = 'stop'\n\
                   [[step.parallel.step]]\nname = 'never'\npath = '/never'\n\
                   [[step.parallel]]\n[[step.parallel.step]]\nname = 'good'\npath = '/good'\n\
                   [[step.parallel.step]]\nname = 'then'\npath = '/then'\nthink = '5ms'\n\
                   [[step]]\nname = 'after'\npath = '/after'\n";
    // The branches take the connections in their order: the page's is the first's.
    let played = simulate(journey, 1, vec![failing, connection(&[50, 50])]);
    assert_eq!(played.outcomes("j.bad"), [Outcome::ServerError]);
    assert_eq!(played.outcomes("j.then"), [Outcome::Success]);
    assert_eq!(
        played.requests.len(),
        4,
        "neither what follows in the branch nor after the group"
    );
    assert_eq!(played.endings, [IterationEnd::Failed]);
    assert_eq!(transaction(&played).counters.of(Outcome::ServerError), 1);
}

#[test]
fn draws_do_not_depend_on_who_is_first() {
    let journey = |waits: [&str; 2]| {
        let branch = |name: &str, wait: &str| {
            format!(
                "[[step.parallel]]\n[[step.parallel.step]]\nname = '{name}'\nthink = '{wait}'\n\
                 path = '/{name}/{{{{random 1 1000000000}}}}'\n"
            )
        };
        let group = "[[step]]\nname = 'page'\npath = '/'\n[[step]]\nname = 'g'\n";
        [group, &branch("a", waits[0]), &branch("b", waits[1])].concat()
    };
    let asked = |waits| {
        let played = simulate(&journey(waits), 1, vec![connection(&[1, 1, 1]), connection(&[1, 1])]);
        let mut requests = played.requests;
        for request in &mut requests {
            request.truncate(request.find(" HTTP").unwrap());
        }
        requests.sort();
        requests
    };
    assert_eq!(asked(["1ms", "9ms"]), asked(["9ms", "1ms"]));
}

#[test]
fn what_branches_extract_is_known_after_them_and_not_beside_them() {
    let journey = "[[step]]\nname = 'g'\n[[step.parallel]]\n[[step.parallel.step]]\nname = 'a'\npath = '/a'\n\
                   extract = { id = '$.id' }\n[[step.parallel]]\n[[step.parallel.step]]\nname = 'b'\npath = '/b'\n\
                   KEYS\n[[step]]\nname = 'c'\npath = '/c/{{id}}'\n";
    assert!(journeys(&[("j", &journey.replace("KEYS", ""))]).is_ok());
    for (keys, cause) in [
        ("body = '{{id}}'", "names nothing known here"),
        ("extract = { id = '$.id' }", "`id` is known outside of this branch"),
        ("if = [{ status = 200 }]\nexpected = 1", "there is no answer before it"),
        ("repeat = 2\nfor-each = 'x'", "a step has `repeat` or `for-each`"),
    ] {
        let error = journeys(&[("j", &journey.replace("KEYS", keys))]).unwrap_err();
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert!(told.contains(cause), "{told}");
        assert!(error.to_string().contains('^'), "{error}");
    }
    let nested = "[[step]]\nname = 'g'\n[[step.parallel]]\n[[step.parallel.step]]\nname = 'h'\n\
                  [[step.parallel.step.parallel]]\nstep = [{ name = 'a', path = '/' }]\n";
    let error = journeys(&[("j", nested)]).unwrap_err();
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("has no parallel group in it"), "{told}");
}
