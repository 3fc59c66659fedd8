//! Settings read from a scenario file.

use super::*;
use crate::evidence::PlannedLoad;
use crate::words::en;

#[test]
fn settings_are_read_as_they_are_written() {
    let text = "executor = 'constant-users'\nusers = 50\nhatch-every = '20ms'\nthink = '1s..3s'";
    let constant = workload(text);
    let described = |workload: &Workload| en::load(&PlannedLoad::Whole(workload.planned()));
    assert_eq!(
        described(&constant),
        "constant-users 50, one every 20ms, thinking 1s..3s"
    );
    assert_eq!(constant.length(), None);
    assert_eq!(constant.hatching(), Duration::from_millis(980));
    let ramping = workload("executor = 'ramping-users'\nstages = [{ to = 50, over = '30s' }, { to = 0, over = '1m' }]");
    assert_eq!(described(&ramping), "ramping-users to 50 in 30s, to 0 in 1m");
    assert_eq!(ramping.length(), Some(Span::from_millis(90_000)));
    assert_eq!(ramping.crowd(Duration::ZERO).map(|crowd| crowd.users()), Some(50));
    assert_eq!(ramping.arrivals(Duration::from_secs(90), 1).count(), 0);
    for wrong in [
        "executor = 'constant-users'\nusers = 0",
        "executor = 'constant-users'\nusers = 5\nrate = '5/s'",
        "executor = 'ramping-users'\nstages = [{ over = '30s', target = 50 }]",
    ] {
        assert!(toml::from_str::<Workload>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_executor_is_listed() {
    let listed: Vec<&str> = EXECUTORS.iter().map(|(name, _)| *name).collect();
    for text in [
        "executor = 'constant-arrival-rate'\nrate = '1/s'",
        "executor = 'ramping-arrival-rate'\nfrom = '1/s'\nstages = []",
        "executor = 'stepped-arrival-rate'\nfrom = '1/s'\nto = '2/s'\nsteps = 2",
        "executor = 'constant-users'\nusers = 1",
        "executor = 'ramping-users'\nstages = []",
    ] {
        let executor = workload(text).planned();
        assert!(listed.contains(&executor.name()), "{executor:?}");
    }
    assert_eq!(listed.len(), 5);
}
