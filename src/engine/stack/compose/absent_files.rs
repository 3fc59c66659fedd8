//! Files and folders of the host that a configuration names and that do not exist, and images whose name is none.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::mounts::{Host, source};
use super::value::{entries, items, text};
use crate::stack::StackFile;
use crate::stack::lack::{Lack, LackKind, Place};
use crate::stack::reach::ComposePart;

/// All of them, in the order of the file. Files of the host that are refused are none: their answer needs no file.
pub(super) fn find(configuration: &Value, file: &StackFile) -> Vec<Lack> {
    let host = Host::from_file(file);
    let mut lacks = Vec::new();
    for (name, service) in entries(configuration, "services") {
        let mut add = |key: String, what: LackKind| {
            let place = Place {
                part: Some(ComposePart::Service(name.clone())),
                key,
            };
            lacks.push(Lack { place, what });
        };
        if service["build"].is_object() {
            build(&service["build"], configuration, &mut add);
        } else if !is_image(text(service, "image")) {
            let image = unescaped(text(service, "image"));
            add("image".to_owned(), LackKind::Image { image });
        }
        for kind in ["secrets", "configs"] {
            contents(kind, kind, service, configuration, &mut add);
        }
        for mount in items(service, "volumes").filter(|mount| text(mount, "type") == "bind") {
            let path = source(mount);
            if path.symlink_metadata().is_ok() || host.reach(mount).is_some() {
                continue;
            }
            let target = text(mount, "target").to_owned();
            // With an extension it is meant to be a file, and an empty folder in its place helps nobody; `conf.d` is a folder.
            let is_folder = Path::new(&target).extension().is_none_or(|extension| extension == "d");
            let what = LackKind::Bind {
                path,
                created: is_folder && mount["bind"]["create_host_path"] == true,
                target: target.clone(),
            };
            add(format!("volumes.{target}"), what);
        }
    }
    lacks
}

/// Sources of the build of an image. Contexts of other machines are not looked at.
fn build(build: &Value, configuration: &Value, add: &mut impl FnMut(String, LackKind)) {
    let context = PathBuf::from(unescaped(text(build, "context")));
    if context.is_absolute() && !context.exists() {
        add("build.context".to_owned(), LackKind::Context { path: context });
    } else if context.is_absolute() && text(build, "dockerfile_inline").is_empty() {
        let named = unescaped(text(build, "dockerfile"));
        let path = context.join(if named.is_empty() { "Dockerfile" } else { &named });
        if !path.exists() || path.is_dir() {
            add("build.dockerfile".to_owned(), LackKind::Dockerfile { path });
        }
    }
    for (name, other) in entries(build, "additional_contexts") {
        let path = PathBuf::from(unescaped(other.as_str().unwrap_or_default()));
        if path.is_absolute() && !path.exists() {
            add(format!("build.additional_contexts.{name}"), LackKind::Context { path });
        }
    }
    contents("secrets", "build.secrets", build, configuration, add);
}

/// Files of the secrets or configs that a service, or its build, is given.
fn contents(kind: &str, key: &str, user: &Value, configuration: &Value, add: &mut impl FnMut(String, LackKind)) {
    for used in items(user, kind) {
        let name = used.as_str().unwrap_or_else(|| text(used, "source"));
        let path = PathBuf::from(unescaped(text(&configuration[kind][name], "file")));
        if path.is_absolute() && (!path.exists() || path.is_dir()) {
            add(format!("{key}.{name}"), LackKind::Content { path });
        }
    }
}

/// In the configuration `$` is doubled.
fn unescaped(text: &str) -> String {
    text.replace("$$", "$")
}

/// False if no image can have that name: a variable in it may be empty.
fn is_image(image: &str) -> bool {
    let holds_blank = image.contains(|letter: char| letter.is_whitespace());
    !(image.is_empty()
        || holds_blank
        || image.ends_with([':', '@', '/'])
        || image.starts_with([':', '@', '/'])
        || image.contains("//")
        || image.contains("/:"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_is_named_and_not_there_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::create_dir(at("app")).unwrap();
        fs::write(at("there"), "").unwrap();
        let bind = |name: &str, target: &str, read_only: bool, created: bool| json!({ "type": "bind", "source": at(name), "target": target, "read_only": read_only, "bind": { "create_host_path": created } });
        let configuration = json!({
            "services": {
                "web": {
                    "build": { "context": at("app"), "additional_contexts": { "lib": at("lib"), "base": "docker-image://alpine" }, "secrets": [{ "source": "gone" }] },
                    "secrets": [{ "source": "gone" }, { "source": "there" }, { "source": "value" }], "configs": ["site"],
                    "volumes": [
                        bind("there", "/a", true, true), bind("init", "/docker-entrypoint-initdb.d", true, true),
                        bind("x.conf", "/etc/x.conf", true, true), bind("long", "/long", true, false), bind("written", "/w", false, true),
                        { "type": "volume", "source": "data", "target": "/d" },
                    ],
                },
                "api": { "build": { "context": at("gone$$x") } },
                "inline": { "build": { "context": at("app"), "dockerfile_inline": "FROM x" } },
                "remote": { "build": { "context": "https://git.example/app.git#main", "dockerfile": "Dockerfile" } },
                "cache": { "image": "x:" }, "db": { "image": "registry.example:5000/db/postgres:17@sha256:00" },
            },
            "secrets": { "gone": { "file": at("secret") }, "there": { "file": at("there") }, "value": { "environment": "X" }, "unused": { "file": at("unused") } },
            "configs": { "site": { "file": at("site.conf") } },
        });
        let lacks = find(&configuration, &StackFile::attached(""));
        let told: Vec<String> = lacks
            .iter()
            .map(|lack| lack.to_string().replace(&format!("{}/", folder.path().display()), ""))
            .collect();
        let expected = [
            "service `web`, `build.dockerfile`: app/Dockerfile does not exist",
            "service `web`, `build.additional_contexts.lib`: lib does not exist",
            "service `web`, `build.secrets.gone`: secret does not exist",
            "service `web`, `secrets.gone`: secret does not exist",
            "service `web`, `configs.site`: site.conf does not exist",
            "service `web`, `volumes./docker-entrypoint-initdb.d`: init does not exist",
            "service `web`, `volumes./etc/x.conf`: x.conf does not exist",
            "service `web`, `volumes./long`: long does not exist",
            "service `api`, `build.context`: gone$x does not exist",
            "service `cache`, `image`: `x:` is not the name of an image",
        ];
        assert_eq!(told, expected);
        let emptied: Vec<_> = lacks.iter().filter_map(Lack::emptied).collect();
        assert_eq!(emptied, [("web", "/docker-entrypoint-initdb.d")]);
    }

    #[test]
    fn a_name_of_an_image_that_misses_a_part_is_none() {
        for image in ["x:", "x@", ":1", "/x", "a//b", "", "registry.example/:1", "a b"] {
            assert!(!is_image(image), "{image}");
        }
        for image in ["x", "x:1", "registry:5000/x", "x@sha256:0", "ghcr.io/a/b_c/d:1.0-x"] {
            assert!(is_image(image), "{image}");
        }
    }
}
