//! Configuration files that a service gets from the host or from the Compose file.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::mounts::source;
use super::value::{items, text};

/// Bytes of a file that are read: configurations are shorter.
const LONGEST: u64 = 1 << 20;
/// Files that are read of one folder, and of all that a service mounts. A folder of uploads has more, and no configuration.
const MOST_FILES: usize = 200;
/// Folders that hold the machine and no configuration: what is read there may never end.
const OF_THE_MACHINE: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Levels of folders: `/etc/nginx` has `conf.d` and `sites-enabled` below it, and no more.
const DEEPEST: usize = 2;
/// Extensions of configurations; many have none.
const EXTENSIONS: [&str; 14] = [
    "",
    "cfg",
    "cnf",
    "conf",
    "config",
    "env",
    "ini",
    "json",
    "properties",
    "template",
    "toml",
    "xml",
    "yaml",
    "yml",
];

/// Path in the container and text of each configuration file of a service: mounted from the host, by itself or in a folder, or given
/// as one of `configs`. Files that cannot be read, or that are no text, are left out.
pub fn mounted_texts(configuration: &Value, service: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for mount in items(service, "volumes").filter(|mount| text(mount, "type") == "bind") {
        collect(&source(mount), Path::new(text(mount, "target")), 0, &mut found);
    }
    for part in items(service, "configs") {
        let name = text(part, "source");
        let config = &configuration["configs"][name];
        let target = match text(part, "target") {
            "" => format!("/{name}"),
            target => target.to_owned(),
        };
        // In the configuration `$` is doubled.
        match text(config, "content") {
            "" => collect(
                &PathBuf::from(text(config, "file").replace("$$", "$")),
                Path::new(&target),
                0,
                &mut found,
            ),
            content => found.push((target, content.replace("$$", "$"))),
        }
    }
    found
}

/// Adds the text of that file, or of the files in that folder, which are at `target` in the container.
fn collect(path: &Path, target: &Path, depth: usize, found: &mut Vec<(String, String)>) {
    // A link may lead anywhere.
    let Ok(path) = fs::canonicalize(path) else { return };
    let is_of_the_machine = path.parent().is_none() || OF_THE_MACHINE.iter().any(|folder| path.starts_with(folder));
    if is_of_the_machine || found.len() >= MOST_FILES {
        return;
    }
    let Ok(data) = fs::metadata(&path) else { return };
    if data.is_file() {
        // An image or an archive has bytes of zero.
        let text = (data.len() <= LONGEST).then(|| contents(&path).ok()).flatten();
        let text = text.filter(|bytes| !bytes.contains(&0));
        found.extend(text.map(|bytes| {
            (
                target.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        }));
    } else if data.is_dir() && depth < DEEPEST {
        let mut inside: Vec<PathBuf> = fs::read_dir(&path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        inside.retain(|path| path.is_dir() || is_configuration(path));
        if inside.len() > MOST_FILES {
            return;
        }
        inside.sort();
        for path in inside {
            let name = path.file_name().unwrap_or_default();
            collect(&path, &target.join(name), depth + 1, found);
        }
    }
}

/// The bytes of a file, at most [`LONGEST`]: some file systems give no length, or a wrong one.
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_configuration(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    EXTENSIONS.contains(&extension)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn configurations_are_found_in_files_folders_and_configs() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("nginx/conf.d/deep/deeper")).unwrap();
        for (name, text) in [
            ("nginx/nginx.conf", "http {}"),
            ("nginx/conf.d/site.conf", "server {}"),
            ("nginx/conf.d/photo.jpg", "no text"),
            ("nginx/conf.d/deep/deeper/x.conf", "too deep"),
            ("Caddyfile", "shop.example"),
            ("image", "\0\0"),
        ] {
            fs::write(path(name), text).unwrap();
        }
        std::os::unix::fs::symlink("/", path("nginx/machine")).unwrap();
        std::os::unix::fs::symlink("/proc/self/environ", path("nginx/environment.conf")).unwrap();
        let bind = |from: &str, to: &str| json!({ "type": "bind", "source": path(from), "target": to });
        let service = json!({
            "volumes": [
                bind("nginx", "/etc/nginx"), bind("image", "/image"), bind("absent", "/absent"),
                // As those mount that watch a machine.
                { "type": "bind", "source": "/", "target": "/rootfs" },
                { "type": "bind", "source": "/proc", "target": "/host/proc" },
            ],
            "configs": [{ "source": "caddy" }, { "source": "inline", "target": "/etc/inline" }],
        });
        let configuration =
            json!({ "configs": { "caddy": { "file": path("Caddyfile") }, "inline": { "content": "a $$b" } } });
        let mut found = mounted_texts(&configuration, &service);
        found.sort();
        let expected = [
            ("/caddy", "shop.example"),
            ("/etc/inline", "a $b"),
            ("/etc/nginx/conf.d/site.conf", "server {}"),
            ("/etc/nginx/nginx.conf", "http {}"),
        ];
        assert_eq!(found, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }
}
