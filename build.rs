//! Lists the files that come with the program for `src/shipped`: the scenarios, the reference stack, and the script that prepares
//! a machine.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Folders and files, from the package's own folder.
const SHIPPED: &[&str] = &["ci/setup", "scenarios", "stack"];
/// Names of folders and files that tools leave behind.
const LEFT_BEHIND: &[&str] = &["node_modules", "dist", ".next", "next-env.d.ts"];

fn main() {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    for shipped in SHIPPED {
        collect(&package.join(shipped), &mut files);
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let path = file.strip_prefix(&package).expect("it is below the package");
        let executable = fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0);
        writeln!(
            table,
            "    ShippedFile {{ path: {path:?}, executable: {executable}, content: include_bytes!({file:?}) }},"
        )
        .expect("writing to a String cannot fail");
    }
    table.push_str("]\n");
    fs::write(out.join("shipped.rs"), table).expect("the output folder takes a file");
}

/// Adds the files below `path`; cargo looks again when a folder gets or loses one.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", path.display());
    if !path.is_dir() {
        files.push(path.to_owned());
        return;
    }
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !LEFT_BEHIND.contains(&name.as_ref()) && !name.ends_with(".tsbuildinfo") {
            collect(&entry.path(), files);
        }
    }
}
