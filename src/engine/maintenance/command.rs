//! Commands in a container.

use futures_util::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineFailure;
use testcontainers::bollard::exec::{CreateExecOptions, StartExecResults};

use super::targets::Targets;
use crate::error::one_line;

/// Last letters that are kept of what a command printed before it failed.
const MOST_OUTPUT: usize = 500;
/// Name of the file that fills a disk.
const FILLING: &str = "diapason-filling";

/// Runs the command in the container; a failure holds the end of what it printed.
pub(super) async fn execute(engine: &Docker, id: &str, command: &[String]) -> Result<(), String> {
    let (code, output) = run(engine, id, command).await.map_err(|error| one_line(&error))?;
    if code == 0 {
        return Ok(());
    }
    // Programs print the cause of their failure last.
    let skipped = output.chars().count().saturating_sub(MOST_OUTPUT);
    let end: String = output.chars().skip(skipped).collect();
    Err(format!("exit code {code}: {}", end.trim()))
}

async fn run(engine: &Docker, id: &str, command: &[String]) -> Result<(i64, String), EngineFailure> {
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let execution = engine.create_exec(id, options).await?;
    let mut output = String::new();
    if let StartExecResults::Attached { output: mut parts, .. } = engine.start_exec(&execution.id, None).await? {
        while let Some(part) = parts.next().await {
            output.push_str(&part?.to_string());
        }
    }
    let inspected = engine.inspect_exec(&execution.id).await?;
    Ok((inspected.exit_code.unwrap_or(-1), output))
}

/// Fills a folder of the container up, which must be a tmpfs with a size limit: anything else is a disk of the host.
pub(super) async fn fill(targets: &Targets, id: &str, folder: &str) -> Result<(), String> {
    let host = targets.inspect(id).await?.host_config.unwrap_or_default();
    let options = host.tmpfs.unwrap_or_default().remove(folder).unwrap_or_default();
    let mounts = host.mounts.unwrap_or_default();
    let sized = mounts.iter().filter(|mount| mount.target.as_deref() == Some(folder));
    let sized = sized
        .filter_map(|mount| mount.tmpfs_options.as_ref()?.size_bytes)
        .any(|size| size > 0);
    if !sized && !has_size(&options) {
        return Err(format!(
            "{folder} is no tmpfs with a size limit: a disk of the host would be filled"
        ));
    }
    // The end of the space is the aim; writing goes on until there is none.
    let script = "dd if=/dev/zero of=\"$1\" bs=64k 2>/dev/null && exit 1; dd if=/dev/zero of=\"$1.rest\" bs=512 2>/dev/null; exit 0";
    let path = format!("{}/{FILLING}", folder.trim_end_matches('/'));
    let words = ["sh", "-c", script, "sh", path.as_str()].map(str::to_owned);
    execute(&targets.engine, id, &words).await
}

/// True if the options of a tmpfs limit its size; a size of 0 is none (tmpfs(5)).
fn has_size(options: &str) -> bool {
    let size = options
        .split(',')
        .filter_map(|option| option.trim().strip_prefix("size="));
    size.last()
        .is_some_and(|size| size.starts_with(|digit: char| ('1'..='9').contains(&digit)))
}

/// Takes away what filled the folder.
pub(super) async fn empty(targets: &Targets, id: &str, folder: &str) -> Result<(), String> {
    let path = format!("{}/{FILLING}", folder.trim_end_matches('/'));
    let rest = format!("{path}.rest");
    let words = ["rm", "-f", path.as_str(), rest.as_str()].map(str::to_owned);
    execute(&targets.engine, id, &words).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tmpfs_without_a_size_is_the_memory_of_the_host() {
        for (options, limited) in [
            ("size=64m", true),
            ("rw,noexec,size=1048576,mode=700", true),
            ("", false),
            ("mode=700", false),
            ("size=0", false),
            ("size=1m,size=0", false),
            ("nr_inodes=1k,unsize=5m", false),
        ] {
            assert_eq!(has_size(options), limited, "{options}");
        }
    }
}
