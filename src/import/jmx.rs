//! `JMeter` plans: a journey for each thread group.

use std::collections::BTreeMap;
use std::path::PathBuf;

use roxmltree::{Document, ParsingOptions};
use toml::{Table, Value};

use super::account::Account;
use super::conceal::hide;
use super::draft::{Draft, DraftStep, GroupKind};
use super::error::ImportError;
use super::import_result::{Attachment, ImportResult};
use super::jmx_answer::{Reads, reads};
use super::jmx_element::{Element, text};
use super::jmx_request::{Around, Place, request};
use super::jmx_text::Texts;
use super::marker::literal;
use super::names::{Names, slug, value_name};
use super::steps::{Steps, complete};
use super::vault::Vault;

/// Most nodes of a plan.
const MOST_NODES: u32 = 2_000_000;
/// Deepest elements within elements.
const DEEPEST: usize = 64;
/// Value of a variable that the plan names and does not have.
pub(super) const UNKNOWN: &str = "REPLACE-ME";
/// Elements that a journey does without: cookies are kept anyway, and a report is made of every run.
const WITHOUT: [&str; 8] = [
    "CookieManager",
    "CacheManager",
    "DNSCacheManager",
    "ResultCollector",
    "Summariser",
    "BackendListener",
    "DebugPostProcessor",
    "Arguments",
];

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JmxOptions {
    /// The file, for errors.
    pub path: PathBuf,
    /// Folder from which the plan names files of data and uploads.
    pub folder: PathBuf,
    /// Beginning of the journeys' names.
    pub name: String,
    /// Hosts of the front door as the plan has them, variables included; by default that of the first request.
    pub hosts: Vec<String>,
}

/// Makes a journey for each thread group of a plan.
pub fn jmx(plan: &str, options: &JmxOptions) -> Result<ImportResult, ImportError> {
    let wrong = |problem: String| ImportError::Format {
        path: options.path.clone(),
        expected: "a JMeter plan",
        problem,
    };
    let parsing = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let plan = plan.trim_start_matches('\u{feff}');
    let document = Document::parse_with_options(plan, parsing).map_err(|error| wrong(error.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name("jmeterTestPlan") {
        return Err(wrong("its root is not `jmeterTestPlan`".to_owned()));
    }
    let mut reader = Reader {
        options,
        hosts: options.hosts.clone(),
        ..Reader::new(options)
    };
    let trees = root.children().filter(|node| node.has_tag_name("hashTree"));
    let top: Vec<Element<'_>> = trees.flat_map(Element::all).collect();
    reader.variables(plan, &top);
    reader.plan(&top);
    reader.finish()
}

/// Rows of data that a thread group takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) feeder: Table,
    pub(super) columns: Vec<String>,
}

/// A plan that is being read.
pub(super) struct Reader<'a> {
    pub(super) options: &'a JmxOptions,
    hosts: Vec<String>,
    pub(super) texts: Texts,
    /// Variables that the plan defines.
    pub(super) defined: BTreeMap<String, String>,
    pub(super) account: Account,
    vault: Vault,
    names: Names,
    taken: Names,
    journeys: Vec<Draft>,
    mix: Vec<(String, f64)>,
    pub(super) files: Vec<Attachment>,
    steps: Steps,
    pub(super) rows: Option<Rows>,
}

/// Pause before each request: at least, and up to as much more, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pause {
    pub(super) least: f64,
    pub(super) more: f64,
}

/// Settings that apply to the requests at one place of the plan.
#[derive(Debug, Clone, Default)]
struct Scope<'a> {
    around: Around<'a>,
    pause: Pause,
    /// Extractors and assertions.
    reading: Vec<Element<'a>>,
}

impl<'p> Reader<'p> {
    fn new(options: &'p JmxOptions) -> Self {
        Self {
            options,
            hosts: Vec::new(),
            texts: Texts::default(),
            defined: BTreeMap::new(),
            account: Account::default(),
            vault: Vault::default(),
            names: Names::default(),
            taken: Names::default(),
            journeys: Vec::new(),
            mix: Vec::new(),
            files: Vec::new(),
            steps: Steps::default(),
            rows: None,
        }
    }

    /// Takes the variables that the plan defines anywhere, and the defaults of its properties.
    fn variables(&mut self, plan: &str, elements: &[Element<'_>]) {
        for (name, value) in Texts::defaults(plan) {
            self.defined.insert(name, value);
        }
        for element in elements.iter().filter(|element| element.is_enabled()) {
            if matches!(element.kind(), "TestPlan" | "Arguments") {
                for (name, value) in element.arguments("Arguments.arguments") {
                    let value = match Texts::defaults(value).pop() {
                        Some((_, default)) => default,
                        None => literal(value),
                    };
                    self.defined.insert(value_name(name), value);
                }
            }
            self.variables("", &element.below());
        }
    }

    /// The elements above the thread groups.
    fn plan(&mut self, top: &[Element<'_>]) {
        for plan in top {
            let below = plan.below();
            let scope = self.scope(&below, &Scope::default());
            let rows = self.rows.take();
            for element in below.iter().filter(|element| element.kind().ends_with("ThreadGroup")) {
                if element.is_enabled() {
                    self.rows.clone_from(&rows);
                    self.group(element, &scope);
                } else {
                    self.switched_off(element);
                }
            }
            let is_other = |element: &&Element<'_>| !element.kind().ends_with("ThreadGroup");
            for element in below.iter().filter(is_other) {
                self.other(element);
            }
        }
    }

    /// One thread group as a journey.
    fn group<'a>(&mut self, element: &Element<'a>, outer: &Scope<'a>) {
        let slug = slug(element.name(), '-');
        let name = match slug.as_str() {
            "" => self.options.name.clone(),
            slug => format!("{}-{slug}", self.options.name),
        };
        let name = self.taken.unique(&name, '-');
        let mut draft = Draft::new(
            &name,
            &format!("ImportResult from a JMeter plan: {}", literal(element.name())),
        );
        draft.notes.push("WrittenFiles by `diapason import jmx`.".to_owned());
        self.steps = Steps::default();
        draft.steps = self.level(&element.below(), outer, 0, &name);
        if draft.steps.is_empty() {
            return;
        }
        if let Some(first) = draft.steps.first_mut() {
            // The first step begins when the schedule says.
            first.keys.remove("think");
        }
        let columns = match self.rows.take() {
            Some(rows) => {
                draft.set("feeder", rows.feeder);
                rows.columns
            }
            None => Vec::new(),
        };
        complete(&mut draft, self.steps.braces);
        self.declare(&mut draft, &columns);
        let threads = element
            .number("ThreadGroup.num_threads")
            .filter(|threads| *threads > 0.0);
        match element.kind() {
            "SetupThreadGroup" | "PostThreadGroup" => self.account.note(format!(
                "{}: {name} is walked once in JMeter: name it as `setup` or `teardown` of the scenario",
                element.place()
            )),
            _ => self.mix.push((name, threads.unwrap_or(1.0))),
        }
        self.journeys.push(draft);
    }

    /// Settings that apply to all requests at this level and below.
    fn scope<'a>(&mut self, elements: &[Element<'a>], outer: &Scope<'a>) -> Scope<'a> {
        let mut scope = outer.clone();
        for element in elements.iter().filter(|element| element.is_enabled()) {
            match element.kind() {
                "ConfigTestElement" if element.window() == "HttpDefaultsGui" => scope.around.defaults.push(*element),
                "HeaderManager" => {
                    let headers = element.items("HeaderManager.headers").into_iter();
                    let headers = headers.map(|item| (text(item, "Header.name"), text(item, "Header.value")));
                    let headers = headers.filter(|(name, _)| !name.is_empty());
                    scope
                        .around
                        .headers
                        .extend(headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
                }
                "CSVDataSet" => self.rows(element),
                kind if kind.ends_with("Timer") => self.timer(element, &mut scope.pause),
                _ if reads(element, &mut Texts::default()).is_some() => scope.reading.push(*element),
                _ => {}
            }
        }
        scope
    }

    /// The steps of one level.
    fn level<'a>(
        &mut self,
        elements: &[Element<'a>],
        outer: &Scope<'a>,
        depth: usize,
        journey: &str,
    ) -> Vec<DraftStep> {
        let scope = self.scope(elements, outer);
        let mut steps = Vec::new();
        for element in elements {
            if !element.is_enabled() {
                self.switched_off(element);
            } else if depth > DEEPEST {
                self.account
                    .note(format!("{} lies too deep and is left out", element.place()));
            } else {
                self.element(element, &scope, depth, journey, &mut steps);
            }
        }
        steps
    }

    fn element<'a>(
        &mut self,
        element: &Element<'a>,
        scope: &Scope<'a>,
        depth: usize,
        journey: &str,
        steps: &mut Vec<DraftStep>,
    ) {
        let place = element.place();
        match element.kind() {
            "HTTPSamplerProxy" | "HTTPSampler" | "HTTPSampler2" | "HTTPSampler3" => {
                self.account.read += 1;
                self.sampler(element, scope, journey, steps);
            }
            kind if kind.ends_with("Sampler") => {
                self.account.read += 1;
                self.account
                    .leave_out(&format!("a sampler that is not HTTP ({})", literal(kind)), &place);
            }
            "TransactionController" => {
                let inner = self.level(&element.below(), scope, depth + 1, journey);
                self.grouped(element, GroupKind::Sequence, inner, steps);
            }
            "LoopController" => {
                let inner = self.level(&element.below(), scope, depth + 1, journey);
                let loops = element
                    .number("LoopController.loops")
                    .filter(|loops| (1.0..1e5).contains(loops));
                if loops.is_none() {
                    self.account
                        .note(format!("{place}: its number of passes is not known, and there is one"));
                }
                let count = steps.len();
                self.grouped(element, GroupKind::Sequence, inner, steps);
                if let (Some(group), Some(loops)) = (steps.get_mut(count), loops) {
                    group.set("repeat", i64::from(crate::units::saturating_u32(loops)));
                }
            }
            "RandomController" | "InterleaveControl" => {
                let inner = self.level(&element.below(), scope, depth + 1, journey);
                self.grouped(element, GroupKind::Choice, inner, steps);
            }
            "GenericController" | "RecordingController" | "TestFragmentController" => {
                steps.extend(self.level(&element.below(), scope, depth + 1, journey));
            }
            kind if kind.ends_with("Controller") => {
                self.account.note(format!(
                    "{place}: its steps are made each time, because a {} has no counterpart: `if`, `while` and `for-each` of a step may say it",
                    literal(kind)
                ));
                steps.extend(self.level(&element.below(), scope, depth + 1, journey));
            }
            _ => self.other(element),
        }
    }

    fn sampler<'a>(&mut self, element: &Element<'a>, outer: &Scope<'a>, journey: &str, steps: &mut Vec<DraftStep>) {
        let below = element.below();
        let scope = self.scope(&below, outer);
        for other in &below {
            if other.is_enabled() {
                self.other(other);
            } else {
                self.switched_off(other);
            }
        }
        let mut place = Place {
            folder: &self.options.folder,
            name: &self.options.name,
            hosts: &mut self.hosts,
        };
        let sampled = match request(element, &scope.around, &mut self.texts, &mut place) {
            Ok(sampled) => sampled,
            Err(reason) => {
                self.account.leave_out(&reason, &element.place());
                return;
            }
        };
        for missing in sampled.missing {
            self.account.note(format!(
                "{}: {missing} is not there: the file is empty",
                element.place()
            ));
        }
        self.files.extend(sampled.files);
        let mut request = sampled.request;
        let mut checks = Vec::new();
        for reading in &scope.reading {
            match reads(reading, &mut self.texts) {
                Some(Reads::Values(values)) => request.extract.extend(values),
                Some(Reads::Checks(more)) => checks.extend(more),
                Some(Reads::Statuses(statuses)) => request.status.extend(statuses),
                Some(Reads::Nothing) => self.account.note(format!(
                    "{}: a {} of this form is left out: write it as `check` or `extract`",
                    reading.place(),
                    reading.kind()
                )),
                None => {}
            }
        }
        hide(&mut request, &mut self.vault, &mut self.names);
        let mut step = self.steps.step(&request);
        if !checks.is_empty() {
            step.set("check", Value::Array(checks.into_iter().map(Value::Table).collect()));
        }
        let Pause { least, more } = scope.pause;
        if least + more >= 1.0 {
            step.set(
                "think",
                if more < 1.0 {
                    format!("{least:.0}ms")
                } else {
                    format!("{least:.0}ms..{:.0}ms", least + more)
                },
            );
        }
        self.account.became.push(format!(
            "{}: {} becomes step {} of {journey}",
            element.place(),
            request.line(),
            step.name
        ));
        self.account.replayed += 1;
        steps.push(step);
    }

    fn grouped(&mut self, element: &Element<'_>, kind: GroupKind, inner: Vec<DraftStep>, steps: &mut Vec<DraftStep>) {
        if inner.is_empty() {
            return;
        }
        let name = slug(element.name(), '-');
        let name = self.steps.group(if name.is_empty() { "group" } else { &name });
        let branches = match kind {
            GroupKind::Choice => inner.into_iter().map(|step| vec![step]).collect(),
            GroupKind::Sequence | GroupKind::Parallel => vec![inner],
        };
        steps.push(DraftStep {
            name,
            kind,
            weights: vec![1.0; branches.len()],
            branches,
            ..DraftStep::default()
        });
    }

    fn switched_off(&mut self, element: &Element<'_>) {
        self.account
            .note(format!("{} is switched off and left out", element.place()));
    }

    /// Tells an element that no journey has a counterpart for.
    fn other(&mut self, element: &Element<'_>) {
        let kind = element.kind();
        let is_known = WITHOUT.contains(&kind)
            || kind.ends_with("Timer")
            || matches!(kind, "HeaderManager" | "CSVDataSet" | "TestPlan")
            || kind == "ConfigTestElement" && element.window() == "HttpDefaultsGui"
            || reads(element, &mut Texts::default()).is_some();
        if !is_known && element.is_enabled() {
            self.account.note(format!(
                "{}: a {} has no counterpart and is left out",
                element.place(),
                literal(kind)
            ));
        }
    }

    fn finish(mut self) -> Result<ImportResult, ImportError> {
        for function in std::mem::take(&mut self.texts.unknown) {
            self.account.note(format!(
                "function ${{{function}}} has no counterpart: {UNKNOWN} stands for it"
            ));
        }
        if self.journeys.is_empty() {
            return Err(ImportError::Nothing {
                path: self.options.path.clone(),
                reasons: self.account.lines("samplers"),
            });
        }
        let secrets = self.vault.declare(&mut self.journeys, &self.options.name);
        self.files.extend(secrets);
        Ok(ImportResult {
            journeys: self.journeys,
            mix: self.mix,
            load: None,
            files: self.files,
            account: self.account,
        })
    }
}
