//! The two servers: Nginx, which costs little, and the freeze server, which remembers.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diapason_peers::Failure;
use diapason_peers::answer::{body, request};
use diapason_peers::arrivals::{self, Arrival};

use super::{SERVER_CORE, Site};

/// A port of 127.0.0.1 that nobody listens on.
fn free_address() -> Result<String, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn wait_for(address: &str, child: &mut Child, name: &str) -> Result<(), Failure> {
    let give_up = Instant::now() + Duration::from_secs(10);
    while Instant::now() < give_up {
        if let Some(status) = child.try_wait()? {
            return Err(format!("{name} ended with {status}").into());
        }
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(format!("{name} does not listen on {address}").into())
}

fn terminate(child: &mut Child) -> Result<(), Failure> {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
    child.wait()?;
    Ok(())
}

/// Nginx with the answer in memory, one worker; stopped when dropped.
pub(super) struct Nginx {
    child: Child,
    pub(super) address: String,
}

impl Nginx {
    pub(super) fn start(site: &Site) -> Result<Self, Failure> {
        let folder = site.turn_folder("nginx")?;
        let address = free_address()?;
        let template = fs::read_to_string(site.folder.join("nginx.conf"))?;
        let configuration = folder.join("nginx.conf");
        fs::write(
            &configuration,
            template.replace("@ADDRESS@", &address).replace("@BODY@", &body()),
        )?;
        let mut child = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(site.required("nginx")?)
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&configuration)
            .args(["-e", "error.log"])
            .stdin(Stdio::null())
            .spawn()?;
        wait_for(&address, &mut child, "nginx")?;
        Ok(Self { child, address })
    }

    /// How many requests it has answered so far.
    pub(super) fn answered(&self) -> Result<u64, Failure> {
        let mut stream = TcpStream::connect(&self.address)?;
        let asked = String::from_utf8(request(&self.address))?.replace("GET /", "GET /status");
        stream.write_all(asked.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        // The line after `server accepts handled requests` holds these three numbers.
        let mut lines = text
            .lines()
            .skip_while(|line| !line.contains("accepts handled requests"));
        let numbers = lines.nth(1).ok_or("nginx tells no status")?;
        Ok(numbers
            .split_whitespace()
            .nth(2)
            .ok_or("nginx tells no requests")?
            .parse()?)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It ends with this process's group at the latest.
        let _ = terminate(&mut self.child);
    }
}

/// How the freeze server behaves.
#[derive(Debug, Clone, Default)]
pub(super) struct Behaviour {
    /// Whether it freezes for 1 s in every 5 s.
    pub(super) freezes: bool,
    /// A file with the delay of each answer.
    pub(super) script: Option<PathBuf>,
}

/// The freeze server; one per turn.
pub(super) struct FreezeServer {
    child: Child,
    dump: PathBuf,
    pub(super) address: String,
}

impl FreezeServer {
    pub(super) fn start(site: &Site, behaviour: &Behaviour) -> Result<Self, Failure> {
        let folder = site.turn_folder("server")?;
        let (address, dump) = (free_address()?, folder.join("arrivals"));
        let mut command = Command::new("taskset");
        command
            .args(["-c", SERVER_CORE])
            .arg(site.required("freeze_server")?)
            .arg(&address);
        command.arg("--dump").arg(&dump);
        if behaviour.freezes {
            command.args(["--freeze", "1000", "--period", "5000", "--phase", "2000"]);
        }
        if let Some(script) = &behaviour.script {
            command.arg("--script").arg(script);
        }
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        wait_for(&address, &mut child, "freeze_server")?;
        Ok(Self { child, dump, address })
    }

    /// Stops it; returns what it saw.
    pub(super) fn stop(mut self) -> Result<Vec<Arrival>, Failure> {
        terminate(&mut self.child)?;
        arrivals::read(&self.dump)
    }
}

impl Drop for FreezeServer {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = terminate(&mut self.child);
        }
    }
}
