//! Lists the files that come with the program for `src/shipped`: the scenarios, the reference stack, and the script that prepares
//! a machine.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Folders and files, from the package's own folder.
const SHIPPED: &[&str] = &["ci/setup", "scenarios", "stack"];
/// Names of folders and files that tools leave behind.
const LEFT_BEHIND: &[&str] = &["node_modules", "dist", ".next", "next-env.d.ts"];

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files = Vec::new();
    for shipped in SHIPPED {
        collect(&package.join(shipped), &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let path = file.strip_prefix(&package)?.to_string_lossy();
        let place = file.to_string_lossy();
        let executable = fs::metadata(file)?.permissions().mode() & 0o100 != 0;
        writeln!(
            table,
            "    ShippedFile {{ path: {path:?}, executable: {executable}, content: include_bytes!({place:?}) }},"
        )?;
    }
    table.push_str("]\n");
    fs::write(out.join("shipped.rs"), table)?;
    Ok(())
}

/// Adds the files below `path`; cargo looks again when a folder gets or loses one.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !LEFT_BEHIND.contains(&name.as_ref()) && !name.ends_with(".tsbuildinfo") {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}
