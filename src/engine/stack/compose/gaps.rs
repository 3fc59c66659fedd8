//! Gaps in Compose files that Compose itself ends at, one at a time: environment files that do not exist, variables without a
//! value. They are found in the files as written, and then read past, so that all of them are told at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::interpolation::Unset;
use super::made_up::made_up_for;
use super::value::{entries, items, text};
use super::variables::values;
use super::written::{CONTENT, Written, WrittenEnvFile};
use crate::stack::caution::Caution;
use crate::stack::file::ComposeSettings;
use crate::stack::lack::{Lack, LackKind, Place};
use crate::stack::reach::ComposePart;
use crate::stack::{StackError, StackFile};

/// A variable that the files require and that has no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequiredVariable {
    /// A value made up for it.
    pub value: String,
    /// Message of the file; may be empty.
    pub message: String,
    /// The places that ask for it; empty if only Compose knows them.
    pub places: Vec<Place>,
}

/// Gaps in the Compose files of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Required variables without a value, by name.
    pub required: BTreeMap<String, RequiredVariable>,
    /// Other variables without a value, with the places that become empty.
    unset: BTreeMap<String, Vec<Place>>,
    /// Environment files that do not exist.
    env_files: Vec<Lack>,
    /// Services whose environment files are left out for the reading.
    reset: BTreeSet<String>,
}

impl Gaps {
    /// Finds them. `environment` is the one given to Compose.
    pub(super) async fn find(
        file: &StackFile,
        compose: &ComposeSettings,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, StackError> {
        let written = Written::read(file, compose);
        let values = values(file, compose, environment, written.names()).await?;
        Ok(Self::new(&written, &values))
    }

    fn new(written: &Written, values: &BTreeMap<String, String>) -> Self {
        let mut gaps = Self::default();
        for text in &written.texts {
            let value = |name: &str| {
                let known = || {
                    // Compose sets the first kind itself; values of the second are in a file that Compose reads.
                    let is_set = name.starts_with("COMPOSE_") || text.assigned.contains(name);
                    is_set.then_some("set")
                };
                values.get(name).map(String::as_str).or_else(known)
            };
            for unset in text.template.unset(&value) {
                gaps.add(unset, &text.place);
            }
        }
        for (place, name) in written.contents.iter().filter(|(_, name)| !values.contains_key(name)) {
            let unset = Unset {
                name: name.clone(),
                required: Some(String::new()),
                before: String::new(),
            };
            gaps.add(unset, place);
        }
        let value = |name: &str| values.get(name).map(String::as_str);
        for entry in &written.env_files {
            gaps.add_env_file(entry, entry.path.expand(&value));
        }
        gaps
    }

    fn add(&mut self, unset: Unset, place: &Place) {
        let places = match unset.required {
            None => self.unset.entry(unset.name).or_default(),
            Some(message) => {
                let made_up = made_up_for(&unset.name, &place.key, &unset.before);
                let variable = self.required.entry(unset.name.clone()).or_default();
                if variable.value.is_empty() || made_up != made_up_for(&unset.name, "", "") {
                    variable.value = made_up;
                }
                if variable.message.is_empty() {
                    variable.message = message;
                }
                &mut variable.places
            }
        };
        if !places.contains(place) {
            places.push(place.clone());
        }
    }

    fn add_env_file(&mut self, entry: &WrittenEnvFile, path: String) {
        // Compose knows the home folder, and reports a path that is empty.
        let path = entry.folder.join(path);
        if entry.path.expand(&|_| None).starts_with('~') || (path.exists() && !path.is_dir()) {
            return;
        }
        let lack = Lack {
            place: Place {
                part: Some(ComposePart::Service(entry.service.clone())),
                key: "env_file".to_owned(),
            },
            what: LackKind::EnvFile { path },
        };
        if !self.env_files.contains(&lack) {
            self.env_files.push(lack);
        }
        if !entry.included {
            self.reset.insert(entry.service.clone());
        }
    }

    /// The environment for Compose with a value for each variable that the files require.
    pub(super) fn fill(&self, environment: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut filled = environment.clone();
        let made_up = self.required.iter();
        filled.extend(made_up.map(|(name, variable)| (name.clone(), variable.value.clone())));
        filled
    }

    /// A Compose file over the others that leaves the missing environment files out; `None` if none is missing.
    pub(super) fn over(&self) -> Option<String> {
        if self.reset.is_empty() {
            return None;
        }
        // JSON texts are YAML; the tag is not JSON.
        let services = self
            .reset
            .iter()
            .map(|name| format!("  {}:\n    env_file: !reset []\n", json!(name)));
        Some(format!("services:\n{}", services.collect::<String>()))
    }

    /// The gaps that keep the services of that configuration from being started.
    pub(super) fn lacks(&self, configuration: &Value) -> Vec<Lack> {
        let mut lacks = self.all();
        lacks.retain(|lack| takes_part(&lack.place, configuration));
        lacks
    }

    /// All environment files that do not exist, and all required variables.
    pub(super) fn all(&self) -> Vec<Lack> {
        let env_files = self.env_files.iter().cloned();
        let required = self.required.iter().flat_map(|(name, variable)| {
            let nowhere = Place {
                part: None,
                key: name.clone(),
            };
            let places = if variable.places.is_empty() {
                vec![nowhere]
            } else {
                variable.places.clone()
            };
            places.into_iter().map(|place| Lack {
                place,
                what: LackKind::Variable {
                    name: name.clone(),
                    message: variable.message.clone(),
                },
            })
        });
        env_files.chain(required).collect()
    }

    /// The variables without a value in places whose keys an error of Compose names: many keys may not be empty.
    pub(super) fn behind(&self, output: &str) -> Vec<Lack> {
        let is_named = |place: &&Place| output.contains(&format!(".{}", place.key));
        let found = self.unset.iter().flat_map(|(name, places)| {
            places.iter().filter(is_named).map(|place| Lack {
                place: place.clone(),
                what: LackKind::Empty { name: name.clone() },
            })
        });
        found.collect()
    }

    /// The environment files that do not exist, of the services of that configuration.
    pub(super) fn env_files(&self, configuration: &Value) -> Vec<Lack> {
        let all = self.env_files.iter();
        all.filter(|lack| takes_part(&lack.place, configuration))
            .cloned()
            .collect()
    }

    /// The variables that become empty in that configuration, except where the stack file sets the value itself.
    pub(super) fn cautions(&self, configuration: &Value, file: &StackFile) -> Vec<Caution> {
        let is_replaced = |place: &Place| {
            let Some(ComposePart::Service(service)) = &place.part else {
                return false;
            };
            let Some(settings) = file.service.get(service) else {
                return false;
            };
            let variable = place.key.strip_prefix("environment.");
            variable.is_some_and(|name| settings.environment.contains_key(name))
                || (place.key == "image" && settings.image.is_some())
                || settings.without.contains(&place.key)
        };
        // Of a required variable more is said already.
        let unset = self.unset.iter().filter(|(name, _)| !self.required.contains_key(*name));
        let cautions = unset.filter_map(|(variable, places)| {
            let places: Vec<Place> = places
                .iter()
                .filter(|place| takes_part(place, configuration) && !is_replaced(place))
                .cloned()
                .collect();
            (!places.is_empty()).then(|| Caution::Unset {
                variable: variable.clone(),
                places,
            })
        });
        cautions.collect()
    }
}

/// True unless that is the place of a part that the configuration does not have, or a secret or config that no service gets.
fn takes_part(place: &Place, configuration: &Value) -> bool {
    if place.key == CONTENT
        && let Some(ComposePart::Secret(name) | ComposePart::Config(name)) = &place.part
    {
        let mut services = entries(configuration, "services");
        return services.any(|(_, service)| {
            let mut used = items(service, "secrets").chain(items(service, "configs"));
            used.any(|used| used == name.as_str() || text(used, "source") == name)
        });
    }
    let (section, name) = match &place.part {
        None => return true,
        Some(ComposePart::Service(name)) => ("services", name),
        Some(ComposePart::Network(name)) => ("networks", name),
        Some(ComposePart::Volume(name)) => ("volumes", name),
        Some(ComposePart::Secret(name)) => ("secrets", name),
        Some(ComposePart::Config(name)) => ("configs", name),
    };
    configuration[section].get(name.as_str()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(text: &str) -> (Gaps, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("compose.yml"), text).unwrap();
        std::fs::write(folder.path().join("there.env"), "").unwrap();
        let compose = ComposeSettings {
            files: vec!["compose.yml".into()],
            ..ComposeSettings::default()
        };
        let mut file = StackFile::attached("");
        file.folder = folder.path().to_owned();
        let values = [("SET", "there.env"), ("EMPTY", "")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        (Gaps::new(&Written::read(&file, &compose), &values), folder)
    }

    #[test]
    fn all_are_found_and_read_past() {
        let (gaps, folder) = gaps(
            "services:\n  web:\n    image: 'app:${TAG:?which}'\n    env_file: [gone.env, there.env, '${SET}', '${FILE:-also.env}']\n\
             \x20   environment: { A: '${GONE}', B: '${EMPTY}', C: '${COMPOSE_PROJECT_NAME}', D: '${TAG}' }\n\
             \x20 debug: { image: '${GONE}', env_file: debug.env }\n  extra: { image: '${DEBUG:?x}' }\n",
        );
        let present = json!({ "services": { "web": {} } });
        let told = |lacks: Vec<Lack>| {
            let folder = format!("{}/", folder.path().display());
            lacks
                .iter()
                .map(|lack| lack.to_string().replace(&folder, ""))
                .collect::<Vec<_>>()
        };
        let expected = [
            "service `web`, `env_file`: gone.env does not exist",
            "service `web`, `env_file`: also.env does not exist",
            "service `web`, `image`: the variable `TAG` is required and has no value: which",
        ];
        assert_eq!(told(gaps.lacks(&present)), expected);
        assert_eq!(told(gaps.env_files(&present)).len(), 2);
        let cautions = gaps.cautions(&present, &StackFile::attached(""));
        let told: Vec<String> = cautions.iter().map(ToString::to_string).collect();
        let beginning = "the variable `GONE` has no value and becomes empty (service `web`, `environment.A`)";
        assert!(told.len() == 1 && told[0].starts_with(beginning), "{told:?}");
        assert_eq!(
            gaps.over().unwrap(),
            "services:\n  \"debug\":\n    env_file: !reset []\n  \"web\":\n    env_file: !reset []\n"
        );
        let filled = gaps.fill(&[("OWN".to_owned(), "1".to_owned())].into());
        assert_eq!((filled["OWN"].as_str(), filled["TAG"].as_str()), ("1", "latest"));
    }

    #[test]
    fn a_secret_out_of_a_variable_without_a_value_is_one() {
        let (gaps, _folder) = gaps(
            "services: { web: { image: x, secrets: [a, b] } }\n\
             secrets: { a: { environment: GONE_A }, b: { environment: SET }, c: { environment: GONE_C } }",
        );
        let present = json!({
            "services": { "web": { "secrets": [{ "source": "a" }, { "source": "b" }] } }, "secrets": { "a": {}, "b": {}, "c": {} },
        });
        let told: Vec<String> = gaps.lacks(&present).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["secret `a`, `environment`: the variable `GONE_A` is required and has no value"]
        );
        assert_eq!(
            gaps.fill(&BTreeMap::new())["GONE_A"],
            "isolated-gone-a-of-at-least-32-characters"
        );
    }

    #[test]
    fn what_the_stack_file_sets_is_no_gap() {
        let (gaps, _folder) =
            gaps("services: { web: { image: '${GONE}', environment: { A: '${GONE}' }, user: '${GONE}' } }");
        let text =
            "name = 's'\ndescription = 'd'\n[service.web]\nimage = 'x'\nwithout = ['user']\nenvironment = { A = '1' }";
        let file: StackFile = toml::from_str(text).unwrap();
        let present = json!({ "services": { "web": {} } });
        assert_eq!(gaps.cautions(&present, &file), []);
        let empty = StackFile::attached("");
        let told = gaps.cautions(&present, &empty);
        assert!(
            matches!(&told[..], [Caution::Unset { places, .. }] if places.len() == 3),
            "{told:?}"
        );
        assert_eq!(gaps.cautions(&json!({ "services": {} }), &empty), []);
        assert_eq!(gaps.over(), None);
    }
}
