//! Tests against the kernel's own files, on processes of known use in control groups made for them. If this user cannot
//! make control groups, these tests pass without a check; `tests/engine/containers.rs` covers real containers.
//! `ci/cgroup-v2` runs these tests under version 2 on machines that have version 1. It sets `DIAPASON_KNOWN_USE`, with
//! which a skipped check fails.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::cgroup::Folders;
use super::counters::Counters;

/// A control group of each controller, below this process's own group.
struct Group {
    /// Folders by controller; the unified hierarchy has the empty name.
    folders: Vec<(String, PathBuf)>,
    unified: bool,
}

impl Group {
    fn make(name: &str) -> Option<Self> {
        let own = Folders::find(std::process::id().into())?;
        let unified = own.name() == "cgroup v2";
        let parents = own
            .folders()
            .filter(|(controller, _)| unified || !controller.is_empty());
        let mut group = Self {
            folders: Vec::new(),
            unified,
        };
        for (controller, parent) in parents {
            if unified {
                fs::write(parent.join("cgroup.subtree_control"), "+cpu +memory +io").ok()?;
            }
            let folder = parent.join(format!("diapason-{name}-{}", std::process::id()));
            fs::create_dir(&folder).ok()?;
            group.folders.push((controller.to_owned(), folder));
        }
        Some(group)
    }

    /// A group of the unified hierarchy alone: version 2, which may exist beside version 1.
    fn of_version_2(name: &str) -> Option<Self> {
        let own = Folders::find(std::process::id().into())?.unified()?;
        let (controller, parent) = own.folders().next()?;
        let folder = parent.join(format!("diapason-{name}-{}", std::process::id()));
        fs::create_dir(&folder).ok()?;
        Some(Self {
            folders: vec![(controller.to_owned(), folder)],
            unified: true,
        })
    }

    /// Writes a limit to the file of the group's version.
    fn limit(&self, (controller, first, value): (&str, &str, &str), (second, other): (&str, &str)) {
        let folder = |of: &str| &self.folders.iter().find(|(name, _)| name == of).unwrap().1;
        let (path, value) = if self.unified {
            (folder("").join(second), other)
        } else {
            (folder(controller).join(first), value)
        };
        fs::write(&path, value).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Starts a script in the group, and reads its output up to the ready line.
    fn start(&self, script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
        let enter = self.folders.iter().fold(String::new(), |all, (_, folder)| {
            format!("{all}echo $$ > {}/cgroup.procs; ", folder.display())
        });
        let mut child = Command::new("sh")
            .args(["-c", &format!("{enter}echo inside; {script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "inside\n");
        (child, said)
    }

    /// Counters and output of that script. The script waits for the end of its input before it begins and before it ends.
    fn run(&self, script: &str) -> (Counters, String) {
        let (mut child, mut said) = self.start(&format!("read _; {script}"));
        let folders = Folders::find(child.id().into()).unwrap();
        let folders = if self.unified {
            folders.unified().unwrap()
        } else {
            folders
        };
        let before = folders.read().unwrap();
        drop(child.stdin.take());
        let mut text = String::new();
        said.read_to_string(&mut text).unwrap();
        child.wait().unwrap();
        (folders.read().unwrap().since(&before).unwrap(), text)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for (_, folder) in &self.folders {
            // A failure to remove the group is ignored.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Skips the check. On a machine set up for these tests (`DIAPASON_KNOWN_USE`), skipping is a failure.
#[track_caller]
fn excused() {
    assert!(
        std::env::var_os("DIAPASON_KNOWN_USE").is_none(),
        "no control group could be made, no file written past the page cache, or no pressure was told"
    );
}

/// A script that keeps a processor busy for that long, and prints the CPU times of the shell and its children before and after.
fn burn(seconds: f64) -> String {
    format!("times; timeout {seconds} sh -c 'while :; do :; done'; times")
}

/// CPU seconds between two outputs of `times`, each of two lines such as `0m0.742s 0m0.010s`: the shell's, its children's.
fn had(times: &str) -> f64 {
    let words: Vec<&str> = times.split_whitespace().collect();
    let one = |word: &&str| -> f64 {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    let (before, after) = words.split_at(4);
    after.iter().map(one).sum::<f64>() - before.iter().map(one).sum::<f64>()
}

#[test]
fn processor_time_and_throttling_are_what_they_were() {
    let Some(group) = Group::make("burner") else {
        return excused();
    };
    group.limit(("cpu", "cpu.cfs_quota_us", "25000"), ("cpu.max", "25000 100000"));
    let (counted, times) = group.run(&burn(4.0));
    let (used, had) = (counted.cpu_nanos as f64 / 1e9, had(&times));
    assert!(
        had > 0.5 && (used - had).abs() < 0.05 * had,
        "{used} s told, {had} s had"
    );
    // The script always wants to run and may for a quarter of each period, less than it gets on a busy machine. A
    // kernel counts a period after its end.
    let share = counted.throttled_periods as f64 / counted.periods as f64;
    assert!(counted.periods >= 15 && share > 0.8, "{counted:?}");
    assert!(counted.throttled_nanos > 500_000_000, "{counted:?}");
    // A throttled script waits for a processor.
    let Some([cpu, ..]) = counted.stalled else {
        return excused();
    };
    assert!((750_000..5_000_000).contains(&cpu), "{counted:?}");
}

#[test]
fn version_2_counts_the_same_processor_time() {
    let Some(group) = Group::of_version_2("unified") else {
        return excused();
    };
    let (counted, times) = group.run(&burn(2.0));
    let (used, had) = (counted.cpu_nanos as f64 / 1e9, had(&times));
    assert!(
        had > 0.5 && (used - had).abs() < 0.05 * had,
        "{used} s told, {had} s had"
    );
}

#[test]
fn memory_and_who_was_killed_for_it_are_what_they_were() {
    let Some(group) = Group::make("eater") else {
        return excused();
    };
    group.limit(
        ("memory", "memory.limit_in_bytes", "50331648"),
        ("memory.max", "50331648"),
    );
    // `tail` keeps a line until its end: the first line fits into the limit, the second does not.
    let (counted, _) =
        group.run("head -c 20000000 /dev/zero | tail -n 1 | wc -c; head -c 200000000 /dev/zero | tail -n 1");
    assert_eq!(counted.oom_kills, 1, "{counted:?}");
    // 20 MB are 4,900 pages of 4 KiB; the second line adds the pages that fit.
    assert!(counted.page_faults > 4_900, "{counted:?}");
}

#[test]
fn what_was_written_and_read_is_what_it_was() {
    let Some(group) = Group::make("writer") else {
        return excused();
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let file = file.display();
    // Writes past the page cache, which some file systems in memory cannot.
    let write = format!("dd if=/dev/zero of={file} bs=1M count=20 oflag=direct");
    if !Command::new("sh").args(["-c", &write]).status().unwrap().success() {
        return excused();
    }
    let (counted, said) = group.run(&format!(
        "{write} && dd if={file} of=/dev/null bs=1M count=10 iflag=direct && echo moved"
    ));
    assert_eq!(said, "moved\n");
    // The file system adds metadata of its own. Recent kernels count no disk in version 1.
    let within = |bytes: Option<u64>, mebibytes: u64| {
        bytes.map_or(!group.unified, |bytes| {
            (mebibytes << 20..(mebibytes + 2) << 20).contains(&bytes)
        })
    };
    assert!(within(counted.written, 20) && within(counted.read, 10), "{counted:?}");
    let Some([.., disk]) = counted.stalled else {
        return excused();
    };
    assert!(disk > 0, "{counted:?}");
}
