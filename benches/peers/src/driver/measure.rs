//! What a command used: user and system time of all its processes, and its peak memory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use diapason_peers::Failure;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};

/// What a command and everything it waited for used.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Used {
    /// User and system time, in µs.
    pub(crate) processor: f64,
    /// Largest resident set, in MB.
    pub(crate) memory: f64,
}

/// Runs the command as the only child of this process, so that what the kernel charges to children is the command's.
pub(crate) fn measure(usage: &Path, command: &[OsString]) -> Result<ExitCode, Failure> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let status = Command::new(program).args(arguments).status()?;
    let charged = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let used = Used {
        processor: (charged.user_time() + charged.system_time()).num_microseconds() as f64,
        memory: charged.max_rss() as f64 / 1024.0,
    };
    fs::write(usage, serde_json::to_string(&used)?)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs the command on that core and waits for it; kills it and all it started when it takes far too long.
pub(crate) fn run(command: &[OsString], folder: &Path, core: &str, seconds: u32) -> Result<(Used, String), Failure> {
    let usage = folder.join("usage.json");
    let (stdout, stderr) = (folder.join("stdout"), folder.join("stderr"));
    let mut child = Command::new("taskset")
        .args(["-c", core])
        .arg(std::env::current_exe()?)
        .arg("measure")
        .arg(&usage)
        .arg("--")
        .args(command)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?)
        .process_group(0)
        .spawn()?;
    let patience = Duration::from_secs(u64::from(seconds) * 2 + 30);
    let Some(status) = wait(&mut child, patience)? else {
        return Err(format!("{} was still running after {patience:?}", command[0].display()).into());
    };
    let output = String::from_utf8_lossy(&fs::read(&stdout)?).into_owned();
    if !usage.exists() {
        let said = String::from_utf8_lossy(&fs::read(&stderr)?).into_owned();
        return Err(format!("{} ended with {status}: {said}", command[0].display()).into());
    }
    Ok((serde_json::from_str(&fs::read_to_string(&usage)?)?, output))
}

fn wait(child: &mut Child, patience: Duration) -> Result<Option<ExitStatus>, Failure> {
    let give_up = Instant::now() + patience;
    while Instant::now() < give_up {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let group = rustix::process::Pid::from_child(child);
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?;
    child.wait()?;
    Ok(None)
}
