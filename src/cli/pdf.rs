//! `--export pdf`: the page printed by Chromium, which the browser probe needs anyway.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::error::Hint;

/// Names that Chromium is installed under.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The format in the list of all, which is not made without a browser.
pub(super) const LISTED: (&str, &str) = (
    "pdf",
    "index.pdf: the page as Chromium prints it, tagged, with title and language",
);

/// A page that could not be printed.
#[derive(Debug, thiserror::Error)]
pub(super) enum PdfError {
    #[error("Chromium is not in PATH, and prints the PDF")]
    NoBrowser,
    #[error("a PDF is not written to standard output")]
    StandardOutput,
    #[error("failed to print {}", page.display())]
    Start {
        page: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("Chromium did not print {}: {told}", page.display())]
    Print { page: PathBuf, told: String },
}

impl Hint for PdfError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoBrowser => Some("run `diapason setup browser`, or install chromium".to_owned()),
            Self::StandardOutput => Some("name a file: `--export pdf=report.pdf`".to_owned()),
            Self::Start { .. } | Self::Print { .. } => None,
        }
    }
}

/// Prints the pages of a run folder beside them, or its main page alone to `path`. Title and language are those of the page, and
/// the PDF is tagged.
pub(super) fn print(folder: &Path, path: Option<&Path>) -> Result<(), PdfError> {
    let browser = browser().ok_or(PdfError::NoBrowser)?;
    if path.is_some_and(|path| path.as_os_str() == "-") {
        return Err(PdfError::StandardOutput);
    }
    if let Some(path) = path {
        return print_page(&browser, &folder.join("index.html"), path);
    }
    for name in ["index", "index.fr"] {
        let page = folder.join(format!("{name}.html"));
        if page.exists() {
            print_page(&browser, &page, &folder.join(format!("{name}.pdf")))?;
        }
    }
    Ok(())
}

fn browser() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

fn print_page(browser: &Path, page: &Path, pdf: &Path) -> Result<(), PdfError> {
    let start = |source| PdfError::Start {
        page: page.to_owned(),
        source,
    };
    let page_path = fs::canonicalize(page).map_err(start)?;
    // A profile of its own: a Chromium that the user has open holds the lock of the usual one.
    let profile = tempfile::tempdir().map_err(start)?;
    let output = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-pdf-header-footer"])
        // The page runs no script but its own and loads nothing; the sandbox does not work for root and in many containers.
        .arg("--no-sandbox")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page_path.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(start)?;
    let is_pdf = fs::read(pdf).is_ok_and(|content| content.starts_with(b"%PDF-"));
    if output.status.success() && is_pdf {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(PdfError::Print {
        page: page.to_owned(),
        told: told.lines().last().unwrap_or("no reason given").to_owned(),
    })
}
