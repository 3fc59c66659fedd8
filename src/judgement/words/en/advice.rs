//! Next steps that a finding suggests, in English.

use crate::cause::{Statements, SuspectFinding};

/// Suggested next step.
pub fn advice(finding: &SuspectFinding) -> String {
    let text = match finding {
        SuspectFinding::GeneratorLate { .. } => {
            "Give the generator a core of its own, lower the rate, or run it on another machine."
        }
        SuspectFinding::ProcessorStolen { .. } => "Run on a machine whose processors are not shared.",
        SuspectFinding::HostBusy { .. } => {
            "Lower the rate, or run on a machine with more cores: the services compete with each other here."
        }
        SuspectFinding::OutOfMemory { .. } => {
            "Raise its memory limit, or find what it keeps: compare its memory over time with the load in the report."
        }
        SuspectFinding::Stopped { .. } => "Read the service's last log lines: `docker logs` with --keep-stack.",
        SuspectFinding::MemoryScarce { .. } => "Raise its memory limit and see whether the times change.",
        SuspectFinding::Throttled { .. } => "Raise its processor limit (`stack.limits.NAME.cpus`) and run again.",
        SuspectFinding::Saturated { .. } => "Raise its processor limit, or make each request cheaper there.",
        SuspectFinding::OneLoop { .. } => {
            "Run more processes of it (replicas, or a cluster of workers), or make each request cheaper there."
        }
        SuspectFinding::Locks(_) => {
            "Make the transaction that holds the lock shorter: no outside calls and no user's pauses inside it."
        }
        SuspectFinding::PoolExhausted { .. } => {
            "Enlarge the application's connection pool, or hold each connection for a shorter time."
        }
        SuspectFinding::SlowStatements { statements, .. } => return for_statements(statements),
        SuspectFinding::SlowApplication { .. } => {
            "Profile or trace the application: the time is inside it, and neither in SQL nor in computing."
        }
        SuspectFinding::SlowProxy { .. } => {
            "Look at the proxy's workers, connections and buffers, and at its processor time."
        }
        SuspectFinding::SlowPages { .. } => {
            "Look at what the frontend's server does before it answers: rendering, calls to the API, caches that miss."
        }
        SuspectFinding::ServerErrors(_) => {
            "Read the application's log at those moments: `docker logs` with --keep-stack."
        }
        SuspectFinding::NoLogIn(_) => {
            "Compare the users of the feeder with those that the seed creates, and the log-in journey with what the application \
             takes."
        }
        SuspectFinding::Refused(_) => {
            "Compare the limiter's rate with the load of one client address (`diapason check --live`): give users addresses of \
             their own, more users or more think time."
        }
        SuspectFinding::ProxyErrors(_) => {
            "Read the proxy's error log and the application's last lines at those moments: the application did not answer."
        }
        SuspectFinding::JourneyErrors(_) => {
            "Compare the step with the answer that the report shows: the journey sends what the application does not take, or \
             the data (users, ids) is not there."
        }
        SuspectFinding::OtherErrors(_) => {
            "Look at what the report says of these requests, and at the proxy's error log."
        }
    };
    text.to_owned()
}

fn for_statements(statements: &Statements) -> String {
    let Some(lack) = &statements.lacks else {
        return "Look at its plan in the report: what does it read, wait for, or compute?".to_owned();
    };
    let table = &lack.table;
    match (lack.columns.as_slice(), statements.number) {
        ([], 1) => format!("Give {table} an index that serves this statement."),
        ([], _) => format!("Give {table} an index that serves these statements."),
        (columns, _) => format!(
            "Try an index: CREATE INDEX ON {table} (\"{}\");",
            columns.join("\", \"")
        ),
    }
}
