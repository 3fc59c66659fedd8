//! The browser's driver as a separate process at idle priority, ended with every process it started.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::Engine;
use super::family::{family, sweep};
use crate::evidence::ProbeKind;
use crate::probe::ProbeError;
use crate::stack::BROWSER_PROFILE;

const NAME: ProbeKind = ProbeKind::Browser;
/// Longest path of a temporary folder in which Chromium can make its sockets, whose paths have at most 107 bytes.
const LONGEST: usize = 60;
/// Time-out of a start, which idle priority makes slow on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Most starts of a driver that ends instead of listening: another program may take the port meanwhile.
const STARTS: u32 = 3;
/// Autogroup nice value: a tenth of the weight of another session or of all containers together. At 19, a hundredth, a
/// page load on a busy machine waits for the processor longer than for the servers.
const GROUP_NICE: &str = "10";
/// Time that killed processes may take to be gone.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// Programs needed to start a browser.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) engine: Engine,
    /// Command prefix that lowers the priority: `setsid nice -n 19 chrt --idle 0`.
    prefix: Vec<OsString>,
    driver: PathBuf,
    pub(super) browser: PathBuf,
}

impl Programs {
    /// Looks the programs up in `PATH`.
    pub(super) fn find(engine: Engine) -> Result<Self, ProbeError> {
        let missing = |what: &str| ProbeError::Unavailable {
            probe: NAME,
            reason: format!("{what} is not in PATH"),
            hint: match engine {
                Engine::Chromium => "run `diapason setup browser`, which installs Chromium and its driver".to_owned(),
                Engine::Firefox => "install Firefox and its geckodriver, or leave `engine` out for Chromium".to_owned(),
            },
        };
        let driver = in_path(engine.driver()).ok_or_else(|| missing(engine.driver()))?;
        let mut browsers = engine.browsers().iter();
        let browser = browsers
            .find_map(|name| in_path(name))
            .ok_or_else(|| missing(engine.name()))?;
        Ok(Self {
            engine,
            prefix: idle_prefix(),
            driver,
            browser,
        })
    }
}

/// The priority-lowering programs that are installed and work: a sandbox may forbid a change of the scheduling policy.
/// A separate session has an autogroup of its own (sched(7)), and a Ctrl-C at the terminal reaches the harness alone.
fn idle_prefix() -> Vec<OsString> {
    let mut prefix = Vec::new();
    let lowering = [
        ("setsid", &[][..]),
        ("nice", &["-n", "19"]),
        ("chrt", &["--idle", "0"]),
        // The kernel kills the driver however the harness ends, and the browser ends with its driver.
        ("setpriv", &["--pdeathsig", "KILL"]),
    ];
    for (program, arguments) in lowering {
        let Some(path) = in_path(program) else { continue };
        let mut trial = Command::new(&path);
        trial
            .args(arguments)
            .arg("true")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if trial.status().is_ok_and(|status| status.success()) {
            prefix.push(path.into_os_string());
            prefix.extend(arguments.iter().map(OsString::from));
        }
    }
    prefix
}

/// File of that name in the folders of `PATH`.
pub fn in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A running driver with a fresh profile for its browser. On drop it is killed with all its descendants.
#[derive(Debug)]
pub(super) struct DriverProcess {
    child: Child,
    pid: Pid,
    /// Base URL of the driver.
    pub(super) url: String,
    profile: TempDir,
}

impl DriverProcess {
    /// Starts the driver on a free port that it chooses itself. A driver that ends at once is started again, up to
    /// three starts in all.
    pub(super) async fn start(programs: &Programs) -> Result<Self, ProbeError> {
        // Profiles that a killed harness left behind; its own drop never ran.
        sweep(&env::temp_dir(), BROWSER_PROFILE);
        let driver = programs.engine.driver();
        let mut starts = 1;
        loop {
            let error = match Self::start_once(programs).await {
                Ok(started) => return Ok(started),
                Err(error) => error,
            };
            if error.kind() != io::ErrorKind::UnexpectedEof {
                return Err(ProbeError::failed(NAME, format!("start {driver}"), error));
            }
            if starts == STARTS {
                return Err(ProbeError::Unavailable {
                    probe: NAME,
                    reason: format!("{driver} ended {STARTS} times without naming its port: {error}"),
                    hint: format!("run `{driver}` by hand, which shows what it lacks"),
                });
            }
            starts += 1;
        }
    }

    async fn start_once(programs: &Programs) -> io::Result<Self> {
        let profile = tempfile::Builder::new()
            .prefix(&format!("{BROWSER_PROFILE}{}-", std::process::id()))
            .tempdir()?;
        let mut line = programs
            .prefix
            .iter()
            .cloned()
            .chain([programs.driver.clone().into_os_string()]);
        let mut command = Command::new(line.next().unwrap_or_default());
        // geckodriver answers only on the port given to it.
        let wanted = match programs.engine {
            Engine::Chromium => 0,
            Engine::Firefox => free_port()?,
        };
        command.args(line).arg(format!("--port={wanted}"));
        // A separate process group: a Ctrl-C at the terminal is for the harness to handle. `setsid` makes one itself,
        // and would fork if the process already led a group.
        if !programs.prefix.iter().any(|word| Path::new(word).ends_with("setsid")) {
            command.process_group(0);
        }
        // A killed browser leaves its own temporary folders, which go with the profile.
        if profile.path().as_os_str().len() <= LONGEST {
            command.env("TMPDIR", profile.path());
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = tokio::process::Command::from(command).spawn()?;
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let pid = pid.ok_or(io::ErrorKind::NotFound)?;
        let output = child.stdout.take();
        let mut process = Self {
            child,
            pid,
            url: String::new(),
            profile,
        };
        // What it prints may be no UTF-8.
        let mut lines = BufReader::new(output.ok_or(io::ErrorKind::BrokenPipe)?).split(b'\n');
        let port = async {
            let mut last = String::new();
            while let Some(line) = lines.next_segment().await? {
                let line = String::from_utf8_lossy(&line).into_owned();
                if let Some(port) = port(&line) {
                    return Ok(port);
                }
                last = line;
            }
            let status = process.child.wait().await?;
            let told = format!("{status}, its last words: {last:?}");
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, told))
        };
        let port = tokio::time::timeout(START_PATIENCE, port)
            .await
            .map_err(|_| io::ErrorKind::TimedOut)??;
        // A full pipe would block the driver.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_segment().await {} });
        process.url = format!("http://127.0.0.1:{port}");
        Ok(process)
    }

    /// Lowers the weight of the whole autogroup: if the kernel groups sessions for scheduling, `nice` counts only
    /// within a session. Call after the start, which must not starve on a busy machine.
    pub(super) fn yield_group(&self) {
        let autogroup = |pid: &str| fs::read_to_string(format!("/proc/{pid}/autogroup"));
        let name = |group: String| group.split(' ').next().map(str::to_owned);
        let own = autogroup("self").ok().and_then(name);
        let its = autogroup(&self.pid.to_string()).ok().and_then(name);
        // Without `setsid` this is the harness's own group, whose weight must stay.
        if its.is_some() && its != own {
            fs::write(format!("/proc/{}/autogroup", self.pid), GROUP_NICE).ok();
        }
    }

    /// Process of the driver.
    #[cfg(test)]
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// The folder of the browser's profile.
    pub(super) fn profile(&self) -> &Path {
        self.profile.path()
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        let deadline = Instant::now() + END_PATIENCE;
        // Descendants are killed first, while the driver still leads to them, and again for processes started
        // meanwhile. A process that cannot be killed no longer exists.
        loop {
            let family = family(self.pid, Some(self.profile.path()));
            for pid in &family {
                kill_process(*pid, Signal::KILL).ok();
            }
            if family.is_empty() || Instant::now() > deadline {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        kill_process_group(self.pid, Signal::KILL).ok();
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A port that no process uses now.
fn free_port() -> io::Result<u16> {
    // Another program may take the port before the driver does, which is then started again.
    std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()
        .map(|address| address.port())
}

/// `ChromeDriver was started successfully on port 43210.`, or geckodriver's `Listening on 127.0.0.1:43210`.
fn port(line: &str) -> Option<u16> {
    let greetings = ["started successfully on port ", "Listening on 127.0.0.1:"];
    let rest = greetings.iter().find_map(|words| Some(line.split_once(words)?.1))?;
    rest.trim_end().trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{getpgid, getpriority_process};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_port_is_read_from_the_drivers_greeting() {
        assert_eq!(
            port("ChromeDriver was started successfully on port 43210."),
            Some(43210)
        );
        assert_eq!(port("ChromeDriver was started successfully on port 80"), Some(80));
        assert_eq!(
            port("1795430000000\tgeckodriver\tINFO\tListening on 127.0.0.1:41235"),
            Some(41235)
        );
        assert_eq!(port("Starting ChromeDriver 156.0.8078.79 on port 0"), None);
    }

    #[tokio::test]
    async fn a_driver_yields_and_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let driver = folder.path().join("driver");
        let greeting = "echo 'ChromeDriver was started successfully on port 4.'";
        fs::write(&driver, format!("#!/bin/sh\nsleep 60 &\n{greeting}\nwait\n")).unwrap();
        fs::set_permissions(&driver, fs::Permissions::from_mode(0o755)).unwrap();
        let programs = Programs {
            engine: Engine::Chromium,
            prefix: idle_prefix(),
            browser: driver.clone(),
            driver,
        };
        let process = DriverProcess::start(&programs).await.unwrap();
        assert_eq!(process.url, "http://127.0.0.1:4");
        let below = family(process.pid, None);
        assert_eq!(below.len(), 1, "the sleep below it: the driver is our own child");
        assert_eq!(getpgid(Some(process.pid)).unwrap(), process.pid, "a group of its own");
        if programs.prefix.iter().any(|word| word == "-n") {
            assert_eq!(getpriority_process(Some(process.pid)).unwrap(), 19);
        }
        process.yield_group();
        if let Ok(group) = fs::read_to_string(format!("/proc/{}/autogroup", process.pid)) {
            assert!(group.trim_end().ends_with(" nice 10"), "{group}");
        }
        let own = fs::read_to_string("/proc/self/autogroup").unwrap_or_default();
        assert!(
            !own.trim_end().ends_with(" nice 10"),
            "the harness itself does not yield: {own}"
        );
        let (pid, profile) = (process.pid, process.profile().to_owned());
        assert!(profile.is_dir());
        drop(process);
        assert!(!profile.exists());
        assert_eq!(family(pid, Some(&profile)), []);
        let state = fs::read_to_string(format!("/proc/{}/stat", below[0])).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z"), "{state}");
    }

    /// Starts a driver whose first `times` starts print `bind` and fail; returns the result and the number of starts.
    async fn ends_first(times: u32) -> (Result<DriverProcess, ProbeError>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let (driver, starts) = (folder.path().join("driver"), folder.path().join("starts"));
        let script = format!(
            "#!/bin/sh\necho start >> {starts}\n[ $(wc -l < {starts}) -gt {times} ] || {{ echo bind; exit 1; }}\n\
             echo 'ChromeDriver was started successfully on port 4.'\nsleep 60\n",
            starts = starts.display()
        );
        fs::write(&driver, script).unwrap();
        fs::set_permissions(&driver, fs::Permissions::from_mode(0o755)).unwrap();
        let programs = Programs {
            engine: Engine::Chromium,
            prefix: Vec::new(),
            browser: driver.clone(),
            driver,
        };
        let started = DriverProcess::start(&programs).await;
        (started, fs::read_to_string(starts).unwrap().lines().count())
    }

    #[tokio::test]
    async fn a_driver_that_ends_at_once_is_started_once_more() {
        let (started, starts) = ends_first(STARTS - 1).await;
        assert_eq!((started.unwrap().url.as_str(), starts), ("http://127.0.0.1:4", 3));
        let (started, starts) = ends_first(STARTS).await;
        assert_eq!(starts, 3);
        assert_eq!(
            started.unwrap_err().to_string(),
            "browser probe: chromedriver ended 3 times without naming its port: exit status: 1, its last words: \"bind\""
        );
    }

    #[test]
    fn a_program_is_looked_up_in_path() {
        assert!(in_path("sh").is_some());
        assert!(in_path("no-such-program-here").is_none());
    }
}
