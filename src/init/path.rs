//! Paths from one folder to a file in another.

use std::path::{Component, Path, PathBuf};

/// The relative path from that folder to that file; both are absolute.
pub(super) fn relative(folder: &Path, file: &Path) -> PathBuf {
    let from: Vec<Component<'_>> = folder.components().collect();
    let to: Vec<Component<'_>> = file.components().collect();
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from.iter().skip(common).map(|_| Component::ParentDir);
    up.chain(to.iter().skip(common).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_up_and_down_again() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).display().to_string();
        assert_eq!(way("/a/b/stacks", "/a/shop/compose.yml"), "../../shop/compose.yml");
        assert_eq!(way("/a", "/a/compose.yml"), "compose.yml");
        assert_eq!(way("/x/y", "/srv/c.yml"), "../../srv/c.yml");
    }
}
