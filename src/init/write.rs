//! The three files, as text and on disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::guess::{Database, Guess};
use super::options::InitOptions;
use super::{InitError, roles};
use crate::stack::{Answers, IsolationSettings, RequiredVariable, ServiceSettings, relative};

/// The files written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFiles {
    /// The scenario, which names the others.
    pub scenario: PathBuf,
    /// The stack file.
    pub stack: PathBuf,
    /// The journey.
    pub journey: PathBuf,
    /// Points for the user to check, in words.
    pub notes: Vec<String>,
}

/// Writes all of them, or none if one exists already and may not be replaced.
pub(super) fn all(guess: &Guess, options: &InitOptions) -> Result<WrittenFiles, InitError> {
    let name = &guess.name;
    let [stacks, journeys] = ["stacks", "journeys"].map(|folder| options.out.join(folder));
    let written = WrittenFiles {
        scenario: options.out.join(format!("{name}.toml")),
        stack: stacks.join(format!("{name}.toml")),
        journey: journeys.join(format!("{name}-visit.toml")),
        notes: notes(guess),
    };
    // All three are looked for before the first is written, so that a refusal leaves no part of them.
    let taken = [&written.scenario, &written.stack, &written.journey];
    if let Some(path) = taken.into_iter().find(|path| path.exists() && !options.force) {
        return Err(InitError::Exists { path: path.clone() });
    }
    for folder in [&stacks, &journeys] {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let folder = absolute(&stacks)?;
    let from_there = |paths: &[PathBuf]| -> Result<Vec<String>, InitError> {
        let ways = paths.iter().map(|path| Ok(relative(&folder, &absolute(path)?)));
        ways.map(|way| way.map(|way| way.display().to_string())).collect()
    };
    let stack = stack(
        guess,
        &folder,
        &from_there(&options.compose)?,
        &from_there(&options.env_files)?,
    );
    for (path, text) in [
        (&written.stack, stack),
        (&written.journey, journey(guess)),
        (&written.scenario, scenario(guess)),
    ] {
        fs::write(path, text).map_err(failed(path))?;
    }
    Ok(written)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> InitError + use<'_> {
    |source| InitError::Write {
        path: path.to_owned(),
        source,
    }
}

/// The path from the root. A file that is a link stays one: Compose resolves paths from the folder of the link.
fn absolute(path: &Path) -> Result<PathBuf, InitError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match path.file_name().filter(|_| !path.is_dir()) {
        Some(name) => {
            let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).map_err(failed(path))?;
            Ok(folder.join(name))
        }
        None => fs::canonicalize(path).map_err(failed(path)),
    }
}

/// A value as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A key of a table, quoted if necessary.
fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Points for the user to check, in words.
fn notes(guess: &Guess) -> Vec<String> {
    let entry = &guess.entry;
    let mut notes = vec![format!(
        "front door: service {}, port {} ({})",
        entry.service, entry.port, entry.reason
    )];
    match &guess.database {
        Some(database) => notes.push(format!("database: service {}", database.service)),
        None => notes.push("no PostgreSQL found: query times are not measured".to_owned()),
    }
    for role in &guess.roles {
        let done = if role.password.is_some() {
            "created before it starts"
        } else {
            "LOOK AT ITS SEED"
        };
        notes.push(format!("database role of {}: {}, {done}", role.service, role.name));
    }
    if !guess.jobs.is_empty() {
        notes.push(format!("runs to its end: {}", guess.jobs.join(", ")));
    }
    if !guess.left_out.is_empty() {
        notes.push(format!("left out: {}", guess.left_out.join(", ")));
    }
    notes.extend(guess.cautions.iter().map(ToString::to_string));
    for refusal in &guess.refusals {
        notes.push(format!("{refusal}: answered in the stack file, LOOK AT IT"));
    }
    for lack in &guess.lacks {
        let next = match lack.emptied() {
            Some(_) => "an empty volume takes its place, as the empty folder that Compose would create, LOOK AT IT",
            None => lack.advice(),
        };
        notes.push(format!("{lack}: {next}"));
    }
    for (name, variable) in &guess.required {
        notes.push(format!("{}, LOOK AT IT", made_up(name, variable)));
    }
    notes
}

/// Reason for a made-up value, in words.
fn made_up(name: &str, variable: &RequiredVariable) -> String {
    let mut places: Vec<String> = variable.places.iter().map(ToString::to_string).collect();
    places.extend((!variable.message.is_empty()).then(|| format!("\"{}\"", variable.message)));
    let places = if places.is_empty() {
        String::new()
    } else {
        format!(" ({})", places.join("; ").replace('\n', " "))
    };
    format!(
        "the files require the variable `{name}`{places}, which has no value: the stack file gives it the made-up value {}",
        quoted(&variable.value)
    )
}

fn stack(guess: &Guess, folder: &Path, files: &[String], env_files: &[String]) -> String {
    let mut text = format!(
        "# How Diapason brings this stack up, isolated: the Compose files are read, never edited. Written by `diapason init`;\n\
         # what was guessed is said. Every key: docs/stack-file.md.\n\
         name = {}\ndescription = {}\n\n[compose]\nfiles = {}\n",
        quoted(&guess.name),
        quoted(&format!("{} from its own Compose files", guess.name)),
        list(files)
    );
    // Writing to a String cannot fail.
    if env_files.is_empty() {
        text.push_str("# env-files = [\"path/to/.env.production\"]\n");
    } else {
        let _ = writeln!(text, "env-files = {}", list(env_files));
    }
    for (service, profiles) in &guess.inactive {
        let _ = writeln!(text, "# Service {service} takes part with profile {profiles}:");
        let _ = writeln!(text, "# profiles = [{}]", quoted(profiles));
    }
    if !guess.left_out.is_empty() {
        text.push_str("# By their images they work on the outside world or on the host; nothing else needs them.\n");
        let _ = writeln!(text, "leave-out = {}", list(&guess.left_out));
    }
    if !guess.required.is_empty() {
        text.push_str(
            "\n# The files require these variables, and nobody gave them a value: these are made up. A secret may stay so, because the\n\
             # isolated copy lives as long as a run; a tag, a port or an address is to be looked at.\n[compose.env]\n",
        );
        for (name, variable) in &guess.required {
            let places: Vec<String> = variable.places.iter().map(ToString::to_string).collect();
            if !places.is_empty() {
                let _ = writeln!(text, "# {}", places.join("; "));
            }
            let _ = writeln!(text, "{} = {}", key(name), quoted(&variable.value));
        }
    }
    text.push_str(&of_entry(guess));
    text.push_str(&of_stores(guess));
    let answers = Answers::new(&guess.refusals, &guess.lacks, &guess.cautions);
    let reasons = answers.reasons("isolation");
    if !reasons.is_empty() {
        let _ = write!(
            text,
            "\n{reasons}[isolation]\n{}",
            answers.isolation_lines(folder, &IsolationSettings::default())
        );
    }
    text.push_str(&services(guess, &answers));
    if !guess.unchecked.is_empty() {
        let _ = writeln!(
            text,
            "\n# Without a health check, running counts as ready: {}.",
            guess.unchecked.join(", ")
        );
    }
    text.push_str(
        "\n# Tells that the system works: better a request that needs the database than one that does not.\n\
         [ready]\npath = \"/\"\n# status = 200\n# contains = \"\"\n",
    );
    if let Some((service, config)) = &guess.nginx {
        let _ = write!(
            text,
            "\n# Rate limits stay on and act per virtual user, as they do per real user: the copy of this configuration believes\n\
             # the harness about the client's address.\n[client-addresses]\nservice = {}\nconfig = {}\nheader = \"X-Forwarded-For\"\n\n\
             # What Nginx answers beyond its limits.\n[limiter]\nstatus = 503\ncontent-type = \"text/html\"\n",
            quoted(service),
            quoted(config)
        );
    }
    guess.roles.iter().for_each(|role| text.push_str(&roles::seed(role)));
    let _ = write!(text, "{}", SEED.replace("SERVICE", &guess.entry.service));
    text
}

/// Lines on the entry: the service and port that users reach.
fn of_entry(guess: &Guess) -> String {
    let mut text = String::new();
    let entry = &guess.entry;
    let _ = write!(
        text,
        "\n# Where users come in. Guessed: {}.\n[entry]\nservice = {}\nport = {}\n",
        entry.reason,
        quoted(&entry.service),
        entry.port
    );
    if let Some((host, certificate)) = &entry.named {
        let _ = write!(
            text,
            "tls = true\n# As the proxy's configuration has them. Requests name the host, which needs no DNS; the certificate is trusted for a\n\
             # run. If it is for another name: take it out, and put in [front-door] tls = {{ insecure = true }}.\n\
             host = {}\ncertificate = {}\n",
            quoted(host),
            quoted(certificate)
        );
    } else if entry.tls {
        text.push_str(
            "tls = true\n# The name its certificate is for: host = \"app.example\"\n\n\
             # Until its certificate is known here ([front-door] tls.ca-file), it is not verified.\n[front-door]\ntls = { insecure = true }\n",
        );
    }
    text
}

/// The tables of single services.
fn services(guess: &Guess, answers: &Answers) -> String {
    let mut text = String::new();
    // A table may stand only once in a file.
    let mut tables: BTreeMap<&String, String> = BTreeMap::new();
    if let Some(database) = &guess.database {
        tables
            .entry(&database.service)
            .or_default()
            .push_str(&of_database(database));
    }
    for job in &guess.jobs {
        tables
            .entry(job)
            .or_default()
            .push_str("# Another service waits for it to end well.\nstate = \"exited-0\"\n");
    }
    for service in answers.services.keys() {
        let lines = answers.service_lines(service, &ServiceSettings::default());
        let reasons = answers.reasons(&format!("service.{}", key(service)));
        tables.entry(service).or_default().extend([reasons, lines]);
    }
    for (service, lines) in tables.iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(text, "\n[service.{}]\n{lines}", key(service));
    }
    text
}

const SEED: &str = r#"
# Data to put in, once every service is ready: by a command in a service, a container of its own, SQL, or HTTP.
# [[seed]]
# name = "users"
# exec = { service = "SERVICE", command = ["sh", "-c", "echo put data in"] }
# done = { sql = "select count(*) from users" }
# verify = [{ what = "users", sql = "select count(*) from users", at-least = 1 }]
"#;

/// The stores that no probe reads, and the database's table.
fn of_stores(guess: &Guess) -> String {
    let mut text = String::new();
    for store in &guess.stores {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n# Runs, and is not looked into: {store}.\n");
    }
    if let Some(database) = &guess.database {
        let _ = write!(
            text,
            "\n# Guessed from the image. Name, user and password are those that its container is given.\n[database]\nservice = {}\n",
            quoted(&database.service)
        );
    }
    text
}

/// Settings of the database's service.
fn of_database(database: &Database) -> String {
    let mut text = String::new();
    if let Some(path) = &database.pgdata {
        let _ = writeln!(
            text,
            "# Images of PostgreSQL 18 and later refuse a volume mounted here unless they are told that it is meant.\n\
             environment = {{ PGDATA = {} }}",
            quoted(path)
        );
    }
    if database.takes_arguments {
        text.push_str(
            "# What the statement times are read from.\n\
             arguments = [\"-c\", \"shared_preload_libraries=pg_stat_statements\"]\n",
        );
    }
    text
}

fn journey(guess: &Guess) -> String {
    format!(
        "# What a user does. Written by `diapason init` with the least there is: a visit to the front page.\n\
         name = {}\ndescription = \"Opens the front page\"\ntags = [\"page\"]\n\n\
         [[step]]\nname = \"front-page\"\npath = \"/\"\n# As a browser does.\nredirects = 5\n\n\
         # A step of an API, after a pause for thought:\n# [[step]]\n# name = \"list\"\n# path = \"/api/items?page={{{{random 1 10}}}}\"\n\
         # think = \"500ms..1500ms\"\n# tags = [\"api\"]\n# status = [200]\n# check = [{{ json = \"$.items\", min = 1 }}]\n\
         # extract = {{ item = \"$.items[*].id\" }}\n",
        quoted(&format!("{}-visit", guess.name))
    )
}

fn scenario(guess: &Guess) -> String {
    let name = quoted(&guess.name);
    let probe = match &guess.database {
        Some(database) if database.takes_arguments => "[probes.postgres]\n\n",
        _ => "",
    };
    let queries = match probe {
        "" => "",
        _ => {
            "\n[[objective]]\nname = \"Database query time\"\nindicator = \"query-time\"\nquantile = \"p95\"\ntarget = \"50ms\"\n\
              acceptable = \"150ms\"\n# Shown, not judged, until the journeys ask the database for something.\ngate = false\n"
        }
    };
    let proxy = if guess.entry.logs {
        "# Where the time of a request goes, from the access log of the entry.\n[probes.proxy]\n\n"
    } else {
        ""
    };
    format!(
        "# A steady load, judged. Written by `diapason init`: rates and targets are a start, not advice.\n\
         #\n#   diapason check FILE     what it will do, and whether that can be judged\n#   diapason run FILE       do it\n\
         name = {name}\ndescription = \"Steady load on the front page\"\n\n[stack]\nuse = {name}\n\n[users]\ncount = 20\n\n\
         # Which journey an arriving user walks, and its weight.\n[journeys]\n{} = 1\n\n\
         [[phase]]\nname = \"warm-up\"\nduration = \"10s\"\njudged = false\n\
         workload = {{ executor = \"constant-arrival-rate\", rate = \"5/s\" }}\n\n\
         [[phase]]\nname = \"steady\"\nduration = \"90s\"\n\
         workload = {{ executor = \"constant-arrival-rate\", rate = \"5/s\" }}\n\n\
         {probe}{proxy}[probes.containers]\n\n[probes.front-door]\npath = \"/\"\n\n\
         [[objective]]\nname = \"Response time\"\nindicator = \"response-time\"\nquantile = \"p95\"\ntarget = \"200ms\"\n\
         acceptable = \"500ms\"\n\n\
         [[objective]]\nname = \"Error rate\"\nindicator = \"error-rate\"\ntarget = \"1 %\"\nacceptable = \"5 %\"\n{queries}",
        key(&format!("{}-visit", guess.name))
    )
}

#[cfg(test)]
mod tests {
    use super::super::guess::EntryPoint;
    use super::super::roles::DatabaseRole;
    use super::*;
    use crate::stack::{ComposePart, OutsideResource, Place, Refusal};

    /// Everything that can be guessed, with names that TOML must quote.
    fn guess() -> Guess {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Guess {
            name: "shop".to_owned(),
            entry: EntryPoint {
                named: None,
                logs: true,
                service: "edge".to_owned(),
                port: 443,
                tls: true,
                reason: "it publishes a port".to_owned(),
            },
            database: Some(Database {
                service: "db".to_owned(),
                pgdata: Some("/var/lib/postgresql/data".to_owned()),
                takes_arguments: true,
            }),
            roles: vec![DatabaseRole {
                service: "api".to_owned(),
                name: "app".to_owned(),
                password: Some("APP_PASSWORD".to_owned()),
            }],
            stores: texts(&["redis"]),
            jobs: texts(&["migrate.once"]),
            unchecked: texts(&["api"]),
            left_out: texts(&["certbot"]),
            inactive: vec![("debug".to_owned(), "debug".to_owned())],
            nginx: Some(("edge".to_owned(), "/etc/nginx/nginx.conf".to_owned())),
            required: BTreeMap::from([(
                "APP_PASSWORD".to_owned(),
                RequiredVariable {
                    value: "made \"up\"".to_owned(),
                    message: "set it".to_owned(),
                    places: vec![Place {
                        part: Some(ComposePart::Service("api".to_owned())),
                        key: "environment.PASSWORD".to_owned(),
                    }],
                },
            )]),
            cautions: Vec::new(),
            lacks: Vec::new(),
            refusals: vec![Refusal {
                part: ComposePart::Service("db".to_owned()),
                key: "privileged".to_owned(),
                reach: OutsideResource::Privileged,
            }],
        }
    }

    /// Options for a project whose Compose file lies next to the output folder.
    fn options(folder: &Path) -> InitOptions {
        fs::create_dir_all(folder.join("deploy")).unwrap();
        for file in ["deploy/compose.yml", ".env.production"] {
            fs::write(folder.join(file), "").unwrap();
        }
        InitOptions {
            compose: vec![folder.join("deploy/compose.yml")],
            env_files: vec![folder.join(".env.production")],
            out: folder.join("scenarios"),
            ..InitOptions::default()
        }
    }

    fn table(path: &Path) -> toml::Table {
        toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn what_is_written_is_a_plan_of_what_was_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path());
        let written = all(&guess(), &options).unwrap();
        let under = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
        assert_eq!(
            [&written.scenario, &written.stack, &written.journey].map(|path| under(path)),
            [
                "scenarios/shop.toml",
                "scenarios/stacks/shop.toml",
                "scenarios/journeys/shop-visit.toml"
            ]
        );
        let scenario = table(&written.scenario);
        assert_eq!(scenario["name"].as_str(), Some("shop"));
        assert_eq!(scenario["stack"]["use"].as_str(), Some("shop"));
        let probes: Vec<&String> = scenario["probes"].as_table().unwrap().keys().collect();
        assert_eq!(probes, ["containers", "front-door", "postgres", "proxy"]);
        assert_eq!(
            scenario["journeys"].as_table().unwrap().keys().collect::<Vec<_>>(),
            ["shop-visit"]
        );
        assert_eq!(table(&written.journey)["step"][0]["name"].as_str(), Some("front-page"));
        let stack = table(&written.stack);
        for (key, expected) in [
            (
                "compose",
                "env-files = [\"../../.env.production\"]\nfiles = [\"../../deploy/compose.yml\"]\nleave-out = [\"certbot\"]\n\n[env]\nAPP_PASSWORD = 'made \"up\"'\n",
            ),
            ("entry", "port = 443\nservice = \"edge\"\ntls = true\n"),
            ("database", "service = \"db\"\n"),
            (
                "client-addresses",
                "config = \"/etc/nginx/nginx.conf\"\nheader = \"X-Forwarded-For\"\nservice = \"edge\"\n",
            ),
        ] {
            assert_eq!(toml::to_string(&stack[key]).unwrap(), expected, "{key}");
        }
        assert_eq!(stack["service"]["migrate.once"]["state"].as_str(), Some("exited-0"));
        assert_eq!(stack["service"]["db"]["without"][0].as_str(), Some("privileged"));
        assert_eq!(
            stack["service"]["db"]["environment"]["PGDATA"].as_str(),
            Some("/var/lib/postgresql/data")
        );
        assert_eq!(
            written.notes,
            [
                "front door: service edge, port 443 (it publishes a port)",
                "database: service db",
                "database role of api: app, created before it starts",
                "runs to its end: migrate.once",
                "left out: certbot",
                "service `db`: it is privileged: answered in the stack file, LOOK AT IT",
                "the files require the variable `APP_PASSWORD` (service `api`, `environment.PASSWORD`; \"set it\"), which has no value: \
                 the stack file gives it the made-up value 'made \"up\"', LOOK AT IT",
            ]
        );
    }

    #[test]
    fn the_least_that_can_be_guessed_is_a_plan_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let options = InitOptions {
            env_files: Vec::new(),
            ..options(folder.path())
        };
        let mut least = Guess {
            name: "shop".to_owned(),
            ..Guess::default()
        };
        least.entry.service = "web".to_owned();
        least.entry.port = 80;
        let written = all(&least, &options).unwrap();
        let scenario = table(&written.scenario);
        let probes: Vec<&String> = scenario["probes"].as_table().unwrap().keys().collect();
        assert_eq!(probes, ["containers", "front-door"]);
        // Without a database there is no objective about one.
        let objectives = scenario["objective"].as_array().unwrap().iter();
        let objectives: Vec<&str> = objectives
            .map(|objective| objective["name"].as_str().unwrap())
            .collect();
        assert_eq!(objectives, ["Response time", "Error rate"]);
        assert_eq!(written.notes[1], "no PostgreSQL found: query times are not measured");
        // The user has to fill in a role's unknown password.
        least.roles.push(DatabaseRole {
            service: "api".to_owned(),
            name: "app".to_owned(),
            password: None,
        });
        assert_eq!(notes(&least)[2], "database role of api: app, LOOK AT ITS SEED");
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_written_where_one_file_is_in_the_way() {
        for taken in ["shop.toml", "stacks/shop.toml", "journeys/shop-visit.toml"] {
            let folder = tempfile::tempdir().unwrap();
            let mut options = options(folder.path());
            let path = options.out.join(taken);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "mine").unwrap();
            let files = || {
                let all = ["shop.toml", "stacks/shop.toml", "journeys/shop-visit.toml"];
                all.into_iter().filter(|file| options.out.join(file).exists()).count()
            };
            let error = all(&guess(), &options).unwrap_err();
            assert!(
                matches!(&error, InitError::Exists { path: found } if *found == path),
                "{error}"
            );
            assert_eq!(
                (fs::read_to_string(&path).unwrap().as_str(), files()),
                ("mine", 1),
                "{taken}"
            );
            // Another name writes other files, and only `force` replaces them.
            let other = Guess {
                name: "shop2".to_owned(),
                ..guess()
            };
            all(&other, &options).unwrap();
            assert_eq!(
                (fs::read_to_string(&path).unwrap().as_str(), files()),
                ("mine", 1),
                "{taken}"
            );
            options.force = true;
            all(&guess(), &options).unwrap();
            assert_ne!(fs::read_to_string(&path).unwrap(), "mine", "{taken}");
        }
    }
}
