//! Databases that run on this host and whose files a stack file would copy: such a copy is torn.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::engine::Engine;
use super::mounts::{Host, holds, real, source};
use super::namespace::NAMESPACE;
use super::value::{entries, items, text};
use crate::evidence::image::{self, Role};
use crate::stack::reach::{ComposePart, OutsideResource, PathContents, Refusal};
use crate::stack::{StackError, StackFile};

/// All such copies, in the order of the file. Without an engine, only servers that run on the host itself are found.
pub(super) async fn all(
    configuration: &Value,
    file: &StackFile,
    engine: Option<&Engine>,
) -> Result<Vec<Refusal>, StackError> {
    let copied = copied_databases(configuration, file);
    let Some(engine) = engine.filter(|_| !copied.is_empty()) else {
        return Ok(refusals(copied, &[]));
    };
    Ok(refusals(copied, &writers(engine).await?))
}

/// Service, mount point and folder of each copy of a database's files.
fn copied_databases(configuration: &Value, file: &StackFile) -> Vec<(String, String, PathBuf)> {
    let host = Host::from_file(file);
    let services = entries(configuration, "services");
    let mounts = services.flat_map(|(name, service)| items(service, "volumes").map(move |mount| (name, mount)));
    let binds = mounts.filter(|(_, mount)| text(mount, "type") == "bind");
    let databases = binds.filter_map(|(name, mount)| {
        let (target, path) = (text(mount, "target"), real(&source(mount)));
        let is_copied = host.copies(&path) && holds(&path, target) == PathContents::Database;
        is_copied.then(|| (name.clone(), target.to_owned(), path))
    });
    databases.collect()
}

/// A running container, and the folders of the host that it may write to.
struct Writer {
    name: String,
    /// True if its image is that of a data store.
    is_store: bool,
    folders: Vec<PathBuf>,
}

impl Writer {
    /// True if the files in that folder are in use by the container. A folder above may be mounted for another purpose, such as a
    /// home folder for development, unless the container is a store.
    fn uses(&self, folder: &Path) -> bool {
        let below = |own: &PathBuf| self.is_store && folder.starts_with(own);
        self.folders.iter().any(|own| own.starts_with(folder) || below(own))
    }
}

/// Running containers that write to the host; those of isolated stacks have copies of their own.
async fn writers(engine: &Engine) -> Result<Vec<Writer>, StackError> {
    let running = engine.all_containers().await?.into_iter();
    let others = running.filter(|container| {
        let labels = container.labels.as_ref();
        !labels.is_some_and(|labels| labels.contains_key(NAMESPACE))
    });
    let writers = others.map(|container| {
        let name = container
            .names
            .and_then(|names| names.into_iter().next())
            .unwrap_or_default();
        let mounts = container
            .mounts
            .into_iter()
            .flatten()
            .filter(|mount| mount.rw != Some(false));
        let sources = mounts.filter_map(|mount| mount.source);
        let role = image::role(&container.image.unwrap_or_default(), "");
        Writer {
            name: name.trim_start_matches('/').to_owned(),
            is_store: matches!(role, Role::Postgres | Role::Store),
            folders: sources.map(|source| real(Path::new(&source))).collect(),
        }
    });
    Ok(writers.collect())
}

fn refusals(copied: Vec<(String, String, PathBuf)>, writers: &[Writer]) -> Vec<Refusal> {
    let found = copied.into_iter().filter_map(|(service, target, folder)| {
        let by = match writers.iter().find(|writer| writer.uses(&folder)) {
            Some(Writer { name, .. }) => format!("container {name}"),
            None => format!("process {}", server(&folder)?),
        };
        Some(Refusal {
            part: ComposePart::Service(service),
            key: format!("volumes.{target}"),
            reach: OutsideResource::RunningDatabase { folder, by },
        })
    });
    found.collect()
}

/// Process id of a `PostgreSQL` server of this host whose data that is.
fn server(folder: &Path) -> Option<u32> {
    let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
    let id: u32 = text.lines().next()?.trim().parse().ok()?;
    // Of a server that was killed the file stays, and another process may have its number.
    let command = fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
    command.starts_with("post").then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_of_a_database_is_refused_while_a_container_has_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let data = real(folder.path());
        fs::write(data.join("PG_VERSION"), "17").unwrap();
        fs::write(data.join("postmaster.pid"), "1\n").unwrap();
        let mut file = StackFile::attached("");
        file.isolation.copied = vec![data.clone()];
        let mount = json!({ "type": "bind", "source": data, "target": "/var/lib/postgresql/data" });
        let configuration = json!({ "services": { "db": { "volumes": [mount] } } });
        let found = |folder: &Path, is_store| {
            let writer = Writer {
                name: "shop-db".to_owned(),
                is_store,
                folders: vec![folder.to_owned()],
            };
            let refusals = refusals(copied_databases(&configuration, &file), &[writer]);
            refusals.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let told = format!(
            "service `db`: it would get a copy of {}, where a database runs (container shop-db), and such a copy is torn",
            data.display()
        );
        assert_eq!(found(&data, false), [told.as_str()]);
        assert_eq!(found(&data.join("base"), false), [told.as_str()]);
        let above = data.parent().unwrap();
        assert_eq!(found(above, true), [told.as_str()]);
        assert_eq!(found(above, false), Vec::<String>::new());
        // Process 1 is no server, and the container has other files.
        assert_eq!(found(Path::new("/srv/photos"), true), Vec::<String>::new());
        fs::remove_file(data.join("PG_VERSION")).unwrap();
        let mount = json!({ "type": "bind", "source": data, "target": "/photos" });
        let photos = json!({ "services": { "web": { "volumes": [mount] } } });
        assert_eq!(copied_databases(&photos, &file), []);
    }
}
