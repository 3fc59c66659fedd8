//! `diapason history`.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Exit;
use super::arguments::{HistoryArguments, HistoryCommand, HistoryFilter, PruneArguments, Table};
use super::output::Output;
use crate::compare::MeasureKind;
use crate::error::{Hint, one_line};
use crate::gzip;
use crate::history::{self, History, HistoryEntry, HistoryError, Location, Pruning, RunFilter};
use crate::report::localized;
use crate::run::{RunError, annotate, entry_of};
use crate::runs::RunNote;
use crate::slo::VerdictWord;
use crate::words::Language;
use crate::words::en::text;

/// Environment variable with the place of the history, used without `--history`.
const VARIABLE: &str = "DIAPASON_HISTORY";

#[derive(Debug, thiserror::Error)]
enum FailedHistory {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("failed to {action}: {}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no format `{0}` of a trend")]
    Format(String),
    #[error("`{0}` is no verdict")]
    Verdict(String),
    #[error("there is nobody to ask whether {0} may be removed")]
    Unasked(String),
}

impl Hint for FailedHistory {
    fn hint(&self) -> Option<String> {
        match self {
            Self::History(source) => source.hint(),
            Self::Run(source) => source.hint(),
            Self::File { .. } => None,
            Self::Format(_) => Some("use html or svg".to_owned()),
            Self::Verdict(_) => Some("use one of pass, warn, inconclusive, fail, invalid".to_owned()),
            Self::Unasked(_) => Some("add --yes, or --dry-run to see what would go".to_owned()),
        }
    }
}

/// Place of the history: from the command line, else from the environment, else in the folder of runs.
pub(super) fn location(said: Option<&str>, out: &Path) -> Location {
    let variable = std::env::var(VARIABLE).ok();
    Location::new(said.or(variable.as_deref()), out)
}

pub(super) async fn history(arguments: HistoryArguments, output: Output) -> Exit {
    match carried_out(arguments, output).await {
        Ok(()) => Exit::Met,
        Err(error) => output.fail(&error),
    }
}

async fn carried_out(arguments: HistoryArguments, output: Output) -> Result<(), FailedHistory> {
    let filter = filter(&arguments.filter)?;
    let place = location(arguments.history.as_deref(), &arguments.out);
    let mut history = History::open(&place).await?;
    match arguments.command {
        None => list(&history.runs(&filter).await?, &place, output),
        Some(HistoryCommand::Trend {
            what,
            statistic,
            all,
            export,
            lang,
        }) => {
            let runs = history.runs(&filter).await?;
            let runs = if all { runs } else { comparable(runs, output) };
            trend(&runs, &what, statistic.as_deref(), export.as_deref(), &lang, output)?;
        }
        Some(HistoryCommand::Export { format, path }) => {
            let runs = history.runs(&filter).await?;
            let text = match format {
                Table::Csv => history::csv(&runs)?,
                Table::Json => history::json(&runs)?,
            };
            match path {
                Some(path) => write(&path, &text)?,
                None => output.deliver(&text),
            }
        }
        Some(HistoryCommand::Page) => {
            let runs = history.runs(&filter).await?;
            history::write_pages(&arguments.out, &runs)?;
            output.say(&format!("all runs: {}", arguments.out.join("index.html").display()));
        }
        Some(HistoryCommand::Note { run, text, by }) => {
            let run = if run.exists() { run } else { arguments.out.join(run) };
            let at = Timestamp::now();
            let noted = annotate(&run, RunNote { at, by, text })?;
            history::write_pages(&arguments.out, &history.runs(&RunFilter::default()).await?)?;
            output.say(&format!("report: {}", noted.folder.path().join("index.html").display()));
        }
        Some(HistoryCommand::Index { folders }) => index(&mut history, &folders, &place, output).await?,
        Some(HistoryCommand::Prune(prune)) => pruned(&mut history, &filter, &prune, &arguments.out, output).await?,
    }
    Ok(())
}

fn filter(asked: &HistoryFilter) -> Result<RunFilter, FailedHistory> {
    let since = asked
        .since
        .as_deref()
        .map(|text| history::moment(text, Timestamp::now()));
    let word = |text: &str| {
        let words = [
            VerdictWord::Pass,
            VerdictWord::Warn,
            VerdictWord::Inconclusive,
            VerdictWord::Fail,
            VerdictWord::Invalid,
        ];
        let found = words.into_iter().find(|word| word.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| FailedHistory::Verdict(text.to_owned()))
    };
    Ok(RunFilter {
        scenario: asked.scenario.clone(),
        tags: asked.tags.clone(),
        since: since.transpose()?,
        verdict: asked.verdict.as_deref().map(word).transpose()?,
        last: asked.last,
    })
}

fn list(runs: &[HistoryEntry], place: &Location, output: Output) {
    if runs.is_empty() {
        output.say(&format!("no run fits in {}", place.shown()));
        return;
    }
    let mut out = String::new();
    let width = runs.iter().map(|run| run.name().chars().count()).max().unwrap_or(0);
    for run in runs.iter().rev() {
        let objectives = run
            .measured
            .iter()
            .filter(|measured| measured.kind == MeasureKind::Objective);
        let values: Vec<String> = objectives
            .map(|measured| {
                let value = text::value(measured.value, measured.unit);
                format!("{} {} {value}", measured.name, measured.statistic)
            })
            .collect();
        let tags: Vec<String> = run.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let tags = if tags.is_empty() {
            String::new()
        } else {
            format!("  [{}]", tags.join(" "))
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "{:<width$}  {}  {:<12}  {}{tags}",
            run.name(),
            run.started.strftime("%Y-%m-%d %H:%M"),
            run.verdict.name(),
            values.join(" · ")
        );
    }
    output.deliver(&out);
}

/// The runs that may be compared with the newest.
fn comparable(runs: Vec<HistoryEntry>, output: Output) -> Vec<HistoryEntry> {
    let Some(newest) = runs.last().map(|run| run.comparable.clone()) else {
        return runs;
    };
    let all = runs.len();
    let kept: Vec<HistoryEntry> = runs.into_iter().filter(|run| run.comparable == newest).collect();
    if kept.len() < all {
        output.say(&format!(
            "{} of {all} runs are comparable with the newest; --all shows the others as well",
            kept.len()
        ));
    }
    kept
}

fn trend(
    runs: &[HistoryEntry],
    what: &str,
    statistic: Option<&str>,
    export: Option<&str>,
    languages: &[Language],
    output: Output,
) -> Result<(), FailedHistory> {
    let trends = history::trends(runs, what, statistic)?;
    if let Some(export) = export {
        return export_trend(&trends, export, languages, output);
    }
    let mut out = String::new();
    for trend in &trends {
        let values = || trend.points.iter().map(|(_, _, value)| *value);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let _ = writeln!(out, "{} {}  {} runs", trend.name, trend.statistic, trend.points.len());
        if !trend.points.is_empty() {
            let _ = writeln!(
                out,
                "  {}  {} to {}",
                trend.sparkline(),
                trend.shown(low),
                trend.shown(high)
            );
        }
        if trend.among_failures > 0 {
            let _ = writeln!(out, "  {} runs left out: it fell among failures", trend.among_failures);
        }
        let changes = trend.changes();
        if changes.is_empty() {
            let _ = writeln!(out, "  no change found");
        }
        for change in changes {
            let _ = writeln!(out, "  changed {change}");
        }
    }
    output.deliver(&out);
    Ok(())
}

/// Writes the trends: a page a language, or the chart of the first.
fn export_trend(
    trends: &[history::Trend],
    export: &str,
    languages: &[Language],
    output: Output,
) -> Result<(), FailedHistory> {
    let (format, path) = export
        .split_once('=')
        .map_or((export, None), |(format, path)| (format, Some(path)));
    let mut languages = languages.to_vec();
    languages.sort_unstable();
    languages.dedup();
    let files: Vec<(String, String)> = match format {
        "html" => {
            let path = path.unwrap_or("trend.html");
            let stem = Path::new(path).file_stem().and_then(OsStr::to_str).unwrap_or("trend");
            let files = languages.iter().map(|language| {
                let text = history::page(trends, stem, *language, &languages)?;
                Ok((localized(path, *language, &languages), text))
            });
            files.collect::<Result<_, HistoryError>>()?
        }
        "svg" => {
            let language = languages.first().copied().unwrap_or(Language::English);
            let first = trends
                .first()
                .map(|trend| history::chart(trend, language))
                .transpose()?;
            vec![(
                path.unwrap_or("trend.svg").to_owned(),
                first.flatten().unwrap_or_default(),
            )]
        }
        other => return Err(FailedHistory::Format(other.to_owned())),
    };
    for (path, text) in files {
        if path == "-" {
            output.deliver(&text);
            // Standard output holds one page.
            break;
        }
        write(Path::new(&path), &text)?;
        output.say(&format!("trend: {path}"));
    }
    Ok(())
}

/// Indexes every run folder that lies in those folders, or is one of them.
async fn index(
    history: &mut History,
    folders: &[PathBuf],
    place: &Location,
    output: Output,
) -> Result<(), FailedHistory> {
    let mut entries = Vec::new();
    for folder in folders {
        let inside = std::fs::read_dir(folder).map_err(|source| FailedHistory::File {
            action: "list folder",
            path: folder.clone(),
            source,
        })?;
        let inside = inside.flatten().map(|entry| entry.path());
        // Links such as `latest` lead to runs that are listed by their own name.
        let mut runs: Vec<PathBuf> = inside.filter(|path| is_run(path) && !path.is_symlink()).collect();
        if is_run(folder) {
            runs.push(folder.clone());
        }
        runs.sort();
        for run in runs {
            match entry_of(&run) {
                Ok(entry) => entries.push(entry),
                // One damaged run does not keep the others out.
                Err(error) => {
                    output.fail(&error);
                }
            }
        }
    }
    history.add(&entries).await?;
    output.say(&format!(
        "{} in {}",
        text::plural(entries.len() as u64, "run"),
        place.shown()
    ));
    Ok(())
}

/// True if the folder holds a run's plan; a run without its other files is reported when it is read.
fn is_run(folder: &Path) -> bool {
    gzip::is_file(&folder.join("plan.json"))
}

async fn pruned(
    history: &mut History,
    filter: &RunFilter,
    asked: &PruneArguments,
    out: &Path,
    output: Output,
) -> Result<(), FailedHistory> {
    let before = history::moment(&asked.older_than, Timestamp::now())?;
    let going = history::prunable(history.runs(filter).await?, before, asked.keep, out);
    if going.is_empty() {
        output.say("nothing is that old");
        return Ok(());
    }
    for pruning in &going {
        let folder = match &pruning.folder {
            Some(folder) => folder.display().to_string(),
            None => "index only".to_owned(),
        };
        output.deliver(&format!("{}  {folder}", pruning.entry.name()));
    }
    let what = format!(
        "{} and {}",
        text::plural(going.len() as u64, "run"),
        text::plural(
            going.iter().filter(|pruning| pruning.folder.is_some()).count() as u64,
            "folder"
        )
    );
    if asked.dry_run {
        output.say(&format!("{what} would be removed"));
        return Ok(());
    }
    if !asked.yes && !agreed(&what, output)? {
        output.say("nothing was removed");
        return Ok(());
    }
    remove(history, &going, out).await?;
    output.say(&format!("{what} removed"));
    Ok(())
}

fn agreed(what: &str, output: Output) -> Result<bool, FailedHistory> {
    // Without a terminal nobody reads the question, and the next line of a script would be taken for the answer.
    if !std::io::stdin().is_terminal() {
        return Err(FailedHistory::Unasked(what.to_owned()));
    }
    output.say(&format!("remove {what}? [y/N]"));
    let mut answer = String::new();
    // An answer that cannot be read is no agreement.
    let read = std::io::stdin().lock().read_line(&mut answer).is_ok();
    Ok(read && matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Removes folders before index entries: a run that is on disk but no longer in the index could not be found again.
async fn remove(history: &mut History, going: &[Pruning], out: &Path) -> Result<(), FailedHistory> {
    // Folders first: a run whose folder could not be removed stays in the index, and can be pruned again.
    for folder in going.iter().filter_map(|pruning| pruning.folder.as_ref()) {
        std::fs::remove_dir_all(folder).map_err(|source| FailedHistory::File {
            action: "remove run folder",
            path: folder.clone(),
            source,
        })?;
    }
    let latest = out.join("latest");
    if latest.is_symlink() && !latest.exists() {
        // The link leads to a run that is gone. A link that cannot be removed leads nowhere.
        let _ = std::fs::remove_file(latest);
    }
    let entries: Vec<HistoryEntry> = going.iter().map(|pruning| pruning.entry.clone()).collect();
    Ok(history.remove(&entries).await?)
}

fn write(path: &Path, text: &str) -> Result<(), FailedHistory> {
    std::fs::write(path, text).map_err(|source| FailedHistory::File {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

/// Prints a line on each gating objective compared with earlier runs. A run that could not be indexed is a warning only.
pub(super) fn print_neighbours(indexed: &Result<Vec<history::Neighbours>, HistoryError>, output: Output) {
    match indexed {
        Ok(neighbours) => {
            for line in neighbours {
                output.say(&format!("history: {line}"));
            }
        }
        // The run is valid without the history, so its exit code does not change.
        Err(error) => output.say(&warning(error)),
    }
}

fn warning(error: &HistoryError) -> String {
    format!("warning: not in the history: {}", one_line(error))
}

#[cfg(test)]
mod tests;
