//! `diapason import`: journeys from what a team already has.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::{AccessLogArguments, ImportCommand, ImportOutArguments, LogArguments, Quoting};
use super::fetch::fetch;
use super::output::Output;
use crate::import::{
    self, CurlOptions, Destination, HarOptions, ImportError, ImportResult, JmxOptions, LogOptions, OpenApiOptions,
    PostmanOptions, Shell, WrittenFiles,
};
use crate::scenario::{Plan, PlanOptions};

impl From<Quoting> for Shell {
    fn from(quoting: Quoting) -> Self {
        match quoting {
            Quoting::Auto => Self::Auto,
            Quoting::Posix => Self::Posix,
            Quoting::Cmd => Self::Cmd,
        }
    }
}

pub(super) async fn import(command: ImportCommand, output: Output) -> Exit {
    match command {
        ImportCommand::Curl {
            file,
            shell,
            hosts,
            out,
        } => {
            let to = destination(out, &file);
            let read = || {
                to.check()?;
                let options = CurlOptions {
                    path: file.clone(),
                    name: to.name.clone(),
                    hosts,
                    shell: shell.into(),
                    folder: PathBuf::from("."),
                };
                import::curl(&text(&file)?, &options)
            };
            finish(read(), &to, "requests", output)
        }
        ImportCommand::Har {
            file,
            second,
            hosts,
            out,
        } => {
            let to = destination(out, &file);
            let read = || {
                to.check()?;
                let options = HarOptions {
                    path: file.clone(),
                    name: to.name.clone(),
                    hosts,
                };
                let other = second.as_deref().map(text).transpose()?;
                let other = second.as_deref().zip(other.as_deref());
                import::har(&text(&file)?, other, &options)
            };
            finish(read(), &to, "requests", output)
        }
        ImportCommand::AccessLog(arguments) => access_log(arguments, output),
        ImportCommand::OpenApi { file, out } => openapi(file, out, output).await,
        ImportCommand::Jmx { file, hosts, out } => {
            let to = destination(out, &file);
            let read = || {
                to.check()?;
                let options = JmxOptions {
                    path: file.clone(),
                    folder: file.parent().unwrap_or(Path::new(".")).to_owned(),
                    name: to.name.clone(),
                    hosts,
                };
                import::jmx(&text(&file)?, &options)
            };
            finish(read(), &to, "samplers", output)
        }
        ImportCommand::Postman { file, hosts, out } => {
            let to = destination(out, &file);
            let read = || {
                to.check()?;
                let options = PostmanOptions {
                    path: file.clone(),
                    name: to.name.clone(),
                    hosts,
                };
                import::postman(&text(&file)?, &options)
            };
            finish(read(), &to, "requests", output)
        }
    }
}

async fn openapi(file: PathBuf, out: ImportOutArguments, output: Output) -> Exit {
    let to = destination(out, &file);
    let read = async {
        to.check()?;
        let options = OpenApiOptions {
            path: file.clone(),
            name: to.name.clone(),
        };
        if is_url(&file.to_string_lossy()) {
            fetched(&options).await
        } else {
            import::openapi(&text(&file)?, &options)
        }
    };
    finish(read.await, &to, "operations", output)
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Fetches the description at a URL, and the documents that it refers to.
async fn fetched(options: &OpenApiOptions) -> Result<ImportResult, ImportError> {
    let url = options.path.to_string_lossy();
    let text = fetch(&url).await.map_err(|reason| ImportError::Read {
        path: options.path.clone(),
        source: std::io::Error::other(reason),
    })?;
    let mut documents = options.documents(&text)?;
    // Until nothing more is wanted: a document that was fetched may name others.
    while let Some(location) = documents.next_wanted() {
        let found = if is_url(&location) {
            fetch(&location).await
        } else {
            Err("it is not at an address of http or https".to_owned())
        };
        documents.add(&location, found);
    }
    import::openapi_of(documents, options)
}

impl LogArguments {
    /// Options for these files, whose journeys have names that begin so.
    pub(super) fn options(self, files: Vec<PathBuf>, name: &str) -> LogOptions {
        LogOptions {
            files,
            name: name.to_owned(),
            format: self.format,
            fields: self.fields,
            nginx_conf: self.nginx_conf,
            rules: self.rules,
            journeys: PathBuf::new(),
            sample: self.sample.get(),
            session: self.session_field,
            client: self.client,
        }
    }
}

fn access_log(arguments: AccessLogArguments, output: Output) -> Exit {
    let first = arguments.files.first().cloned().unwrap_or_default();
    let to = destination(arguments.out, &first);
    let read = || {
        to.check()?;
        let options = arguments.log.options(arguments.files, &to.name);
        import::access_log(&LogOptions {
            journeys: to.out.join("journeys"),
            ..options
        })
    };
    finish(read(), &to, "lines", output)
}

/// Writes what was read, tells the account, and holds the scenario against the plan.
fn finish(read: Result<ImportResult, ImportError>, to: &Destination, parts: &str, output: Output) -> Exit {
    let written = read.and_then(|mut imported| {
        let written = import::write(&mut imported, to)?;
        Ok((imported, written))
    });
    let (imported, written) = match written {
        Ok(done) => done,
        Err(error) => return output.fail(&error),
    };
    let WrittenFiles {
        scenario,
        journeys,
        data,
    } = &written;
    for path in scenario.iter().chain(journeys).chain(data) {
        output.print(&path.display().to_string());
    }
    for line in imported.account.lines(parts) {
        output.say(&line);
    }
    let stack = to.out.join("stacks").join(format!("{}.toml", to.stack));
    if let Some(path) = scenario
        .as_ref()
        .filter(|_| !stack.exists() && !Path::new(&to.stack).is_file())
    {
        output.say(&format!(
            "{} names the stack {}, which is not there: `diapason init` writes one, `--stack NAME` names another",
            path.display(),
            to.stack
        ));
    } else if let Some(path) = scenario {
        // The scenario just written must load as a plan.
        if let Err(error) = Plan::load(path, PlanOptions::default()) {
            return output.fail(&error);
        }
        output.say(&format!("look them through, then: diapason check {}", path.display()));
    } else if let Some(journey) = journeys.last() {
        let path = journey.display();
        output.say(&format!("look it through, then: diapason try {path} --target URL"));
    }
    Exit::Met
}

/// Destination with a name from that of the source.
fn destination(out: ImportOutArguments, source: &Path) -> Destination {
    let stem = source.file_name().map(|name| name.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    // The first part alone: `access.log.1.gz` is called `access`.
    let stem = stem.split('.').next().unwrap_or_default();
    let letters = stem
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    let made: String = letters.collect::<String>().trim_matches('-').to_ascii_lowercase();
    Destination {
        name: out
            .name
            .unwrap_or(if made.is_empty() { "imported".to_owned() } else { made }),
        out: out.out,
        stack: out.stack,
        force: out.force,
    }
}

/// The text of a file, or of standard input. Bytes that are no UTF-8 are replaced.
fn text(path: &Path) -> Result<String, ImportError> {
    let failed = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    } else {
        bytes = std::fs::read(path).map_err(failed)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
