//! Settings of a stack file that answer refusals without letting the isolated stack reach anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::caution::{Caution, enough};
use super::lack::Lack;
use super::paths::{key, relative};
use super::reach::{ComposePart, OutsideResource, PathContents, Refusal};
use super::{IsolationSettings, ServiceSettings, StackFile};

/// Tables of a stack file, in addition to those that it has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// `[isolation]`.
    pub isolation: IsolationSettings,
    /// `[service.NAME]`.
    pub services: BTreeMap<String, ServiceSettings>,
    /// Refused features in words with the alternative setting, by the table that answers them: `isolation` or `service.NAME`.
    reasons: BTreeMap<String, Vec<String>>,
}

impl Answers {
    /// The answer to each of those refusals: a feature is taken out, a path copied, a network, volume or secret made anew. A missing
    /// folder that Compose would create becomes an empty volume, and a service that may take longer than it is waited for gets the
    /// time.
    pub fn new(refusals: &[Refusal], lacks: &[Lack], cautions: &[Caution]) -> Self {
        let mut answers = Self::default();
        for refusal in refusals {
            answers.add(refusal);
        }
        for lack in lacks {
            if let Some((service, target)) = lack.emptied() {
                push(&mut answers.service(service).empty, target.to_owned());
                let reason = format!("{lack}; Compose would create an empty folder");
                answers.reasons.entry(table_of(service)).or_default().push(reason);
            }
        }
        for caution in cautions {
            if let Caution::StartPeriod {
                service,
                start_period,
                deadline,
            } = caution
            {
                answers.service(service).deadline = Some(enough(*start_period, *deadline));
                let reason = format!("It may take {start_period} to get healthy (`start_period` of its health check).");
                answers.reasons.entry(table_of(service)).or_default().push(reason);
            }
        }
        answers
    }

    fn service(&mut self, name: &str) -> &mut ServiceSettings {
        self.services.entry(name.to_owned()).or_default()
    }

    fn add(&mut self, refusal: &Refusal) {
        let isolation = &mut self.isolation;
        let mut of_service = None;
        match (&refusal.part, &refusal.reach) {
            (
                ComposePart::Service(_),
                OutsideResource::Writable {
                    path,
                    holds: PathContents::Files { .. },
                },
            ) => {
                push(&mut isolation.copied, path.clone());
            }
            (
                ComposePart::Service(name),
                OutsideResource::Writable { .. } | OutsideResource::RunningDatabase { .. },
            ) => {
                let target = refusal.key.strip_prefix("volumes.").unwrap_or(&refusal.key);
                push(
                    &mut self.services.entry(name.clone()).or_default().empty,
                    target.to_owned(),
                );
                of_service = Some(name);
            }
            (ComposePart::Service(name), _) => {
                push(
                    &mut self.services.entry(name.clone()).or_default().without,
                    refusal.key.clone(),
                );
                of_service = Some(name);
            }
            (ComposePart::Network(name), _) => push(&mut isolation.fresh_networks, name.clone()),
            (ComposePart::Volume(name), _) => push(&mut isolation.fresh_volumes, name.clone()),
            (ComposePart::Secret(name) | ComposePart::Config(name), _) => push(&mut isolation.made_up, name.clone()),
        }
        let table = match of_service {
            Some(name) => table_of(name),
            None => ISOLATION.to_owned(),
        };
        let size = match &refusal.reach {
            OutsideResource::Writable {
                holds: PathContents::Files { bytes },
                ..
            } => {
                format!(" ({} to copy at each start)", crate::units::Bytes::new(*bytes))
            }
            _ => String::new(),
        };
        let or = refusal.grant().map(|grant| format!("; or, to let it: {grant}"));
        let reason = format!("{refusal}{size}{}", or.unwrap_or_default());
        self.reasons.entry(table).or_default().push(reason);
    }

    /// True if there is nothing to answer.
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The answers as tables of that stack file, each under comments with the features it answers. Lists contain the items
    /// that the file has already, so that each replaces the one there.
    pub fn text(&self, file: &StackFile) -> String {
        let folder = file.folder.canonicalize().unwrap_or_else(|_| file.folder.clone());
        let mut tables = Vec::new();
        if self.reasons.contains_key(ISOLATION) {
            tables.push((ISOLATION.to_owned(), self.isolation_lines(&folder, &file.isolation)));
        }
        let none = ServiceSettings::default();
        for name in self.services.keys() {
            let before = file.service.get(name).unwrap_or(&none);
            tables.push((table_of(name), self.service_lines(name, before)));
        }
        let tables = tables
            .iter()
            .map(|(table, lines)| format!("{}[{table}]\n{lines}", self.reasons(table)));
        tables.collect::<Vec<_>>().join("\n")
    }

    /// The features that a table answers, as comments; empty if it answers none.
    pub fn reasons(&self, table: &str) -> String {
        let reasons = self.reasons.get(table).into_iter().flatten();
        reasons.fold(String::new(), |text, reason| {
            text + "# " + &reason.replace('\n', " ") + "\n"
        })
    }

    /// The lines of `[isolation]`, in addition to those settings; paths are relative to that folder.
    pub fn isolation_lines(&self, folder: &Path, before: &IsolationSettings) -> String {
        let own = &self.isolation;
        let texts = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let copied: Vec<PathBuf> = own.copied.iter().map(|path| relative(folder, path)).collect();
        [
            line("copied", &texts(&before.copied), &texts(&copied)),
            line("fresh-networks", &before.fresh_networks, &own.fresh_networks),
            line("fresh-volumes", &before.fresh_volumes, &own.fresh_volumes),
            line("made-up", &before.made_up, &own.made_up),
        ]
        .concat()
    }

    /// The lines of the table of that service, in addition to those settings.
    pub fn service_lines(&self, name: &str, before: &ServiceSettings) -> String {
        let own = self.services.get(name);
        own.map_or_else(String::new, |own| {
            let deadline = own.deadline.map(|deadline| format!("deadline = \"{deadline}\"\n"));
            line("without", &before.without, &own.without)
                + &line("empty", &before.empty, &own.empty)
                + &deadline.unwrap_or_default()
        })
    }
}

const ISOLATION: &str = "isolation";

fn table_of(service: &str) -> String {
    format!("service.{}", key(service))
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// A list with the items that were there before and those added; empty if none was added.
fn line(name: &str, before: &[String], added: &[String]) -> String {
    if added.is_empty() {
        return String::new();
    }
    let all = before.iter().chain(added.iter().filter(|item| !before.contains(item)));
    let all: Vec<String> = all.map(|item| toml::Value::String(item.clone()).to_string()).collect();
    format!("{name} = [{}]\n", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::lack::{LackKind, Place};

    fn refusal(part: ComposePart, key: &str, reach: OutsideResource) -> Refusal {
        Refusal {
            part,
            key: key.to_owned(),
            reach,
        }
    }

    #[test]
    fn every_refusal_has_an_answer_that_reaches_nothing() {
        let api = || ComposePart::Service("api.v1".to_owned());
        let external = || OutsideResource::External {
            name: "prod".to_owned(),
        };
        let writable = |holds| OutsideResource::Writable {
            path: "/srv/shop/up".into(),
            holds,
        };
        let refusals = [
            refusal(api(), "privileged", OutsideResource::Privileged),
            refusal(
                api(),
                "cap_add.SYS_ADMIN",
                OutsideResource::Capability {
                    name: "SYS_ADMIN".to_owned(),
                },
            ),
            refusal(api(), "volumes./up", writable(PathContents::Files { bytes: 2048 })),
            refusal(api(), "volumes./var/lib/db", writable(PathContents::Database)),
            refusal(ComposePart::Network("front".to_owned()), "external", external()),
            refusal(ComposePart::Volume("data".to_owned()), "external", external()),
            refusal(ComposePart::Secret("token".to_owned()), "external", external()),
        ];
        let answers = Answers::new(&refusals, &[], &[]);
        let mut file = StackFile::attached("");
        file.folder = "/srv/shop/scenarios/stacks".into();
        file.isolation.fresh_networks = vec!["back".to_owned()];
        let text = answers.text(&file);
        let table: toml::Table = toml::from_str(&text).unwrap();
        let isolation = "copied = [\"../../up\"]\nfresh-networks = [\"back\", \"front\"]\nfresh-volumes = [\"data\"]\nmade-up = [\"token\"]\n";
        assert_eq!(toml::to_string(&table["isolation"]).unwrap(), isolation);
        assert_eq!(
            toml::to_string(&table["service"]["api.v1"]).unwrap(),
            "empty = [\"/var/lib/db\"]\nwithout = [\"privileged\", \"cap_add.SYS_ADMIN\"]\n"
        );
        assert!(text.contains("# service `api.v1`: it has the capability SYS_ADMIN; or, to let it: [isolation] capabilities = [\"SYS_ADMIN\"]"), "{text}");
        assert!(text.contains("to copy at each start"), "{text}");
        assert!(Answers::new(&[], &[], &[]).is_empty());
    }

    #[test]
    fn missing_folders_and_slow_starts_have_answers_too() {
        let bind = |created| Lack {
            place: Place {
                part: Some(ComposePart::Service("db".to_owned())),
                key: "volumes./init".to_owned(),
            },
            what: LackKind::Bind {
                path: "/srv/init".into(),
                target: "/init".to_owned(),
                created,
            },
        };
        let slow = Caution::StartPeriod {
            service: "db".to_owned(),
            start_period: "10m".parse().unwrap(),
            deadline: "3m".parse().unwrap(),
        };
        let answers = Answers::new(&[], &[bind(true), bind(false)], &[slow]);
        let text = answers.text(&StackFile::attached(""));
        let expected = "# service `db`, `volumes./init`: /srv/init does not exist; Compose would create an empty folder\n\
            # It may take 10m to get healthy (`start_period` of its health check).\n[service.db]\nempty = [\"/init\"]\ndeadline = \"13m\"\n";
        assert_eq!(text, expected);
        assert!(Answers::new(&[], &[bind(false)], &[]).is_empty());
    }
}
