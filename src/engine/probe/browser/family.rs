//! Finds the processes that belong to a browser, so that none of them is left when it ends.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// A process, as read from `/proc`.
struct Process {
    pid: i32,
    parent: i32,
    session: i32,
}

/// All processes except zombies, which only wait to be reaped (`proc_pid_stat(5)`).
fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may hold a closing one itself.
            let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
            let alive = fields.next()? != "Z";
            let parent = fields.next()?.parse().ok().filter(|_| alive)?;
            let session = fields.nth(1)?.parse().ok()?;
            Some(Process { pid, parent, session })
        })
        .collect()
}

fn command_line_names(pid: i32, path: &[u8]) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    !path.is_empty() && line.windows(path.len()).any(|part| part == path)
}

/// The descendants of `root`, the members of the session it leads, the processes whose command line names `profile`,
/// and all descendants of these. `root` and this process are left out. Parentage alone is not enough: the browser
/// leaves its driver's process group, and loses its parent if the driver is killed.
pub(super) fn family(root: Pid, profile: Option<&Path>) -> Vec<Pid> {
    let all = processes();
    let root = root.as_raw_pid();
    let path = profile
        .map(|path| path.as_os_str().as_encoded_bytes())
        .unwrap_or_default();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let mut found: HashSet<i32> = HashSet::from([root]);
    let related = all
        .iter()
        .filter(|process| process.session == root || command_line_names(process.pid, path));
    found.extend(related.map(|process| process.pid));
    loop {
        // Repeated until nothing is added: a descendant may stand before its parent in the list.
        let before = found.len();
        let children = all.iter().filter(|process| found.contains(&process.parent));
        let children: Vec<i32> = children.map(|process| process.pid).collect();
        found.extend(children);
        if found.len() == before {
            break;
        }
    }
    // The driver itself is killed last, since its descendants are found through it.
    found.retain(|pid| *pid != root && *pid != own);
    found.into_iter().filter_map(Pid::from_raw).collect()
}

/// Kills the browsers that killed harnesses left behind, and removes their profiles.
pub(super) fn sweep(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix)?.split_once('-'));
        let Some(owner) = owner.and_then(|(owner, _)| owner.parse::<u32>().ok()) else {
            continue;
        };
        // The harness that made the folder still runs. A number that another program has by now keeps the folder until
        // that ends.
        if Path::new("/proc").join(owner.to_string()).exists() {
            continue;
        }
        let path = entry.path();
        let named = path.as_os_str().as_encoded_bytes();
        for process in processes()
            .iter()
            .filter(|process| command_line_names(process.pid, named))
        {
            if let Some(pid) = Pid::from_raw(process.pid) {
                kill_process(pid, Signal::KILL).ok();
            }
        }
        // Another run may sweep the same folder at the same time.
        fs::remove_dir_all(path).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::kill_process_group;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};
    use std::time::{Duration, Instant};

    fn wait_until(mut reached: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !reached() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn pid(child: &Child) -> Pid {
        Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
    }

    #[test]
    fn descendants_are_found_over_generations() {
        let script = "sleep 60 & (sleep 60 & sleep 60) & wait";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .process_group(0)
            .spawn()
            .unwrap();
        let pid = pid(&shell);
        // sleep, the subshell and the two sleeps below it (some shells replace the subshell by the second).
        wait_until(|| family(pid, None).len() >= 3);
        let found = family(pid, None);
        kill_process_group(pid, Signal::KILL).unwrap();
        shell.wait().unwrap();
        assert!((3..=4).contains(&found.len()), "{found:?}");
    }

    #[test]
    fn who_lost_his_parent_is_found_by_the_profile() {
        let profile = tempfile::tempdir().unwrap();
        // The shell ends at once, and the process that it started is orphaned.
        let script = "setsid sh -c 'sleep 60; true' \"$0\" & echo $!";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .arg(profile.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let root = pid(&shell);
        shell.wait().unwrap();
        wait_until(|| family(root, Some(profile.path())).len() >= 2);
        let found = family(root, Some(profile.path()));
        for pid in &found {
            kill_process(*pid, Signal::KILL).unwrap();
        }
        assert_eq!(found.len(), 2, "the shell in its own session and its sleep");
    }

    #[test]
    fn what_a_killed_harness_left_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("diapason-browser-4194999-abc");
        let alive = folder
            .path()
            .join(format!("diapason-browser-{}-abc", std::process::id()));
        let other = folder.path().join("something-else");
        for path in [&gone, &alive, &other] {
            fs::create_dir(path).unwrap();
        }
        let mut orphan = Command::new("sh")
            .args(["-c", "sleep 60; true"])
            .arg(gone.join("profile"))
            .process_group(0)
            .spawn()
            .unwrap();
        // The process may not have its own command line yet.
        let number = pid(&orphan).as_raw_nonzero().get();
        wait_until(|| command_line_names(number, gone.as_os_str().as_encoded_bytes()));
        sweep(folder.path(), "diapason-browser-");
        wait_until(|| matches!(orphan.try_wait(), Ok(Some(_))));
        let ended = orphan.try_wait().unwrap();
        kill_process_group(pid(&orphan), Signal::KILL).ok();
        assert!(ended.is_some(), "it was killed");
        assert!(!gone.exists() && alive.exists() && other.exists());
    }
}
