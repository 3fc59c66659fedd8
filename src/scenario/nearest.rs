//! Folders that scenarios share.

use std::path::{Path, PathBuf};

/// The folder of that name beside the scenario, or in the nearest folder above that has one, so that scenarios of one kind may have
/// a folder of their own. Where there is none it is the one beside the scenario, which the error then names.
pub fn nearest(scenarios: &Path, name: &str) -> PathBuf {
    let beside = scenarios.join(name);
    if beside.is_dir() {
        return beside;
    }
    // A relative path has no ancestors beyond the working folder.
    let Ok(absolute) = std::path::absolute(scenarios) else {
        return beside;
    };
    let found = absolute
        .ancestors()
        .map(|folder| folder.join(name))
        .find(|folder| folder.is_dir());
    found.unwrap_or(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_beside_or_above() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("scenarios/maintenance");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(nearest(&deep, "journeys"), deep.join("journeys"));
        std::fs::create_dir(root.path().join("scenarios/journeys")).unwrap();
        assert_eq!(nearest(&deep, "journeys"), root.path().join("scenarios/journeys"));
        std::fs::create_dir(deep.join("journeys")).unwrap();
        assert_eq!(nearest(&deep, "journeys"), deep.join("journeys"));
    }
}
