//! Runs of the real program against a server of the test.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::server::Server;

/// A finished run.
pub(super) struct Run {
    pub(super) exit: i32,
    pub(super) output: String,
    pub(super) report: Value,
}

/// A scenario with one judged phase, `steady`.
pub(super) struct Scenario {
    pub(super) users: u32,
    /// Lines of the phase: `duration`, `workload`.
    pub(super) phase: String,
}

impl Scenario {
    fn write(&self, folder: &Path, server: &Server) -> String {
        std::fs::create_dir_all(folder.join("journeys")).unwrap();
        let journey = "name = \"get\"\ndescription = \"One request\"\n[[step]]\nname = \"get\"\npath = \"/\"\n";
        std::fs::write(folder.join("journeys/get.toml"), journey).unwrap();
        let stack = format!(
            "name = \"server\"\ndescription = \"The test's own\"\n[attach]\nurl = \"{}\"\n[ready]\npath = \"/ready\"\n",
            server.url()
        );
        std::fs::create_dir_all(folder.join("stacks")).unwrap();
        std::fs::write(folder.join("stacks/server.toml"), stack).unwrap();
        let text = format!(
            "name = \"accuracy\"\ndescription = \"d\"\nseed = 7\n[stack]\nuse = \"server\"\n[users]\ncount = {}\n\
             graceful-stop = \"5s\"\n[journeys]\nget = 1\n[[phase]]\nname = \"steady\"\n{}\n\
             [[objective]]\nname = \"Response time\"\nindicator = \"response-time\"\nquantile = \"p95\"\n\
             target = \"10ms\"\nacceptable = \"20ms\"\n",
            self.users, self.phase
        );
        let path = folder.join("accuracy.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs it; `wrap` may put the program under another's control.
    pub(super) fn run_under(&self, server: &Server, wrap: impl FnOnce(&mut Command)) -> Run {
        self.run_with(server, wrap, &[], |child| child.wait_with_output().unwrap())
    }

    /// Runs it with more arguments; `meanwhile` has the process while it runs.
    pub(super) fn run_with(
        &self,
        server: &Server,
        wrap: impl FnOnce(&mut Command),
        arguments: &[&str],
        meanwhile: impl FnOnce(Child) -> Output,
    ) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let scenario = self.write(folder.path(), server);
        let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
        wrap(&mut command);
        let child = command
            .args(["run", &scenario, "--out"])
            .arg(folder.path().join("runs"))
            .args(arguments)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = meanwhile(child);
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        let report = std::fs::read(folder.path().join("runs/latest/report.json"))
            .unwrap_or_else(|_| panic!("no report:\n{words}"));
        Run {
            exit: output.status.code().unwrap(),
            output: words,
            report: serde_json::from_slice(&report).unwrap(),
        }
    }

    pub(super) fn run(&self, server: &Server) -> Run {
        self.run_under(server, |_| ())
    }
}

impl Run {
    /// A number of the report.
    pub(super) fn number(&self, pointer: &str) -> f64 {
        let number = self.report.pointer(pointer).and_then(Value::as_f64);
        number.unwrap_or_else(|| panic!("no {pointer} in the report"))
    }

    /// Of all response times, in milliseconds.
    pub(super) fn response(&self, statistic: &str) -> f64 {
        self.number(&format!("/groups/0/response/{statistic}"))
    }

    /// A count of the first phase's totals.
    pub(super) fn total(&self, count: &str) -> u64 {
        let number = self.report.pointer(&format!("/load/0/{count}")).and_then(Value::as_u64);
        number.unwrap_or_else(|| panic!("no {count} among the totals"))
    }
}
