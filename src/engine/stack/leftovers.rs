//! Images that were built for isolated stacks, and folders of browsers whose run was killed: listed and removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::compose::{BuiltImage, Engine};
use super::{StackError, list_running};

/// Prefix of the name of the folder of a browser's profile; the number of the owning process and a hyphen follow.
pub const BROWSER_PROFILE: &str = "diapason-browser-";

/// Projects whose images are kept unless something else is asked for: those that were built last.
pub const KEPT_PROJECTS: usize = 3;

/// Images and folders that runs left.
#[derive(Debug, Clone, Default)]
pub struct Leftovers {
    /// Images by project, those of the project built last first.
    pub projects: Vec<ProjectImages>,
    /// Folders of browsers whose process has ended.
    pub folders: Vec<PathBuf>,
}

/// The images that were built for one Compose project.
#[derive(Debug, Clone, Default)]
pub struct ProjectImages {
    /// The project in the Compose files.
    pub project: String,
    /// Images with a name: the last build of each service.
    pub named: usize,
    /// Images without a name, which later builds replaced.
    pub replaced: usize,
    /// Bytes of all of them, layers that they share counted each time.
    pub size: u64,
    /// Time of the last build, in seconds of the Unix epoch.
    pub built: i64,
    images: Vec<BuiltImage>,
}

/// Things that were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PruneSummary {
    /// Names of images, and images without a name.
    pub images: usize,
    /// Folders.
    pub folders: usize,
}

/// Finds what runs left behind, beside stacks.
pub async fn leftovers() -> Result<Leftovers, StackError> {
    let mut projects: BTreeMap<String, ProjectImages> = BTreeMap::new();
    for image in Engine::connect().await?.built_images().await? {
        let of = projects.entry(image.project.clone()).or_default();
        of.add(image);
    }
    let mut projects: Vec<_> = projects.into_values().collect();
    projects.sort_by_key(|project| std::cmp::Reverse(project.built));
    let folders = orphaned(&std::env::temp_dir(), Path::new("/proc"));
    Ok(Leftovers { projects, folders })
}

/// Removes images that later builds replaced, all images but those of the `keep` projects built last, and the folders. Images
/// stay while a run goes on, which may be about to start one; so do those in use.
pub async fn prune(keep: usize) -> Result<PruneSummary, StackError> {
    let found = leftovers().await?;
    let mut pruned = PruneSummary::default();
    for folder in &found.folders {
        pruned.folders += usize::from(fs::remove_dir_all(folder).is_ok());
    }
    let is_busy = list_running().await?.iter().any(|stack| stack.owner.is_some());
    if is_busy {
        return Ok(pruned);
    }
    let engine = Engine::connect().await?;
    for (position, project) in found.projects.iter().enumerate() {
        for reference in project.removable(position < keep) {
            pruned.images += usize::from(engine.remove_image(reference).await);
        }
    }
    Ok(pruned)
}

impl ProjectImages {
    fn add(&mut self, image: BuiltImage) {
        self.project.clone_from(&image.project);
        self.built = self.built.max(image.built);
        self.size += image.bytes;
        if image.names.is_empty() {
            self.replaced += 1;
        } else {
            self.named += 1;
        }
        self.images.push(image);
    }

    /// Names of its images, and ids of those without a name; if the project is kept, the latter only.
    fn removable(&self, kept: bool) -> Vec<&str> {
        let mut references = Vec::new();
        for image in &self.images {
            if image.names.is_empty() {
                references.push(image.id.as_str());
            } else if !kept {
                // By its own name: the same image may have the user's as well.
                references.extend(image.names.iter().map(String::as_str));
            }
        }
        references
    }
}

/// Folders of browsers in that folder whose process is not in that list of processes.
fn orphaned(folder: &Path, processes: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_orphaned = |name: &str| {
        let owner = name.strip_prefix(BROWSER_PROFILE).and_then(|rest| rest.split_once('-'));
        owner.is_some_and(|(owner, _)| owner.parse::<u32>().is_ok() && !processes.join(owner).exists())
    };
    let mut found: Vec<PathBuf> = folders
        .filter(|entry| entry.file_name().to_str().is_some_and(is_orphaned))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_browsers_whose_run_is_gone_are_found() {
        let [folder, processes] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for name in [
            "diapason-browser-41-a",
            "diapason-browser-42-b",
            "diapason-browser-x-c",
            "diapason-4f",
            "other",
        ] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::create_dir(processes.path().join("42")).unwrap();
        let found = orphaned(folder.path(), processes.path());
        assert_eq!(found, [folder.path().join("diapason-browser-41-a")]);
    }

    #[test]
    fn images_of_a_kept_project_go_when_a_later_build_has_replaced_them() {
        let image = |id: &str, names: &[&str], built| BuiltImage {
            id: id.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            project: "shop".to_owned(),
            built,
            bytes: 1024,
        };
        let mut project = ProjectImages::default();
        project.add(image("a", &["diapason-built/shop-api:latest"], 7));
        project.add(image("b", &[], 5));
        assert_eq!(
            (project.named, project.replaced, project.size, project.built),
            (1, 1, 2048, 7)
        );
        assert_eq!(project.removable(true), ["b"]);
        assert_eq!(project.removable(false), ["diapason-built/shop-api:latest", "b"]);
    }
}
