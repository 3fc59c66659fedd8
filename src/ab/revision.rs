//! A git revision of the Compose files and build contexts, checked out beside the working tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::AbError;
use crate::stack::StackFile;

/// Name of the worktree in its temporary folder.
const TREE: &str = "tree";

/// A temporary worktree of the repository that holds a stack's Compose file; removed when it is dropped.
#[derive(Debug)]
pub(super) struct Checkout {
    revision: String,
    /// The commit.
    pub(super) commit: String,
    /// Root of the repository's working tree.
    root: PathBuf,
    folder: tempfile::TempDir,
}

impl Checkout {
    /// Checks out a revision of the repository that holds the first Compose file of that stack. Hooks are not run.
    pub(super) fn new(revision: &str, stack: &StackFile) -> Result<Self, AbError> {
        let refuse = |problem: String| AbError::Revision {
            revision: revision.to_owned(),
            problem,
        };
        let compose = stack.compose.as_ref().and_then(|compose| compose.files.first());
        let file = stack.folder.join(compose.map_or(Path::new("."), PathBuf::as_path));
        let folder = file.parent().unwrap_or(Path::new("."));
        let root = PathBuf::from(git(folder, &["rev-parse", "--show-toplevel"]).map_err(refuse)?);
        let wanted = format!("{revision}^{{commit}}");
        let commit = git(&root, &["rev-parse", "--verify", "--end-of-options", &wanted]).map_err(refuse)?;
        let folder = tempfile::Builder::new().prefix("diapason-ab-").tempdir();
        let checkout = Self {
            revision: revision.to_owned(),
            commit,
            root,
            folder: folder.map_err(|error| refuse(error.to_string()))?,
        };
        let tree = checkout.tree();
        let tree = tree.to_string_lossy();
        let add = ["worktree", "add", "--detach", "--force", &tree, &checkout.commit];
        git(&checkout.root, &add).map_err(refuse)?;
        Ok(checkout)
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join(TREE)
    }

    /// The same path in the checked-out tree; `None` if it lies outside the repository or the revision has no such file.
    fn moved(&self, path: &Path) -> Option<PathBuf> {
        // The present file may be missing: only its folder is resolved then.
        let whole = path
            .canonicalize()
            .or_else(|error| match (path.parent(), path.file_name()) {
                (Some(parent), Some(name)) => Ok(parent.canonicalize()?.join(name)),
                _ => Err(error),
            });
        let inside = whole.ok()?;
        let inside = inside.strip_prefix(&self.root).ok()?;
        Some(self.tree().join(inside)).filter(|path| path.exists())
    }

    /// Has the stack's Compose files, and the paths that they are relative to, taken from the revision. Files with environment
    /// that the revision does not hold, which are seldom committed, stay the present ones.
    pub(super) fn relocate(&self, stack: &mut StackFile) -> Result<(), AbError> {
        let folder = stack.folder.clone();
        let Some(compose) = &mut stack.compose else {
            return Ok(());
        };
        let first = compose.files.first().cloned().unwrap_or_default();
        let present = match &compose.project_directory {
            Some(directory) => folder.join(directory),
            None => folder.join(first).parent().map(Path::to_owned).unwrap_or_default(),
        };
        for file in &mut compose.files {
            *file = self.moved(&folder.join(&*file)).ok_or_else(|| AbError::NotInRevision {
                revision: self.revision.clone(),
                path: file.clone(),
            })?;
        }
        let absolute = |path: &Path| {
            let present = folder.join(path);
            self.moved(&present)
                .or_else(|| present.canonicalize().ok())
                .unwrap_or(present)
        };
        if let Some(directory) = &mut compose.project_directory {
            *directory = absolute(directory);
        }
        let environment = present.join(".env");
        if compose.env_files.is_empty() && environment.is_file() {
            compose.env_files.push(absolute(&environment));
        } else {
            compose.env_files.iter_mut().for_each(|file| *file = absolute(file));
        }
        Ok(())
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let tree = self.tree();
        // Where it fails, the folder is removed all the same, and git forgets the worktree by itself later.
        let _ = git(&self.root, &["worktree", "remove", "--force", &tree.to_string_lossy()]);
    }
}

/// Output of a git command in that folder, or what git says of its failure.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(["-c", "core.hooksPath=/dev/null", "-C"])
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or("git failed");
    Err(line.trim_start_matches("fatal: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with a stack file and two commits of its Compose file.
    fn repository() -> (tempfile::TempDir, StackFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
        std::fs::create_dir(path.join("deploy")).unwrap();
        git(&path, &["init", "--quiet", "--initial-branch=main"]).unwrap();
        let commit = |message: &str| {
            git(&path, &["add", "deploy"]).unwrap();
            let identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"];
            git(&path, &[&identity[..], &["commit", "--quiet", "-m", message]].concat()).unwrap();
        };
        write("deploy/compose.yml", "# one");
        commit("one");
        write("deploy/compose.yml", "# two");
        commit("two");
        write("deploy/.env", "A=1");
        write("deploy/new.yml", "# not committed");
        write(
            "stack.toml",
            "name = 's'\ndescription = 'd'\n[compose]\nfiles = ['deploy/compose.yml']\n[entry]\nservice = 'web'\nport = 80\n",
        );
        let stack = StackFile::load(&path, "stack").unwrap();
        (folder, stack)
    }

    #[test]
    fn compose_files_come_of_the_revision_and_its_tree_is_removed() {
        let (folder, mut stack) = repository();
        let checkout = Checkout::new("main~1", &stack).unwrap();
        checkout.relocate(&mut stack).unwrap();
        let compose = stack.compose.clone().unwrap();
        assert_eq!(std::fs::read_to_string(&compose.files[0]).unwrap(), "# one");
        // It is not committed, and Compose would look for it in the tree.
        let environment = folder.path().canonicalize().unwrap().join("deploy/.env");
        assert_eq!(compose.env_files, [environment]);
        let tree = checkout.tree();
        assert!(tree.is_dir());
        drop(checkout);
        assert!(!tree.exists());
        let left = git(folder.path(), &["worktree", "list", "--porcelain"]).unwrap();
        assert_eq!(left.matches("worktree ").count(), 1, "{left}");
    }

    #[test]
    fn what_git_does_not_know_is_refused() {
        let (_folder, mut stack) = repository();
        let error = Checkout::new("v9", &stack).unwrap_err();
        assert!(error.to_string().starts_with("cannot check out `v9`: "), "{error}");
        let checkout = Checkout::new("main", &stack).unwrap();
        stack.compose.as_mut().unwrap().files.push("deploy/new.yml".into());
        let error = checkout.relocate(&mut stack).unwrap_err();
        assert_eq!(error.to_string(), "`main` has no file deploy/new.yml");
    }
}
