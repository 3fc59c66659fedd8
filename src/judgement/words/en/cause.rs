//! Sentences on where requests spend their time, and on the suspected cause of a complaint.

use super::super::statement::clauses;
use super::failed;
use super::text::{self, portion};
use super::{incident, validity};
use crate::cause::{
    About, Answerer, BudgetPart, Cause, Complaint, Failures, LockWaits, Statements, Suspect, SuspectFinding, Tier,
};
use crate::evidence::Incident;
use crate::slo::FailedLogIns;

/// Most kinds of failures that the evidence of a finding lists.
const MOST_KINDS: usize = 3;

/// Name of a tier that requests pass.
pub fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Generator => "load generator",
        Tier::Host => "host",
        Tier::Proxy => "proxy",
        Tier::Application => "application",
        Tier::Database => "database",
        Tier::Store => "store",
        Tier::Journey => "journey or its data",
    }
}

/// Name of a part of the time of a request.
pub fn part(part: BudgetPart) -> &'static str {
    match part {
        BudgetPart::Generator => "generator",
        BudgetPart::Network => "network and the proxy's queue",
        BudgetPart::Proxy => "proxy",
        BudgetPart::Connect => "connecting to the application",
        BudgetPart::Application => "application",
        BudgetPart::Database => "database",
        BudgetPart::Behind => "system, proxy and application together",
    }
}

/// Summary of the run in one sentence.
pub fn sentence(cause: &Cause) -> String {
    let Some(complaint) = &cause.complaint else {
        return no_complaint(cause);
    };
    match cause.suspects.first() {
        Some(suspect) => format!("{}: {}.", complains(complaint), clause(suspect)),
        None => format!("{}, and nothing that was measured explains it.", complains(complaint)),
    }
}

fn no_complaint(cause: &Cause) -> String {
    let open = cause.open;
    if open.before_judging {
        return "The run was interrupted before anything was judged.".to_owned();
    }
    let stopped = if open.interrupted {
        " when the run was interrupted"
    } else {
        ""
    };
    let answer = match (open.gating, open.advisory) {
        (0, 0) => "Every objective is met".to_owned(),
        (0, _) => "Every gating objective is met".to_owned(),
        (gating, _) => format!(
            "No objective is missed, but {} not decided{stopped}",
            if gating == 1 {
                "one gating objective was".to_owned()
            } else {
                format!("{gating} gating objectives were")
            }
        ),
    };
    let budget = cause.budgets.first();
    let Some((budget, busiest)) = budget.and_then(|budget| Some((budget, budget.busiest()?))) else {
        return format!("{answer}.");
    };
    format!(
        "{answer}; of {} that a request takes on average, {} is in the {}.",
        text::millis(budget.mean_ms),
        portion(budget.share(busiest)),
        part(busiest)
    )
}

/// The complaint, as the beginning of a sentence: `API response time misses its target of 100 ms (p95 212 ms)`.
fn complains(complaint: &Complaint) -> String {
    match &complaint.about {
        About::Objective {
            name,
            missed,
            target,
            measurement,
        } => {
            let how = if *missed { "misses" } else { "may miss" };
            let measured = text::measurement_point(measurement);
            format!("{name} {how} its target of {} ({measured})", text::limit_value(*target))
        }
        About::LogIns(_) => "Nobody could log in".to_owned(),
        About::Death(incident) => format!("{} did not survive the load", incident.service),
        About::Rule(check) => {
            let text = validity::check(check);
            format!("The measurement is not valid ({}: {})", text.rule, text.measured)
        }
    }
}

/// The finding as a clause: `PostgreSQL spends 82 % of its time in …`.
pub fn clause(suspect: &Suspect) -> String {
    let name = suspect.service.as_deref().unwrap_or_else(|| tier(suspect.tier));
    match &suspect.finding {
        SuspectFinding::GeneratorLate { send_lag_ms } => format!(
            "Diapason itself could not keep up (it sent up to {} late at p99), so the figures are not the system's",
            text::millis(*send_lag_ms)
        ),
        SuspectFinding::ProcessorStolen { share } => {
            format!(
                "the hypervisor gave {} of the host's processor time to others",
                portion(*share)
            )
        }
        SuspectFinding::HostBusy { share } => format!("the host has no processor time left ({} busy)", portion(*share)),
        SuspectFinding::OutOfMemory { .. } => format!("{name} ran out of memory and was killed"),
        SuspectFinding::Stopped { incidents } => format!("{name} {}", all_incidents(incidents).join(", ")),
        SuspectFinding::MemoryScarce { share } => format!("{name} uses {} of the memory it may use", portion(*share)),
        SuspectFinding::Throttled { share, limit, .. } => format!(
            "{name} is held back by its processor limit{}: it was throttled in {} of the scheduling periods",
            of_cores(*limit),
            portion(*share)
        ),
        SuspectFinding::Saturated { cores, limit } => {
            format!(
                "{name} uses {} of the processor time it may use",
                portion((cores / limit).min(1.0))
            )
        }
        SuspectFinding::OneLoop { .. } => {
            format!("{name} keeps one core busy, which is all that a single process with one event loop can use")
        }
        SuspectFinding::Locks(waits) => locks(waits),
        SuspectFinding::PoolExhausted { connections, busy, .. } => format!(
            "requests queue for a database connection: the application has {}, busy {} of the time",
            text::plural(u64::from(*connections), "connection"),
            portion(*busy)
        ),
        SuspectFinding::SlowStatements { statements, .. } => slow_statements(statements),
        SuspectFinding::SlowApplication {
            part: place,
            share,
            mean_ms,
            idle_cores,
        } => format!(
            "{} of {} that a request takes on average passes in the {}{}",
            text::millis(share * mean_ms),
            text::millis(*mean_ms),
            part(*place),
            waits_for(*idle_cores)
        ),
        SuspectFinding::SlowProxy { share } => format!(
            "{} of a request's time passes before the application has it or after it has answered",
            portion(*share)
        ),
        SuspectFinding::SlowPages { first_byte_ms, load_ms } => format!(
            "the server that renders the pages is slow: {} of {} pass before the first byte of the document comes",
            text::millis(*first_byte_ms),
            text::millis(*load_ms)
        ),
        SuspectFinding::NoLogIn(log_ins) => no_log_in(log_ins),
        SuspectFinding::Refused(failures) => format!(
            "the rate limiter refused {} of the requests{}",
            portion(failures.refused as f64 / failures.requests.max(1) as f64),
            most_of(failures, Answerer::Limiter)
        ),
        SuspectFinding::ServerErrors(failures) => server_errors(failures),
        SuspectFinding::ProxyErrors(failures) => proxy_errors(failures),
        SuspectFinding::JourneyErrors(failures) => journey_errors(failures),
        SuspectFinding::OtherErrors(failures) => other_errors(failures),
    }
}

fn no_log_in(log_ins: &FailedLogIns) -> String {
    let answer = failed::answer(log_ins.status, log_ins.outcome);
    let example = log_ins.example.as_ref();
    let example = example.map_or_else(String::new, |example| format!(", {}", failed::example(example)));
    format!(
        "all {} of log-ins failed ({answer}{example}), so no other request was sent",
        text::plural(log_ins.count, "request")
    )
}

fn server_errors(failures: &Failures) -> String {
    format!(
        "the application answers {} of the requests with an error of its own (500 to 599){}{}",
        share_of_failed(failures),
        worst(failures),
        none_from(failures)
    )
}

fn proxy_errors(failures: &Failures) -> String {
    format!(
        "the proxy answers {} of the requests with an error page of its own in place of the application{}{}",
        share_of_failed(failures),
        most_of(failures, Answerer::Proxy),
        none_from(failures)
    )
}

fn journey_errors(failures: &Failures) -> String {
    format!(
        "{} of the requests get an answer that the journey does not want{}{}",
        share_of_failed(failures),
        most_of(failures, Answerer::Journey),
        none_from(failures)
    )
}

fn other_errors(failures: &Failures) -> String {
    format!(
        "{} of the requests fail as {}{}{}",
        share_of_failed(failures),
        failures.kind.map(crate::record::Outcome::name).unwrap_or_default(),
        worst(failures),
        none_from(failures)
    )
}

fn all_incidents(incidents: &[Incident]) -> Vec<String> {
    incidents.iter().map(incident).collect()
}

fn of_cores(limit: Option<f64>) -> String {
    limit.map_or_else(String::new, |limit| format!(" of {limit} cores"))
}

fn locks(waits: &LockWaits) -> String {
    let table = waits.table.as_ref();
    let table = table.map_or_else(String::new, |table| format!(" on {table}"));
    format!(
        "statements wait for a lock{table}: `{}` waited up to {:.1} s for a session that is {} after `{}`",
        short(&waits.waiting),
        waits.longest,
        waits.blocker_state,
        short(&waits.blocking)
    )
}

fn slow_statements(statements: &Statements) -> String {
    let of_time = portion(statements.share);
    let heaviest = short(&statements.heaviest);
    let mean = text::millis(statements.mean_ms);
    let alone = format!("{of_time} of the time in PostgreSQL goes to `{heaviest}` ({mean} a call)");
    let Some(lack) = &statements.lacks else {
        return alone;
    };
    let (table, rows) = (&lack.table, text::count(lack.rows));
    match statements.number {
        1 => format!("{alone}, which reads all {rows} rows of {table}"),
        number => format!(
            "{of_time} of the time in PostgreSQL goes to {number} statements ({mean} a call) that read all {rows} rows of \
             {table}, `{heaviest}` among them"
        ),
    }
}

/// Possible waits of the application; they are unknown if its processor time or its database was not measured.
fn waits_for(idle_cores: Option<f64>) -> String {
    match idle_cores {
        Some(cores) => format!(
            ", which uses {cores:.2} cores and waits for neither the database nor its processors: for a timer, another \
             service or a lock of its own"
        ),
        None => "; its processor time or its database was not measured, so what it waits for is not known".to_owned(),
    }
}

/// The most frequent answer of that party, and the series: `, most of them 401 (client-error) in login.login`.
fn most_of(failures: &Failures, answerer: Answerer) -> String {
    failures.first_of(answerer).map_or_else(String::new, |kind| {
        let answer = failed::answer(kind.status, kind.outcome);
        format!(", most of them {answer} in {}", kind.series)
    })
}

fn none_from(failures: &Failures) -> String {
    let from = failures.none_from;
    from.map_or_else(String::new, |second| {
        format!("; from second {second} on none succeeded")
    })
}

fn share_of_failed(failures: &Failures) -> String {
    portion(failures.errors as f64 / failures.requests.max(1) as f64)
}

fn worst(failures: &Failures) -> String {
    failures.worst.as_ref().map_or_else(String::new, |(series, share)| {
        format!(", most of them in {series} ({} fail)", portion(*share))
    })
}

/// Numbers that support the finding.
pub fn evidence(finding: &SuspectFinding) -> Vec<String> {
    match finding {
        SuspectFinding::GeneratorLate { send_lag_ms } => vec![format!("send lag p99 {}", text::millis(*send_lag_ms))],
        SuspectFinding::ProcessorStolen { share } => vec![format!("steal {}", portion(*share))],
        SuspectFinding::HostBusy { share } => vec![format!("host {} busy", portion(*share))],
        SuspectFinding::OutOfMemory { incidents } | SuspectFinding::Stopped { incidents } => all_incidents(incidents),
        SuspectFinding::MemoryScarce { share } => vec![format!("memory at most {} of the limit", portion(*share))],
        SuspectFinding::Throttled { share, cores, limit } => vec![
            format!("throttled in {} of the periods", portion(*share)),
            format!("{cores:.2} cores used{}", of_cores(*limit)),
        ],
        SuspectFinding::Saturated { cores, limit } => vec![format!("{cores:.2} cores used of {limit:.2}")],
        SuspectFinding::OneLoop { cores } => vec![format!("{cores:.2} cores used")],
        SuspectFinding::Locks(waits) => vec![format!(
            "{:.1} s of waiting for locks, the longest {:.1} s",
            waits.seconds, waits.longest
        )],
        SuspectFinding::PoolExhausted {
            connections,
            busy,
            queueing,
            under_way,
        } => vec![
            format!(
                "{}, {} busy: {} of those who want one have to wait (Erlang C)",
                text::plural(u64::from(*connections), "connection"),
                portion(*busy),
                portion(*queueing)
            ),
            format!("{under_way:.2} statements under way on average"),
        ],
        SuspectFinding::SlowStatements { statements, of_request } => of_statements(statements, *of_request),
        SuspectFinding::SlowApplication { part: place, share, .. } => {
            vec![format!("{} of a request in the {}", portion(*share), part(*place))]
        }
        SuspectFinding::SlowProxy { share } => vec![format!(
            "{} on the network, in the proxy's queue and in the proxy",
            portion(*share)
        )],
        SuspectFinding::SlowPages { first_byte_ms, load_ms } => vec![format!(
            "first byte {} of a load of {}",
            text::millis(*first_byte_ms),
            text::millis(*load_ms)
        )],
        SuspectFinding::NoLogIn(log_ins) => vec![format!(
            "{}: {}",
            failed::answer(log_ins.status, log_ins.outcome),
            text::count(log_ins.count)
        )],
        SuspectFinding::Refused(failures) => {
            let refused = format!(
                "{} of {} requests refused",
                text::count(failures.refused),
                text::count(failures.requests)
            );
            std::iter::once(refused).chain(answers(failures)).collect()
        }
        SuspectFinding::ServerErrors(failures)
        | SuspectFinding::ProxyErrors(failures)
        | SuspectFinding::JourneyErrors(failures)
        | SuspectFinding::OtherErrors(failures) => {
            let failed = format!(
                "{} of {} requests failed, {} of them with a status of 500 to 599",
                text::count(failures.errors),
                text::count(failures.requests),
                text::count(failures.server_errors)
            );
            std::iter::once(failed).chain(answers(failures)).collect()
        }
    }
}

/// The most frequent kinds of failures, each with an example.
fn answers(failures: &Failures) -> impl Iterator<Item = String> {
    failures.kinds.iter().take(MOST_KINDS).map(|kind| {
        let answer = failed::answer(kind.status, kind.outcome);
        let answer = format!("{answer}: {}, most in {}", text::count(kind.count), kind.series);
        match &kind.example {
            Some(example) => format!("{answer}, such as {}", failed::example(example)),
            None => answer,
        }
    })
}

fn of_statements(statements: &Statements, of_request: f64) -> Vec<String> {
    let mut evidence = vec![format!(
        "{} calls, mean {}, {} of all statement time",
        text::count(statements.calls),
        text::millis(statements.mean_ms),
        portion(statements.share)
    )];
    if of_request > 0.0 {
        evidence.push(format!(
            "statements take {} of a request (estimated)",
            portion(of_request)
        ));
    }
    if let Some(lack) = &statements.lacks {
        evidence.push(format!(
            "sequential scans of {}, {} rows",
            lack.table,
            text::count(lack.rows)
        ));
    }
    evidence
}

/// The statement on one line of at most 90 characters, in whole clauses.
pub(in crate::words) fn short(statement: &str) -> String {
    clauses(statement, 90)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::FullTableRead;
    use crate::slo::Topic;
    use crate::slo::{Facts, ValidityCheck};
    fn told(finding: SuspectFinding) -> String {
        clause(&Suspect {
            rule: "slow-statement".to_owned(),
            tier: Tier::Database,
            service: None,
            weight: 0.9,
            finding,
        })
    }

    #[test]
    fn statements_that_read_one_table_through_are_told_together() {
        let told = |number| {
            told(SuspectFinding::SlowStatements {
                statements: Statements {
                    heaviest: "SELECT * FROM tasks".to_owned(),
                    number,
                    share: 0.37,
                    mean_ms: 52.0,
                    calls: 2_000,
                    lacks: Some(FullTableRead {
                        table: "tasks".to_owned(),
                        rows: 300_171,
                        columns: vec!["projectId".to_owned()],
                    }),
                },
                of_request: 0.4,
            })
        };
        insta::assert_snapshot!([told(1), told(4)].join("\n"), @r#"
        37 % of the time in PostgreSQL goes to `SELECT * FROM tasks` (52.0 ms a call), which reads all 300,171 rows of tasks
        37 % of the time in PostgreSQL goes to 4 statements (52.0 ms a call) that read all 300,171 rows of tasks, `SELECT * FROM tasks` among them
        "#);
    }

    #[test]
    fn a_queue_for_connections_is_told_with_its_formula() {
        let finding = SuspectFinding::PoolExhausted {
            connections: 2,
            busy: 0.8,
            queueing: 0.711,
            under_way: 1.6,
        };
        assert_eq!(
            evidence(&finding)[0],
            "2 connections, 80 % busy: 71 % of those who want one have to wait (Erlang C)"
        );
    }

    #[test]
    fn what_is_complained_of_stands_first() {
        let mut cause = Cause::default();
        assert_eq!(sentence(&cause), "Every objective is met.");
        let check = ValidityCheck {
            valid: false,
            facts: Facts::JudgedRequests {
                count: 0,
                log_ins: None,
            },
        };
        cause.complaint = Some(Complaint {
            topic: Topic::Validity,
            about: About::Rule(check),
        });
        assert_eq!(
            sentence(&cause),
            "The measurement is not valid (judged requests: 0), and nothing that was measured explains it."
        );
    }
}
