//! Sentences on what probes could not observe.

use crate::evidence::Limitation;
use crate::evidence::postgres::HiddenData;
use crate::evidence::proxy::ProxyLogGap;
use crate::words::wording::HiddenDataText;

/// Something that the database server did not show.
pub fn hidden_data(unseen: &HiddenData) -> HiddenDataText {
    const EXECUTIONS: &str = "the number of statement executions";
    let text = |what: &str, why: &str, remedy: &str| HiddenDataText {
        what: what.to_owned(),
        why: why.to_owned(),
        remedy: remedy.to_owned(),
    };
    match unseen {
        HiddenData::LogOfAttached => text(
            "executions over the limits and their distribution",
            "the log of an attached server is not read, and its settings are left alone",
            "bring the stack up with `[compose]` instead of attaching to it",
        ),
        HiddenData::OtherUsers { role } => text(
            "statements, sessions and waits of other users",
            &format!("role {role} is not a member of pg_read_all_stats"),
            &format!("GRANT pg_monitor TO {role}"),
        ),
        HiddenData::ExtensionNotInstalled => text(
            EXECUTIONS,
            "the extension pg_stat_statements is not installed in this database",
            "load it with shared_preload_libraries and CREATE EXTENSION pg_stat_statements",
        ),
        HiddenData::ExtensionNotReadable { error } => text(
            EXECUTIONS,
            &format!("pg_stat_statements cannot be read: {error}"),
            "load it with shared_preload_libraries and grant it to the role",
        ),
        HiddenData::NotCounted { error } => text(EXECUTIONS, error, "leave the statistics alone while a run goes on"),
        HiddenData::Verbatim { what, why, remedy } => text(what, why, remedy),
    }
}

/// Reason why parts of the time of requests are missing or less precise.
pub fn proxy_log_gap(coarse: &ProxyLogGap) -> String {
    let text = match coarse {
        ProxyLogGap::NoRequestId => {
            "The proxy's log shows neither the id nor the User-Agent of a request: times are of all requests together, and \
             what they took outside the proxy is not known."
        }
        ProxyLogGap::NoRequestTime => "The proxy's log has no `$request_time`: its own time counts as outside it.",
        ProxyLogGap::NoUpstreamResponseTime => {
            "The proxy's log has no `$upstream_response_time`: the application's time counts as the proxy's."
        }
        ProxyLogGap::NoUpstreamConnectTime => {
            "The proxy's log has no `$upstream_connect_time`: connecting counts as the application's."
        }
        ProxyLogGap::NoApplication { service } => {
            return format!("There is no service `{service}` whose log could be read.");
        }
        ProxyLogGap::UnreadLines { lines } => {
            return format!(
                "{} of the proxy's log {} not fit its format, and {} not read: see `[proxy] log-format` of the stack file.",
                if *lines == 1 {
                    "1 line".to_owned()
                } else {
                    format!("{} lines", super::text::count(*lines))
                },
                if *lines == 1 { "does" } else { "do" },
                if *lines == 1 { "was" } else { "were" },
            );
        }
        ProxyLogGap::NoApplicationId => {
            "The application's log has no id of a request: its own times are of all requests together."
        }
        ProxyLogGap::Verbatim(sentence) => sentence,
    };
    text.to_owned()
}

/// Limitation of page loads in a browser.
pub fn limitation(limitation: &Limitation) -> String {
    let text = match limitation {
        Limitation::UntrustedNotCached => {
            "Chromium keeps nothing that came with a certificate which it does not trust (`tls.insecure`): warm loads fetch \
             everything again."
        }
        Limitation::AnyCertificateAccepted => {
            "Firefox takes any certificate here: that of the front door was verified by the harness alone, if at all."
        }
        Limitation::NoShiftsTasksAndConsole => {
            "Firefox does not tell layout shifts, long tasks or errors on the console."
        }
        Limitation::ReadyAfterLoad => {
            "In Firefox the page's data is looked for after the load event: what was shown before counts as shown then."
        }
        Limitation::NoPictures => "No pictures are taken in Firefox.",
        Limitation::FirstReplicaOnly => "Pages were loaded through the first of the front door's replicas alone.",
        Limitation::Verbatim(sentence) => sentence,
    };
    text.to_owned()
}
