//! `diapason completions` and `diapason man`, made from the definition of the command line; `diapason schema`, made from the types
//! that read files.

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::{Man, generate_to};

use super::Exit;
use super::arguments::Arguments;
use super::output::Output;
use crate::error::Hint;
use crate::reference::FileKind;

#[derive(Debug, thiserror::Error)]
#[error("failed to write manual pages to {}", path.display())]
struct ManualError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl Hint for ManualError {
    fn hint(&self) -> Option<String> {
        Some("name a folder that you may write to by `--out DIR`".to_owned())
    }
}

/// Prints the completions of that shell.
pub(super) fn completions(shell: Shell, output: Output) -> Exit {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    output.deliver(&String::from_utf8_lossy(&script));
    Exit::Met
}

/// Prints the schema of that kind of file, or its reference.
pub(super) fn schema(kind: FileKind, markdown: bool, output: Output) -> Exit {
    if markdown {
        output.deliver(&kind.page());
    } else {
        output.deliver(&format!("{:#}\n", kind.schema().as_value()));
    }
    Exit::Met
}

/// Prints the page of the program, or writes a page for each command into that folder.
pub(super) fn pages(folder: Option<&Path>, output: Output) -> Exit {
    let command = Arguments::command();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        // Writing to memory cannot fail.
        let _ = Man::new(command).render(&mut page);
        output.deliver(&String::from_utf8_lossy(&page));
        return Exit::Met;
    };
    match fs::create_dir_all(folder).and_then(|()| generate_to(command, folder)) {
        Ok(()) => Exit::Met,
        Err(source) => output.fail(&ManualError {
            path: folder.to_owned(),
            source,
        }),
    }
}
