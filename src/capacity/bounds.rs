//! What bounds a service beside its CPU limit: how many cores its processes can run on at all.

use crate::stack::{ContainerEndpoint, Onlooker};

/// Runs on one core for each process, whatever it is given: what people call it, and the command it runs as.
const SINGLE_THREADED: [(&str, &str); 3] = [("Node", "node"), ("Redis", "redis-server"), ("Nginx worker", "nginx")];

/// (Service, cores, why) of each service whose processes are known to run on one core each.
pub(super) async fn bounds(containers: &[ContainerEndpoint]) -> Vec<(String, f64, String)> {
    let Ok(onlooker) = Onlooker::connect().await else {
        return Vec::new();
    };
    let mut bounds = Vec::new();
    for container in containers {
        let commands = onlooker.processes(container).await.unwrap_or_default();
        bounds.extend(bound(&commands).map(|(cores, why)| (container.service.clone(), cores, why)));
    }
    bounds.sort_by(|one, other| one.0.cmp(&other.0));
    bounds.dedup_by(|one, other| one.0 == other.0);
    bounds
}

/// What those command lines can use.
fn bound(commands: &[String]) -> Option<(f64, String)> {
    let workers = |name: &str| {
        let is_one = |command: &&String| {
            let program = command.split_whitespace().next().unwrap_or_default();
            let program = program.rsplit('/').next().unwrap_or_default().trim_end_matches(':');
            // Nginx's master only looks after its workers.
            program == name && (name != "nginx" || command.contains("worker process"))
        };
        commands.iter().filter(is_one).count()
    };
    let (called, count) = SINGLE_THREADED
        .iter()
        .map(|(called, name)| (called, workers(name)))
        .find(|(_, count)| *count > 0)?;
    let plural = match (*called, count) {
        ("Nginx worker", 2..) => "s",
        (_, 2..) => " processes",
        ("Nginx worker", _) => "",
        _ => " process",
    };
    Some((count as f64, format!("{count} {called}{plural}, one core each")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_run_on_one_core_each_are_counted() {
        let of = |commands: &[&str]| bound(&commands.iter().map(|command| (*command).to_owned()).collect::<Vec<_>>());
        let node = of(&["/sbin/docker-init -- node dist/main.js", "node dist/main.js"]).unwrap();
        assert_eq!(node, (1.0, "1 Node process, one core each".to_owned()));
        let nginx = of(&[
            "nginx: master process nginx -g daemon off;",
            "nginx: worker process",
            "nginx: worker process",
        ]);
        assert_eq!(nginx, Some((2.0, "2 Nginx workers, one core each".to_owned())));
        assert_eq!(
            of(&["redis-server *:6379"]),
            Some((1.0, "1 Redis process, one core each".to_owned()))
        );
        assert_eq!(of(&["postgres: checkpointer", "postgres"]), None);
    }
}
