//! The reference stack, brought up once for runs that each break it in another way.

use std::path::Path;

use diapason::compare::BaselineOptions;
use diapason::evidence::Accept;
use diapason::journey::Sessions;
use diapason::record::Progress;
use diapason::report::summary::terminal;
use diapason::run::{RunOptions, run_on, start_stack};
use diapason::scenario::{Plan, PlanOptions};
use diapason::stack::{ProgressSender, RunningStack};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Case;
use crate::engine::docker::{Label, docker};
use crate::engine::measuring::stack::{GATE, SHORT};
use crate::engine::running::Finished;
use crate::repetition::{Undecided, decided};

/// Users of every run: they log in before the first.
const USERS: u32 = 100;

pub(super) struct Stack {
    runtime: Runtime,
    up: RunningStack,
    label: Label,
    sessions: Sessions,
}

impl Stack {
    /// Brings one up, with those settings beside the shortened gate's.
    pub(super) fn up(settings: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let out = tempfile::tempdir().unwrap();
        let (options, _) = options(out.path(), &Sessions::default(), watch::channel(Progress::default()).0);
        let up = runtime.block_on(start_stack(&plan(settings, 0), &options)).unwrap();
        Self {
            runtime,
            label: Label::of_namespace(&up.record().namespace),
            up,
            sessions: Sessions::default(),
        }
    }

    /// Takes it down; nothing is left.
    pub(super) fn down(self) {
        self.runtime.block_on(self.up.down()).unwrap();
        self.label.nothing_left();
    }

    /// A run under that fault, which is undone after it; once more where it decides nothing.
    pub(super) fn judge(&self, case: &Case) -> Finished {
        let undecided = |finished: &Finished| {
            let words: Vec<String> = case.met.iter().map(|name| finished.word(name)).collect();
            let open = words.iter().any(|word| word == "INCONCLUSIVE");
            // What the fault does not harm tells nothing of the stack where something else had the processors.
            let disturbed = words.iter().any(|word| word != "PASS") && finished.machine_was_full();
            let why = disturbed.then_some(Undecided::Generator);
            why.or(finished.undecided()).or(open.then_some(Undecided::Samples))
        };
        decided(undecided, || {
            let finished = self.run(case);
            (case.undo)(self);
            let named = &finished.report()["attribution"]["suspects"][0]["rule"];
            // For the table in docs/attribution.md, by `--show-output`.
            eprintln!("{}: exit {}, named first: {named}", case.name, finished.exit);
            finished
        })
    }

    fn run(&self, case: &Case) -> Finished {
        let out = tempfile::tempdir().unwrap();
        let (progress, mut seen) = watch::channel(Progress::default());
        let (options, mut lines) = options(out.path(), &self.sessions, progress);
        let plan = plan(case.settings, self.sessions.among(USERS));
        if case.at.is_none() {
            (case.make)(self);
        }
        let finished = std::thread::scope(|scope| {
            if let Some(at) = case.at {
                scope.spawn(move || {
                    // A run that ends before leaves nothing to be harmed.
                    let reached = self
                        .runtime
                        .block_on(seen.wait_for(|progress| progress.second >= at))
                        .is_ok();
                    if reached {
                        (case.make)(self);
                    }
                });
            }
            let outcome = self.runtime.block_on(run_on(&plan, &self.up, &options));
            drop(options);
            outcome.unwrap().0
        });
        let mut talk = String::new();
        while let Ok(line) = lines.try_recv() {
            talk += &(line + "\n");
        }
        Finished {
            out,
            exit: finished.document.exit.code.into(),
            talk: talk + &terminal(&finished.document, false),
        }
    }

    /// Its address for users.
    pub(super) fn front_door(&self) -> &str {
        &self.up.endpoints().front_door
    }

    /// The container of that service.
    pub(super) fn container(&self, service: &str) -> String {
        self.label.service(service).remove(0)
    }

    /// Switches the API's faults: those that the form does not name are off.
    pub(super) fn api(&self, form: &str) {
        self.switch("api", 4001, form);
    }

    /// Switches the faults of the pages.
    pub(super) fn web(&self, form: &str) {
        self.switch("web", 3001, form);
    }

    fn switch(&self, service: &str, port: u16, form: &str) {
        let data = format!("--post-data={form}");
        let url = format!("http://127.0.0.1:{port}/");
        docker(&["exec", &self.container(service), "wget", "-qO-", &data, &url]);
    }

    pub(super) fn psql(&self, how: &[&str]) {
        let database = self.container("postgres");
        let psql = ["psql", "--username=postgres", "--dbname=reference_prod", "--quiet"];
        docker(&[&["exec", &database], &psql[..], how].concat());
    }

    /// The same without waiting for its end.
    pub(super) fn psql_meanwhile(&self, statements: &str) {
        let database = self.container("postgres");
        let psql = [
            "psql",
            "--username=postgres",
            "--dbname=reference_prod",
            "-c",
            statements,
        ];
        docker(&[&["exec", "--detach", &database], &psql[..]].concat());
    }
}

fn plan(settings: &[&str], logged_in: u32) -> Plan {
    let users = format!("users.count={USERS}");
    let settings = [SHORT, &[&users], settings].concat();
    let pairs = settings.iter().map(|setting| setting.split_once('=').unwrap());
    let options = PlanOptions {
        overrides: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        logged_in,
        ..PlanOptions::default()
    };
    Plan::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(GATE), options).unwrap()
}

/// And what it says meanwhile.
fn options(
    out: &Path,
    sessions: &Sessions,
    progress: watch::Sender<Progress>,
) -> (RunOptions, mpsc::UnboundedReceiver<String>) {
    let (talk, lines) = ProgressSender::channel();
    let options = RunOptions {
        out: out.to_owned(),
        accept: Accept::Target,
        keep_stack: false,
        keep_failed: false,
        baselines: BaselineOptions::default(),
        history: None,
        abort_on_miss: false,
        when_clear: false,
        despite_limiter: true,
        examine: false,
        sessions: sessions.clone(),
        stop: CancellationToken::new(),
        talk,
        seconds: None,
        progress,
    };
    (options, lines)
}
