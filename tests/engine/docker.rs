//! The engine's command, and what is found there by the labels that a run puts on everything it makes: stacks of other runs may
//! stand beside it.

use std::process::Command;

use serde_json::Value;

pub(super) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(super) fn inspect(container: &str) -> Value {
    let inspected: Value = serde_json::from_str(&docker(&["inspect", container])).unwrap();
    inspected[0].clone()
}

/// What everything of some stacks is labelled with.
#[derive(Debug)]
pub(super) struct Label(String);

impl Label {
    /// Of all stacks that a process brought up.
    pub(super) fn of_process(pid: u32) -> Self {
        Self(format!("label=io.diapason.owner-pid={pid}"))
    }

    /// Of the one stack of that namespace.
    pub(super) fn of_namespace(namespace: &str) -> Self {
        Self(format!("label=io.diapason.namespace={namespace}"))
    }

    /// Ids of the containers, ended ones included.
    pub(super) fn containers(&self) -> Vec<String> {
        let ids = docker(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &self.0]);
        ids.lines().map(str::to_owned).collect()
    }

    /// Ids of the containers of that service, ended ones included.
    pub(super) fn service(&self, service: &str) -> Vec<String> {
        let service = format!("label=com.docker.compose.service={service}");
        let ids = docker(&["ps", "--all", "--quiet", "--filter", &self.0, "--filter", &service]);
        ids.lines().map(str::to_owned).collect()
    }

    /// The namespace of the first container.
    pub(super) fn namespace(&self) -> String {
        let container = inspect(&self.containers()[0]);
        container["Config"]["Labels"]["io.diapason.namespace"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Nothing that carries it is left.
    #[track_caller]
    pub(super) fn nothing_left(&self) {
        for listing in [["ps", "--all"].as_slice(), &["network", "ls"], &["volume", "ls"]] {
            let left = docker(&[listing, &["--quiet", "--filter", &self.0]].concat());
            assert_eq!(left, "", "{listing:?} of {self:?}");
        }
    }
}
