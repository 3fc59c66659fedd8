//! Libraries that the command line of a running `PostgreSQL` server displaces from those that its files preload.

use std::time::Duration;

use tokio::time::timeout;

use super::condition::ConditionContext;
use super::preload::{SETTING, list, value};

/// The setting in the server's configuration files, of which the last counts, and the one in force. The view is for superusers.
const IN_FILES_AND_NOW: &str = "select coalesce((select setting from pg_file_settings where name = 'shared_preload_libraries' \
    order by seqno desc limit 1), ''), current_setting('shared_preload_libraries')";
/// Time for the server's answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Says which libraries the configuration files of the running server name and its command line displaces: those that an image
/// writes only when it makes the database, after `preload::find` has looked. Nothing is said of a server that does not tell.
pub(super) async fn say(site: ConditionContext<'_>) {
    let file = site.starting.file;
    let Some(service) = file.database.as_ref().map(|database| &database.service) else {
        return;
    };
    let arguments = file.service.get(service).map(|settings| &settings.arguments);
    if !arguments.into_iter().flatten().any(|word| value(word).is_some()) {
        return;
    }
    let asked = async {
        let client = site.client(Duration::ZERO).await.ok()?;
        let row = client.query_one(IN_FILES_AND_NOW, &[]).await.ok()?;
        Some((row.try_get::<_, String>(0).ok()?, row.try_get::<_, String>(1).ok()?))
    };
    let Ok(Some((in_files, now))) = timeout(PATIENCE, asked).await else {
        return;
    };
    let displaced = displaced(&in_files, &now);
    if !displaced.is_empty() {
        let all: Vec<String> = displaced.iter().cloned().chain(list(&now)).collect();
        site.starting.talk.say(format!(
            "warning: the server of `{service}` is configured to preload {}, which `{SETTING}` in `[service.{service}] arguments` displaces: \
             what needs it fails, unless you say `{SETTING}={}` there",
            displaced.join(", "),
            all.join(",")
        ));
    }
}

/// Libraries of the first list that the second lacks.
fn displaced(in_files: &str, now: &str) -> Vec<String> {
    let now = list(now);
    list(in_files)
        .into_iter()
        .filter(|library| !now.contains(library))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_files_preload_and_the_server_does_not_is_displaced() {
        assert_eq!(
            displaced("timescaledb, 'pg_cron'", "pg_stat_statements,pg_cron"),
            ["timescaledb"]
        );
        assert_eq!(displaced("", "pg_stat_statements"), Vec::<String>::new());
        assert_eq!(displaced("auto_explain", "auto_explain"), Vec::<String>::new());
    }
}
