//! Arguments of `diapason import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::pair::pair;
use crate::units::Ratio;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImportCommand {
    /// A journey from command lines of curl, as browsers' developer tools copy them.
    Curl {
        /// The file; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Quoting of the command lines.
        #[arg(long, value_name = "SHELL", default_value = "auto")]
        shell: Quoting,
        /// A host that is the front door; the first one of the file by default.
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        #[command(flatten)]
        out: ImportOutArguments,
    },
    /// A journey from a browser's recording (HAR 1.2), with its log-in as a session.
    Har {
        /// The recording.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A second recording of the same walk: values that differ are those that the system makes.
        #[arg(value_name = "FILE2")]
        second: Option<PathBuf>,
        /// A host that is the front door; that of the first page by default.
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        #[command(flatten)]
        out: ImportOutArguments,
    },
    /// Journeys, a mix and arrivals from access logs.
    AccessLog(AccessLogArguments),
    /// Skeleton journeys from an API description (`OpenAPI` 3.0 or 3.1, JSON or YAML), one for each tag.
    #[command(name = "openapi")]
    OpenApi {
        /// The description: a file, or its address by http or https. References into other files are followed.
        #[arg(value_name = "FILE|URL")]
        file: PathBuf,
        #[command(flatten)]
        out: ImportOutArguments,
    },
    /// Journeys from a plan of `JMeter`, one for each thread group.
    Jmx {
        /// The plan. Files that it names are looked for in its folder.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A host that is the front door, as the plan has it; that of the first request by default.
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        #[command(flatten)]
        out: ImportOutArguments,
    },
    /// Journeys from a Postman collection (2.0 or 2.1), one for each folder.
    Postman {
        /// The collection.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A host that is the front door; that of the first request by default.
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        #[command(flatten)]
        out: ImportOutArguments,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccessLogArguments {
    /// The files, plain or compressed by gzip, in any order.
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) log: LogArguments,
    #[command(flatten)]
    pub(in crate::cli) out: ImportOutArguments,
}

/// Options for reading a log.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogArguments {
    /// auto, combined, common, vhost-combined, caddy, traefik, traefik-json, haproxy, json, a text as in Nginx's `log_format`, or
    /// with `--nginx-conf` the name of one.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(in crate::cli) format: String,
    /// Nginx's configuration, or the output of `nginx -T`: its access log's `log_format` is taken.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) nginx_conf: Option<PathBuf>,
    /// A field of a log in JSON: time, address, agent, method, target, request, status, took; `took/1000=ms` for milliseconds.
    #[arg(long = "field", value_name = "FIELD=PATH", value_parser = pair)]
    pub(in crate::cli) fields: Vec<(String, String)>,
    /// The rule file: which paths are one, which query values are kept, what a write becomes.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) rules: Option<PathBuf>,
    /// Share of the sessions to take, whole ones.
    #[arg(long, value_name = "SHARE", default_value = "100 %")]
    pub(in crate::cli) sample: Ratio,
    /// Field that names the session: a variable of Nginx or a path in JSON; address and agent by default.
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) session_field: Option<String>,
    /// Field of the client's address, where a balancer stands before the log: `http_x_forwarded_for`.
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) client: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportOutArguments {
    /// Name of everything written; made from the name of the source where not said.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// The stack that a written scenario uses.
    #[arg(long, value_name = "NAME", default_value = "reference")]
    pub(in crate::cli) stack: String,
    /// The folder with scenarios, journeys and stacks.
    #[arg(short, long, default_value = "scenarios", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

/// Quoting of command lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Quoting {
    /// Recognised by the text.
    Auto,
    /// As bash and other POSIX shells.
    Posix,
    /// As the Windows command processor.
    Cmd,
}
