//! The small shop of `tests/stacks/kiosk`: a copy of it in production, and runs against isolated copies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A folder with a stack file and a scenario of that name.
pub(crate) struct Shop {
    folder: tempfile::TempDir,
}

/// A run that goes on.
pub(crate) struct Running {
    out: tempfile::TempDir,
    child: Child,
}

/// A run that has ended.
pub(crate) struct Finished {
    pub(crate) out: tempfile::TempDir,
    pub(crate) exit: i32,
    pub(crate) talk: String,
}

impl Shop {
    pub(crate) fn new(name: &str) -> Self {
        let compose = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/kiosk/compose.yml");
        let stack = format!(
            "[compose]\nfiles = ['{}']\nenv = {{ API_TOKEN = 'known-Secret-of-stack-file-1' }}\n\
             [service.web.environment]\nEXTRA_TOKEN = 'known-Secret-of-scenario-4'\n\
             [entry]\nservice = 'web'\nport = 8080\n",
            compose.display()
        );
        Self::of(name, &stack)
    }

    /// With a stack file of that text, which lacks only its name, and a scenario of a few seconds.
    pub(crate) fn of(name: &str, stack: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("journeys")).unwrap();
        fs::create_dir(folder.path().join("stacks")).unwrap();
        let journey = "name = 'get'\ndescription = 'One request'\n[[step]]\nname = 'get'\npath = '/'\n\
                       headers = { Authorization = 'Bearer known-Secret-of-scenario-4' }\n";
        fs::write(folder.path().join("journeys/get.toml"), journey).unwrap();
        let stack = format!("name = '{name}'\ndescription = 'Of a test'\n{stack}");
        fs::write(folder.path().join("stacks/shop.toml"), stack).unwrap();
        let scenario = "name = 'shop'\ndescription = 'A few requests'\nseed = 7\n[stack]\nuse = 'shop'\n\
             [users]\ncount = 2\n[journeys]\nget = 1\n[[phase]]\nname = 'steady'\nduration = '6s'\n\
             workload = { executor = 'constant-arrival-rate', rate = '10/s' }\n[probes.containers]\n\
             [[objective]]\nname = 'Response time'\nindicator = 'response-time'\nquantile = 'p50'\n\
             target = '1s'\nacceptable = '2s'\n\
             # EXTRA_TOKEN = \"known-Secret-of-scenario-4\"\n";
        fs::write(folder.path().join("shop.toml"), scenario).unwrap();
        Self { folder }
    }

    /// Puts a file beside the stack file.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.stacks().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Where the stack file is.
    pub(crate) fn stacks(&self) -> PathBuf {
        self.folder.path().join("stacks")
    }

    /// Makes its phase last that long.
    pub(crate) fn last(&self, duration: &str) {
        self.change("duration = '6s'", &format!("duration = '{duration}'"));
    }

    /// Changes the scenario.
    pub(crate) fn change(&self, from: &str, to: &str) {
        let path = self.folder.path().join("shop.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "the scenario does not hold {from:?}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    pub(crate) fn run(&self, environment: &[(&str, &str)]) -> Running {
        let out = tempfile::tempdir().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_diapason"))
            .arg("run")
            .arg(self.folder.path().join("shop.toml"))
            .arg("--out")
            .arg(out.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(fs::File::create(out.path().join("stdout")).unwrap())
            .stderr(fs::File::create(out.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        Running { out, child }
    }
}

impl Running {
    pub(crate) fn talk(&self) -> String {
        fs::read_to_string(self.out.path().join("stderr")).unwrap()
    }

    /// Waits until the recording has begun.
    pub(crate) fn wait_for_load(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !run_folder(self.out.path()).is_some_and(|run| run.join("evidence/recording.hlog").exists()) {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "ended before:\n{}",
                self.talk()
            );
            assert!(Instant::now() < deadline, "no load in 120 s:\n{}", self.talk());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn goes_on(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it as nothing can prepare for.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn finish(mut self) -> Finished {
        let exit = self.child.wait().unwrap().code().unwrap();
        let talk = fs::read_to_string(self.out.path().join("stdout")).unwrap() + &self.talk();
        Finished {
            out: self.out,
            exit,
            talk,
        }
    }
}

impl Finished {
    /// A file of JSON in its folder.
    pub(crate) fn json(&self, name: &str) -> Value {
        let text =
            fs::read_to_string(self.folder().join(name)).unwrap_or_else(|error| panic!("{error}\n{}", self.talk));
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        run_folder(self.out.path()).unwrap_or_else(|| panic!("no run folder\n{}", self.talk))
    }
}

fn run_folder(out: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(out).unwrap().flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.is_dir() && !path.is_symlink())
}

/// The shop under its own names, as on the host that serves its users.
pub(crate) struct Production;

impl Production {
    pub(crate) fn up() -> Self {
        compose(&["up", "--detach"]);
        Self
    }

    /// Containers with their start times, the network, the volume and all that is in it.
    #[expect(clippy::unused_self, reason = "there is one only while it is up")]
    pub(crate) fn fingerprint(&self) -> String {
        let label = "label=com.docker.compose.project=shop-prod";
        let ids = docker(&["ps", "-aq", "--no-trunc", "--filter", label]);
        let mut arguments = vec![
            "inspect",
            "--format",
            "{{.Id}} {{.State.StartedAt}} {{.RestartCount}} {{.State.Status}}",
        ];
        arguments.extend(ids.lines());
        let network = docker(&[
            "network",
            "inspect",
            "--format",
            "{{.Id}} {{.Created}} {{.Labels}} {{len .Containers}}",
            "shop-network-prod",
        ]);
        let volume = docker(&[
            "volume",
            "inspect",
            "--format",
            "{{.CreatedAt}} {{.Labels}}",
            "shop-data-prod",
        ]);
        let sums = "cd /data && find . -type f -exec sha256sum {} + -exec stat -c '%n %Y %U %a' {} +";
        let data = docker(&["exec", "shop-data-prod", "sh", "-c", sums]);
        [docker(&arguments), network, volume, data].join("\n")
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        compose(&["down", "--volumes", "--timeout", "1"]);
    }
}

fn compose(arguments: &[&str]) {
    let output = Command::new("docker")
        .args(["compose", "--file", "compose.yml"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/kiosk"))
        .env("HTTP_PORT", "127.0.0.1:18491")
        .env("API_TOKEN", "that-of-production")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker compose {arguments:?}: {errors}");
}

pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn inspect(container: &str) -> Value {
    let inspected: Value = serde_json::from_str(&docker(&["inspect", container])).unwrap();
    inspected[0].clone()
}

/// Nothing is left of any stack of that name.
#[track_caller]
pub(crate) fn nothing_left_of(stack: &str) {
    let label = format!("label=io.diapason.stack={stack}");
    for listing in [["ps", "-aq"], ["network", "ls"], ["volume", "ls"]] {
        let arguments = [listing.as_slice(), &["--quiet", "--filter", &label]].concat();
        let arguments: Vec<&str> = arguments.into_iter().filter(|word| *word != "-aq").collect();
        let all: &[&str] = if listing[0] == "ps" { &["--all"] } else { &[] };
        assert_eq!(docker(&[&arguments, all].concat()), "", "{listing:?}");
    }
}
