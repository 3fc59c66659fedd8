//! The small shop of `tests/stacks/kiosk`: a copy of it in production, and runs against isolated copies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::engine::docker::docker;
use crate::engine::running::Running;

const PAIR: &str = r#"
services:
  app:
    image: diapason/node:24-forky
    init: true
    command: [node, /app.cjs]
    volumes: ["./app.cjs:/app.cjs:ro"]
    KEYS
    healthcheck: { test: [CMD, wget, -q, --spider, "http://127.0.0.1:8080/"], interval: 30s }
  proxy:
    image: diapason-reference/nginx
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    ports: ["80"]
    depends_on: { app: { condition: service_healthy } }
"#;

const PAIR_NGINX: &str = "user nginx; error_log /dev/stderr warn; pid /run/nginx.pid; events {}\n\
    http { access_log off; server { listen 80; location / { proxy_pass http://app:8080; } } }\n";

/// A folder with a stack file and a scenario of that name.
pub(in crate::engine) struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    pub(in crate::engine) fn new(name: &str) -> Self {
        let compose = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/kiosk/compose.yml");
        let stack = format!(
            "[compose]\nfiles = ['{}']\nenv = {{ API_TOKEN = 'known-Secret-of-stack-file-1' }}\n\
             [service.web.environment]\nEXTRA_TOKEN = 'known-Secret-of-scenario-4'\n\
             [entry]\nservice = 'web'\nport = 8080\n",
            compose.display()
        );
        Self::of(name, &stack)
    }

    /// Two services instead, up in a second or two: a proxy, and an application that answers everything.
    pub(in crate::engine) fn pair(name: &str) -> Self {
        Self::pair_of(
            name,
            "require('http').createServer((_, answer) => answer.end('ok')).listen(8080);\n",
            "",
        )
    }

    /// With that application, and more keys of its service.
    pub(in crate::engine) fn pair_of(name: &str, app: &str, keys: &str) -> Self {
        let shop = Self::of(
            name,
            "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'proxy'\nport = 80\n",
        );
        shop.put("compose.yml", &PAIR.replace("KEYS", keys));
        shop.put("app.cjs", app);
        shop.put("nginx.conf", PAIR_NGINX);
        shop
    }

    /// With a stack file of that text, which lacks only its name, and a scenario of a few seconds.
    pub(in crate::engine) fn of(name: &str, stack: &str) -> Self {
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
    pub(in crate::engine) fn put(&self, name: &str, text: &str) {
        let path = self.stacks().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Where the stack file is.
    pub(in crate::engine) fn stacks(&self) -> PathBuf {
        self.folder.path().join("stacks")
    }

    /// Makes its phase last that long.
    pub(in crate::engine) fn last(&self, duration: &str) {
        self.change("duration = '6s'", &format!("duration = '{duration}'"));
    }

    /// Changes the scenario.
    pub(in crate::engine) fn change(&self, from: &str, to: &str) {
        let path = self.folder.path().join("shop.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "the scenario does not hold {from:?}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    pub(in crate::engine) fn run(&self, environment: &[(&str, &str)]) -> Running {
        Running::start(&self.scenario(), &[], environment)
    }

    pub(in crate::engine) fn scenario(&self) -> PathBuf {
        self.folder.path().join("shop.toml")
    }
}

/// The shop under its own names, as on the host that serves its users.
pub(in crate::engine) struct Production;

impl Production {
    pub(in crate::engine) fn up() -> Self {
        compose(&["up", "--detach"]);
        Self
    }

    /// Containers with their start times, the network, the volume and all that is in it.
    #[expect(clippy::unused_self, reason = "there is one only while it is up")]
    pub(in crate::engine) fn fingerprint(&self) -> String {
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
