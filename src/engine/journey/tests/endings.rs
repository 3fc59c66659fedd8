//! Removal of what a journey creates, set-ups, tear-downs and log-outs.

use super::server::{answer, json};
use super::*;
use crate::evidence::RequestEventKind;

const CREATES: &str = r#"
session = "login"
headers = { authorization = "Bearer {{token}}" }
[[step]]
name = "create"
method = "POST"
path = "/tasks"
json = {}
extract = { id = "$.id" }
cleanup = { path = "/tasks/{{id}}" }
[[step]]
name = "look"
path = "/tasks/{{id}}"
"#;

const MANAGER: &str = "[[step]]\nname = 'post'\nmethod = 'POST'\npath = '/manager'\nextract = { token = '$.token' }\n";

const LOG_OUT: &str = "[[step]]\nname = 'post'\nmethod = 'POST'\npath = '/logout/{{token}}'\n";

/// Runs a user over the journeys: `iterations` of `name`, then its end. Returns the totals of the end.
async fn ended(
    journeys: &Arc<Journeys>,
    name: &str,
    iterations: usize,
    target: &Rc<Target>,
) -> (Vec<IterationEnd>, EndTotals, bool) {
    let (_folder, collector, recorder) = recording(journeys);
    let recorder = RefCell::new(recorder);
    let phase = PhaseRecorder::new(&recorder, 0);
    let mut user = VirtualUser::new(1, 7, journeys, target);
    let mut endings = vec![user.log_in(timer::now(), &phase).await];
    for _ in 0..iterations {
        endings.push(user.iterate(journeys.get(name).unwrap(), timer::now(), &phase).await);
    }
    let mut ended = user.remove_created(&phase).await;
    ended.add(user.log_out(&phase).await);
    let stays = user.is_logged_in();
    drop(recorder);
    collector.join().unwrap();
    (endings, ended, stays)
}

fn counted(begun: u64, succeeded: u64) -> EndTotals {
    EndTotals {
        begun,
        succeeded,
        left: 0,
    }
}

fn first_lines(seen: &server::Seen) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let lines = seen.iter().filter_map(|request| request.split(" HTTP").next());
    lines.map(str::to_owned).collect()
}

#[test]
fn what_was_created_is_removed_the_latest_first_and_the_user_logs_out() {
    simulated::simulate(async {
        let session = format!("log-out = 'logout'\n{SESSION}");
        let files = [("login", session.as_str()), ("logout", LOG_OUT), ("tasks", CREATES)];
        let journeys = Arc::new(journeys(&files).unwrap());
        let script = [
            vec![Act::Read, json(r#"{"token": "t1"}"#)],
            vec![Act::Read, json(r#"{"id": 1}"#), Act::Read, json("{}")],
            vec![Act::Read, json(r#"{"id": 2}"#), Act::Read, json("{}")],
            // The answer names nothing: nothing is there to be removed.
            vec![Act::Read, json("{}")],
            // The second is gone already once the limiter lets it through, and the first cannot be removed.
            vec![Act::Read, answer(429, "text/plain", "")],
            vec![Act::Read, answer(404, "text/plain", "")],
            vec![Act::Read, answer(409, "text/plain", "in use")],
            vec![Act::Read, json("{}")],
        ];
        let (address, seen) = serve_in_memory(vec![script.concat()]);
        let target = target(address);
        let (endings, ended, stays) = ended(&journeys, "tasks", 3, &target).await;
        assert_eq!(
            endings[1..],
            [IterationEnd::Completed, IterationEnd::Completed, IterationEnd::Failed]
        );
        assert_eq!(
            first_lines(&seen)[6..],
            [
                "DELETE /tasks/2",
                "DELETE /tasks/2",
                "DELETE /tasks/1",
                "POST /logout/t1"
            ]
        );
        assert!(seen.lock().unwrap()[6].contains("authorization: Bearer t1\r\n"));
        assert_eq!(ended, counted(3, 2));
        assert!(!stays, "who has logged out has no session");
        let left = target.events.counts(journeys.series());
        assert_eq!(left.len(), 1);
        assert_eq!(
            (left[0].kind, left[0].series.as_str(), left[0].count),
            (RequestEventKind::NotRemoved, "tasks.create.cleanup", 1)
        );
    });
}

#[test]
fn a_removal_logs_in_anew_where_the_session_is_lost() {
    simulated::simulate(async {
        let creates = format!("on-status = {{ 401 = 'login' }}\n{CREATES}");
        let journeys = Arc::new(journeys(&[("login", SESSION), ("tasks", &creates)]).unwrap());
        let script = [
            vec![Act::Read, json(r#"{"token": "t1"}"#)],
            vec![Act::Read, json(r#"{"id": 1}"#), Act::Read, json("{}")],
            vec![Act::Read, answer(401, "text/plain", "")],
            vec![Act::Read, json(r#"{"token": "t2"}"#), Act::Read, json("{}")],
        ];
        let (address, seen) = serve_in_memory(vec![script.concat()]);
        let (_, ended, stays) = ended(&journeys, "tasks", 1, &target(address)).await;
        assert_eq!(ended, counted(1, 1));
        let last = seen.lock().unwrap().last().unwrap().clone();
        assert!(
            last.starts_with("DELETE /tasks/1 ") && last.contains("Bearer t2"),
            "{last}"
        );
        assert!(stays);
    });
}

#[test]
fn another_role_removes_what_the_users_own_may_not() {
    simulated::simulate(async {
        let creates = CREATES.replace("{{id}}\" }", "{{id}}\", session = 'manager' }");
        let files = [("login", SESSION), ("manager", MANAGER), ("tasks", creates.as_str())];
        let journeys = Arc::new(around(&files, &Lifecycle::default(), "tasks").unwrap());
        let script = [
            vec![Act::Read, json(r#"{"token": "t1"}"#)],
            vec![Act::Read, json(r#"{"id": 1}"#), Act::Read, json("{}")],
            vec![Act::Read, json(r#"{"id": 2}"#), Act::Read, json("{}")],
            vec![Act::Read, json(r#"{"token": "m1"}"#)],
            vec![Act::Read, json("{}"), Act::Read, json("{}")],
        ];
        let (address, seen) = serve_in_memory(vec![script.concat()]);
        let (_, ended, _) = ended(&journeys, "tasks", 2, &target(address)).await;
        assert_eq!(ended, counted(2, 2));
        // Nobody logs in by a session that only removals need before something is removed.
        assert_eq!(
            first_lines(&seen),
            [
                "POST /login",
                "POST /tasks",
                "GET /tasks/1",
                "POST /tasks",
                "GET /tasks/2",
                "POST /manager",
                "DELETE /tasks/2",
                "DELETE /tasks/1"
            ]
        );
        let seen = seen.lock().unwrap();
        assert!(seen[4].contains("authorization: Bearer t1\r\n"));
        assert!(
            seen[6..]
                .iter()
                .all(|request| request.contains("authorization: Bearer m1\r\n"))
        );
    });
}

/// Journeys with set-ups of the run and of users.
fn around(files: &[(&str, &str)], occasions: &Lifecycle, mix: &str) -> Result<Journeys, JourneyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.csv"), "login,password\nanna,a\nbert,b\n").unwrap();
    for (name, text) in files {
        let text = format!("name = '{name}'\ndescription = 'd'\n{text}");
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    }
    Journeys::load_around(folder.path(), &[mix.to_owned()], occasions, &Variables::default())
}

const SEED: &str = "[[step]]\nname = 'create'\nmethod = 'POST'\npath = '/teams'\nextract = { team = '$.id' }\n\
                    cleanup = { path = '/teams/{{team}}' }\n";

#[test]
fn values_of_a_set_up_are_those_of_every_user() {
    simulated::simulate(async {
        let occasions = Lifecycle {
            setup: Some("seed".to_owned()),
            user_setup: Some("profile".to_owned()),
            ..Lifecycle::default()
        };
        let profile = "[[step]]\nname = 'put'\npath = '/profile/{{team}}'\nextract = { own = '$.own' }\n";
        let walk = "[[step]]\nname = 's'\npath = '/teams/{{team}}/{{own}}'\n";
        let files = [("seed", SEED), ("profile", profile), ("walk", walk)];
        let journeys = Arc::new(around(&files, &occasions, "walk").unwrap());
        assert!(journeys.have_end());
        let (address, seen) = serve_in_memory(vec![
            vec![Act::Read, json(r#"{"id": 7}"#)],
            [
                vec![Act::Read, json(r#"{"own": "o"}"#)],
                vec![Act::Read, json("{}"), Act::Read, json("{}")],
                vec![Act::Read, json("{}")],
            ]
            .concat(),
        ]);
        let target = target(address);
        let (_folder, collector, recorder) = recording(&journeys);
        let recorder = RefCell::new(recorder);
        let phase = PhaseRecorder::new(&recorder, 0);
        let before = journeys.get("seed").unwrap();
        let given = {
            let mut first = VirtualUser::new(0, 7, &journeys, &target);
            assert_eq!(
                first.set_up(before, timer::now(), &phase).await,
                IterationEnd::Completed
            );
            first.take_set_up(before)
        };
        assert!(!given.is_empty());
        let mut user = VirtualUser::new(3, 7, &journeys, &target);
        user.take(&given, true);
        assert_eq!(user.log_in(timer::now(), &phase).await, IterationEnd::Completed);
        for _ in 0..2 {
            user.iterate(journeys.get("walk").unwrap(), timer::now(), &phase).await;
        }
        assert_eq!(user.remove_created(&phase).await, counted(1, 1));
        drop(user);
        drop(recorder);
        collector.join().unwrap();
        assert_eq!(
            first_lines(&seen),
            [
                "POST /teams",
                "GET /profile/7",
                "GET /teams/7/o",
                "GET /teams/7/o",
                "DELETE /teams/7"
            ]
        );
    });
}

#[test]
fn every_step_of_a_set_up_has_to_succeed() {
    simulated::simulate(async {
        let occasions = Lifecycle {
            user_setup: Some("profile".to_owned()),
            ..Lifecycle::default()
        };
        let profile = "[[step]]\nname = 'put'\npath = '/profile'\n[[step]]\nname = 'more'\npath = '/more'\n";
        let files = [("profile", profile), ("walk", GET)];
        let journeys = Arc::new(around(&files, &occasions, "walk").unwrap());
        // The journey goes on after its first step, which did not succeed.
        let script = vec![Act::Read, answer(409, "text/plain", "no"), Act::Read, json("{}")];
        let (address, seen) = serve_in_memory(vec![script]);
        let (endings, _, _) = ended(&journeys, "walk", 0, &target(address)).await;
        assert_eq!(endings, [IterationEnd::Failed]);
        assert_eq!(first_lines(&seen), ["GET /profile", "GET /more"]);
    });
}

#[test]
fn what_cannot_be_an_ending_is_refused_with_its_key() {
    let told = |files: &[(&str, &str)], occasions: &Lifecycle| {
        let error = around(files, occasions, "walk").map(drop).unwrap_err();
        let causes: Vec<String> = crate::error::chain(&error).map(ToString::to_string).collect();
        causes.join(": ")
    };
    let none = Lifecycle::default();
    let own = format!("session = 'login'\nlog-out = 'bye'\n{GET}");
    assert!(
        told(&[("login", SESSION), ("walk", &own)], &none)
            .contains("`log-out` belongs to the journey that logs users in")
    );
    let session = format!("log-out = 'bye'\n{SESSION}");
    let walk = format!("session = 'login'\n{GET}");
    let unknown = told(&[("login", &session), ("walk", &walk)], &none);
    assert!(unknown.contains("log-out") && unknown.contains("bye"), "{unknown}");
    let cleanup = format!("{GET}cleanup = {{ path = '/x/{{{{nothing}}}}' }}\n");
    let missing = told(&[("walk", &cleanup)], &none);
    assert!(
        missing.contains("cleanup.path") && missing.contains("`{{nothing}}` names nothing known here"),
        "{missing}"
    );
    let cleanup = format!("{GET}cleanup = {{ path = '/x', session = 'managr' }}\n");
    let unknown = told(&[("walk", &cleanup), ("manager", MANAGER)], &none);
    assert!(
        unknown.contains("cleanup.session") && unknown.contains("`managr`"),
        "{unknown}"
    );
    let own = format!("session = 'login'\n{GET}");
    let removing = format!("{SESSION}cleanup = {{ path = '/x', session = 'manager' }}\n");
    let nested = told(&[("login", &removing), ("manager", MANAGER), ("walk", &own)], &none);
    assert!(nested.contains("with its own session"), "{nested}");
    let both = Lifecycle {
        setup: Some("walk".to_owned()),
        ..Lifecycle::default()
    };
    assert!(told(&[("walk", GET)], &both).contains("cannot be in the mix as well"));
}

#[test]
fn a_session_that_only_the_set_up_needs_is_not_everyones() {
    let occasions = Lifecycle {
        setup: Some("seed".to_owned()),
        ..Lifecycle::default()
    };
    let seed = format!("session = 'admin'\n{SEED}");
    let walk = format!("session = 'login'\n{GET}");
    let files = [("admin", SESSION), ("login", SESSION), ("seed", &seed), ("walk", &walk)];
    let journeys = around(&files, &occasions, "walk").unwrap();
    let everyones: Vec<(&str, bool)> = (0..)
        .zip(journeys.sessions())
        .map(|(index, session)| (session.name(), journeys.is_everyones(index)))
        .collect();
    assert_eq!(everyones, [("admin", false), ("login", true)]);
}
