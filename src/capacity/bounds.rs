//! Bound on a service beside its CPU limit: the number of cores that its processes can run on at all.

use crate::sizing::{Processes, Program};
use crate::stack::{ContainerEndpoint, Inspector};

/// Programs that run on one core for each process, whatever their CPU limit, with the command that each runs as.
const SINGLE_THREADED: [(Program, &str); 3] = [
    (Program::Node, "node"),
    (Program::Redis, "redis-server"),
    (Program::Nginx, "nginx"),
];

/// The processes of each service that are known to run on one core each.
pub(super) async fn bounds(containers: &[ContainerEndpoint]) -> Vec<(String, Processes)> {
    let Ok(onlooker) = Inspector::connect().await else {
        return Vec::new();
    };
    let mut bounds = Vec::new();
    for container in containers {
        // A bound is a help to the reader. Without the list the CPU limit and the machine still bound the service.
        let commands = onlooker.processes(container).await.unwrap_or_default();
        bounds.extend(bound(&commands).map(|processes| (container.service.clone(), processes)));
    }
    bounds.sort_by(|one, other| one.0.cmp(&other.0));
    // Replicas of a service run the same program.
    bounds.dedup_by(|one, other| one.0 == other.0);
    bounds
}

/// Counts the processes of the first such program among those command lines; `None` if there is none.
fn bound(commands: &[String]) -> Option<Processes> {
    let workers = |name: &str| {
        let is_one = |command: &&String| {
            let program = command.split_whitespace().next().unwrap_or_default();
            // Nginx and others rewrite their title: `nginx: worker process`.
            let program = program.rsplit('/').next().unwrap_or_default().trim_end_matches(':');
            // Nginx's master process only supervises its workers.
            program == name && (name != "nginx" || command.contains("worker process"))
        };
        commands.iter().filter(is_one).count()
    };
    let (program, count) = SINGLE_THREADED
        .iter()
        .map(|(program, name)| (*program, workers(name)))
        .find(|(_, count)| *count > 0)?;
    Some(Processes {
        program,
        count: u32::try_from(count).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_run_on_one_core_each_are_counted() {
        let of = |commands: &[&str]| {
            let commands: Vec<String> = commands.iter().map(|command| (*command).to_owned()).collect();
            bound(&commands).map(|processes| (processes.program, processes.count))
        };
        let node = of(&["/sbin/docker-init -- node dist/main.js", "node dist/main.js"]);
        assert_eq!(node, Some((Program::Node, 1)));
        let nginx = of(&[
            "nginx: master process nginx -g daemon off;",
            "nginx: worker process",
            "nginx: worker process",
        ]);
        assert_eq!(nginx, Some((Program::Nginx, 2)));
        assert_eq!(of(&["redis-server *:6379"]), Some((Program::Redis, 1)));
        assert_eq!(of(&["postgres: checkpointer", "postgres"]), None);
    }
}
