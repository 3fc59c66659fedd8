//! Selects the old runs to remove.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::HistoryEntry;
use crate::compare::BASELINES;
use crate::runs::RunFolder;

/// A run to remove, and its folder if that is removed too.
#[derive(Debug, Clone)]
pub struct Pruning {
    /// The run.
    pub entry: HistoryEntry,
    /// Its folder, if it still exists, lies in the folder of runs and holds a run.
    pub folder: Option<PathBuf>,
}

/// Runs that began before `before`, oldest first. The newest `keep` runs of each scenario stay, whatever their age. A
/// folder is removed only if it lies directly in `out`, is no link, and holds a run; baselines are never removed.
pub fn prunable(entries: Vec<HistoryEntry>, before: Timestamp, keep: usize, out: &Path) -> Vec<Pruning> {
    let mut newer: HashMap<String, usize> = HashMap::new();
    let mut going: Vec<Pruning> = entries
        .into_iter()
        // Newest first, since the newest of each scenario are the ones that are kept.
        .rev()
        .filter(|entry| {
            let count = newer.entry(entry.scenario.clone()).or_default();
            *count += 1;
            *count > keep && entry.started < before
        })
        .map(|entry| Pruning {
            folder: folder(&entry, out),
            entry,
        })
        .collect();
    going.reverse();
    going
}

fn folder(entry: &HistoryEntry, out: &Path) -> Option<PathBuf> {
    // Only the name is used: the path may be from another machine, or from another working directory.
    let name = Path::new(entry.name()).file_name()?;
    let path = out.join(name);
    let own = name != BASELINES && !path.is_symlink() && RunFolder::open(&path).is_ok();
    own.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::entry;
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Runs of the first days of March, oldest first: the gate's on every day, the soak's on each second.
    fn entries() -> Vec<HistoryEntry> {
        (1..=6)
            .flat_map(|day| {
                let started = format!("2026-03-0{day}T08:00:00Z");
                let gate = entry(&format!("gate-{day}"), &started);
                let soak = HistoryEntry {
                    scenario: "soak".to_owned(),
                    ..entry(&format!("soak-{day}"), &started)
                };
                if day % 2 == 0 { vec![gate, soak] } else { vec![gate] }
            })
            .collect()
    }

    fn gone(before: &str, keep: usize) -> Vec<String> {
        let going = prunable(entries(), moment(before), keep, Path::new("/no/runs"));
        assert!(going.iter().all(|pruning| pruning.folder.is_none()));
        going.iter().map(|pruning| pruning.entry.name().to_owned()).collect()
    }

    #[test]
    fn runs_go_by_age_and_the_newest_of_each_scenario_stay_whatever_theirs() {
        for (before, keep, expected) in [
            // A run that began exactly at that time stays.
            ("2026-03-02T08:00:00Z", 0, &["gate-1"][..]),
            ("2026-03-02T08:00:01Z", 0, &["gate-1", "gate-2", "soak-2"]),
            ("2026-03-01T08:00:00Z", 0, &[]),
            // Four of six gates are older than the newest two, one of three soaks.
            (
                "2027-01-01T00:00:00Z",
                2,
                &["gate-1", "gate-2", "soak-2", "gate-3", "gate-4"],
            ),
            ("2026-03-03T00:00:00Z", 2, &["gate-1", "gate-2", "soak-2"]),
            ("2026-03-03T00:00:00Z", 3, &["gate-1", "gate-2"]),
            ("2027-01-01T00:00:00Z", 5, &["gate-1"]),
            ("2027-01-01T00:00:00Z", 6, &[]),
        ] {
            assert_eq!(gone(before, keep), expected, "before {before}, keep {keep}");
        }
    }

    #[test]
    fn a_folder_goes_only_where_it_is_a_run_of_that_folder_of_runs() {
        let base = tempfile::tempdir().unwrap();
        let out = base.path().join("reports");
        let run = |path: &Path| {
            std::fs::create_dir_all(path.join("evidence")).unwrap();
            std::fs::write(path.join("plan.json"), "{}").unwrap();
        };
        for name in ["own", "moved", BASELINES] {
            run(&out.join(name));
        }
        run(&base.path().join("outside"));
        std::fs::create_dir_all(out.join("notes")).unwrap();
        std::os::unix::fs::symlink("own", out.join("link")).unwrap();
        for (folder, expected) in [
            ("reports/own", Some("own")),
            // The path may be from another machine, or from another working directory.
            ("/elsewhere/reports/moved", Some("moved")),
            ("reports/link", None),
            ("reports/notes", None),
            ("reports/gone", None),
            ("reports/baselines", None),
            ("../outside", None),
            ("..", None),
            ("", None),
        ] {
            let entry = HistoryEntry {
                folder: folder.to_owned(),
                ..entry("run", "2026-03-01T08:00:00Z")
            };
            let going = prunable(vec![entry], moment("2027-01-01T00:00:00Z"), 0, &out);
            assert_eq!(going[0].folder, expected.map(|name| out.join(name)), "{folder}");
        }
    }
}
