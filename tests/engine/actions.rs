//! What each action of a planned event does to a container, as the engine shows it, and that it is undone: after its time, and after the
//! death of the run.

use std::process::Command;

use serde_json::Value;

use super::beside;
use super::docker::{docker, inspect};
use super::isolation::shop::Shop;
use super::running::{Finished, Running, diapason};

/// The probe that sees downtime, and these events.
fn observed(events: &str) -> String {
    format!("[probes.containers]\n[probes.front-door]\n{events}")
}

/// A shop under load for that long, with these events.
fn shop(name: &str, keys: &str, duration: &str, events: &str) -> Shop {
    let app = "require('http').createServer((_, answer) => answer.end('ok')).listen(8080);\n";
    let shop = Shop::pair_of(name, app, keys);
    shop.last(duration);
    // Enough users to go on asking while others wait for the service that is away.
    shop.change("count = 2", "count = 60");
    shop.change("[probes.containers]", &observed(events));
    shop
}

/// Entering a container's network from the host takes root.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}

/// The firewall of a container and the queues of its network.
fn network_of(container: &str) -> String {
    let pid = inspect(container)["State"]["Pid"].to_string();
    let run = |words: &[&str]| {
        let output = Command::new("nsenter")
            .args(["--target", &pid, "--net", "--"])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["iptables", "-S"]) + &run(&["tc", "qdisc", "show", "dev", "eth0"])
}

fn app_of(run: &Running) -> Option<String> {
    run.label().service("app").into_iter().next()
}

fn host_config(run: &Running) -> Value {
    app_of(run).map_or(Value::Null, |app| inspect(&app)["HostConfig"].clone())
}

#[track_caller]
fn sound(finished: &Finished) {
    let report = finished.report();
    let events = report["events"].as_array().unwrap();
    assert!(
        events.iter().all(|effect| effect["event"]["failure"].is_null()),
        "{events:#?}"
    );
    let rules = report["judgement"]["validity"].as_array().unwrap();
    let broken = rules.iter().filter(|rule| rule["valid"] == false);
    let ours = |rule: &&Value| rule["name"] == "containers" || rule["name"] == "events";
    let broken: Vec<_> = broken.filter(ours).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

fn effect(finished: &Finished, name: &str) -> Value {
    let report = finished.report();
    let mut events = report["events"].as_array().unwrap().iter();
    events.find(|effect| effect["event"]["name"] == name).unwrap().clone()
}

#[test]
fn a_limit_lasts_as_long_as_its_event() {
    let _place = beside();
    let shop = shop(
        "limited-once",
        "",
        "10s",
        "[[event]]\nname = 'little'\nat = '2s'\nfor = '3s'\nservice = 'app'\naction = 'limit'\ncpus = 0.5\nmemory = '96M'\n",
    );
    let mut run = shop.run(&[]);
    run.wait_until("limit", |run| {
        let host = host_config(run);
        host["CpuQuota"] == 50_000 && host["Memory"] == 96 << 20
    });
    run.wait_until("its end", |run| {
        let host = host_config(run);
        host["CpuQuota"] == -1 && host["Memory"].as_i64().unwrap() > 512 << 20
    });
    sound(&run.finish());
}

#[test]
fn a_network_is_cut_and_slowed_and_whole_again() {
    let _place = beside();
    if !is_root() {
        return;
    }
    let shop = shop(
        "disturbed",
        "",
        "18s",
        "[[event]]\nname = 'cut'\nat = '2s'\nfor = '4s'\nservice = 'app'\naction = 'network'\n\
         network = { cut = true, between = 'proxy' }\n\
         [[event]]\nname = 'slow'\nat = '11s'\nfor = '3s'\nservice = 'app'\naction = 'network'\nnetwork = { rate = '64K' }\n",
    );
    let mut run = shop.run(&[]);
    let shows = |run: &Running, text: &str| app_of(run).is_some_and(|app| network_of(&app).contains(text));
    run.wait_until("cut", |run| shows(run, "-j DROP"));
    run.wait_until("its end", |run| !shows(run, "-j DROP"));
    run.wait_until("slow network", |run| shows(run, "tbf"));
    run.wait_until("its end", |run| !shows(run, "tbf"));
    let finished = run.finish();
    sound(&finished);
    // A packet that is lost is sent again after a second: the front door is silent for most of the time.
    let cut = effect(&finished, "cut");
    assert!(cut["downtime"].as_u64().unwrap() >= 2, "{cut}");
}

#[test]
fn a_crash_is_repaired_by_the_services_own_policy() {
    let _place = beside();
    if !is_root() {
        return;
    }
    let shop = shop(
        "crashing",
        "restart: always",
        "12s",
        "[[event]]\nname = 'crash'\nat = '3s'\nservice = 'app'\naction = 'crash'\n",
    );
    let mut run = shop.run(&[]);
    run.wait_until("restart by the policy", |run| {
        app_of(run).is_some_and(|app| inspect(&app)["RestartCount"] == 1)
    });
    run.wait_until("end of the policy", |run| {
        host_config(run)["RestartPolicy"]["Name"] == "no"
    });
    sound(&run.finish());
}

#[test]
fn a_service_is_replaced_by_one_of_another_environment_and_rolled_back() {
    let _place = beside();
    let shop = shop(
        "replaced",
        "",
        "16s",
        "[[event]]\nname = 'update'\nat = '2s'\nfor = '6s'\nservice = 'app'\naction = 'recreate'\nenvironment = { EDITION = '2' }\n",
    );
    let mut run = shop.run(&[]);
    let edition = |run: &Running| {
        let containers = run.label().service("app").into_iter();
        let mut running = containers
            .map(|app| inspect(&app))
            .filter(|app| app["State"]["Running"] == true);
        running.any(|app| app["Config"]["Env"].to_string().contains("EDITION=2"))
    };
    run.wait_until("other edition", edition);
    run.wait_until("the first edition again", |run| !edition(run));
    let finished = run.finish();
    sound(&finished);
    assert!(!effect(&finished, "update")["recovery"].is_null());
}

/// A job takes the address of the service that is stopped, so that the service starts at another.
#[test]
fn a_service_that_moved_is_not_found_by_who_keeps_its_address_until_that_is_restarted_too() {
    let _place = beside();
    let shop = shop(
        "moving",
        "",
        "28s",
        "[[event]]\nname = 'away'\nat = '2s'\nservice = 'app'\naction = 'stop'\n\
         [[event]]\nname = 'job'\nat = '4s'\nservice = 'app'\naction = 'run'\ncommand = ['sleep', '14']\n\
         [[event]]\nname = 'back'\nat = '7s'\nservice = 'app'\naction = 'start'\n\
         [[event]]\nname = 'reload'\nat = '16s'\nservice = 'proxy'\naction = 'restart'\n",
    );
    let finished = shop.run(&[]).finish();
    sound(&finished);
    let (back, reload) = (effect(&finished, "back"), effect(&finished, "reload"));
    assert!(
        !back["event"]["moved"].is_null() && back["stale_address"] == true,
        "{back}"
    );
    assert!(
        finished.report()["summary"]
            .to_string()
            .contains("keeps the old address")
    );
    // The entry is at its port again, and has asked for the address anew.
    assert!(
        !reload["recovery"].is_null() && reload["stale_address"].is_null(),
        "{reload}"
    );
}

#[test]
fn a_service_is_scaled_and_scaled_back_and_commands_run_beside_it() {
    let _place = beside();
    let shop = shop(
        "scaled",
        "",
        "14s",
        "[[event]]\nname = 'two'\nat = '2s'\nfor = '5s'\nservice = 'app'\naction = 'scale'\nreplicas = 2\n\
         [[event]]\nname = 'job'\nat = '9s'\nservice = 'app'\naction = 'run'\n\
         command = ['sh', '-c', 'test \"$KIND\" = once']\nenvironment = { KIND = 'once' }\n",
    );
    let mut run = shop.run(&[]);
    let running = |run: &Running| {
        // The container of the command is gone once it has ended.
        let state = |app: &String| {
            let arguments = ["inspect", "--format", "{{.State.Running}}", app];
            Command::new("docker").args(arguments).output().unwrap()
        };
        let containers = run.label().service("app").into_iter();
        containers.filter(|app| state(app).stdout.starts_with(b"true")).count()
    };
    run.wait_until("second container", |run| running(run) == 2);
    run.wait_until("one again", |run| running(run) == 1);
    sound(&run.finish());
}

#[test]
fn a_command_that_fails_in_a_container_of_its_own_leaves_no_verdict() {
    let _place = beside();
    let shop = shop(
        "failing-job",
        "",
        "6s",
        "[[event]]\nname = 'job'\nat = '1s'\nservice = 'app'\naction = 'run'\ncommand = ['sh', '-c', 'echo no such table; exit 4']\n",
    );
    let finished = shop.run(&[]).finish();
    assert_eq!(finished.exit, 3, "{}", finished.talk);
    let rule = finished.rule(&diapason::slo::Rule::StackEvents);
    let measured = rule["measured"].as_str().unwrap();
    assert!(
        measured.contains("exit code 4") && measured.contains("no such table"),
        "{rule}"
    );
}

#[test]
fn only_a_small_disk_of_the_runs_own_is_filled() {
    let _place = beside();
    let shop = shop(
        "filled",
        "tmpfs: ['/small:size=1m']",
        "12s",
        "[[event]]\nname = 'full'\nat = '1s'\nfor = '3s'\nservice = 'app'\naction = 'fill-disk'\nfolder = '/small'\n\
         [[event]]\nname = 'refused'\nat = '8s'\nfor = '1s'\nservice = 'app'\naction = 'fill-disk'\nfolder = '/var/tmp'\n",
    );
    let mut run = shop.run(&[]);
    let left = |run: &Running| {
        let app = app_of(run).unwrap();
        docker(&["exec", &app, "df", "-P", "/small"])
    };
    run.wait_for_load();
    run.wait_until("full disk", |run| left(run).contains("100%"));
    run.wait_until("space again", |run| left(run).contains(" 0%"));
    let finished = run.finish();
    assert!(effect(&finished, "full")["event"]["failure"].is_null());
    let refused = effect(&finished, "refused")["event"]["failure"].to_string();
    assert!(refused.contains("no tmpfs with a size limit"), "{refused}");
}

#[test]
fn a_stack_whose_run_died_during_its_events_can_be_taken_down() {
    let _place = beside();
    let network = if is_root() {
        "[[event]]\nname = 'lossy'\nat = '1s'\nfor = '50s'\nservice = 'app'\naction = 'network'\nnetwork = { loss = '10 %' }\n"
    } else {
        ""
    };
    let shop = shop(
        "orphaned",
        "",
        "60s",
        &format!(
            "[[event]]\nname = 'little'\nat = '1s'\nfor = '50s'\nservice = 'app'\naction = 'limit'\ncpus = 0.5\n\
             [[event]]\nname = 'two'\nat = '1s'\nfor = '50s'\nservice = 'app'\naction = 'scale'\nreplicas = 2\n{network}\
             [[event]]\nname = 'frozen'\nat = '3s'\nfor = '50s'\nservice = 'proxy'\naction = 'pause'\n"
        ),
    );
    let mut run = shop.run(&[]);
    run.wait_until("frozen entry", |run| {
        let proxy = run.label().service("proxy");
        proxy
            .first()
            .is_some_and(|proxy| inspect(proxy)["State"]["Paused"] == true)
    });
    run.wait_until("second container", |run| run.label().service("app").len() == 2);
    let label = run.label();
    let namespace = label.namespace();
    run.kill();
    let down = diapason(&["stack", "down", &namespace], &[]);
    assert_eq!(down.exit, 0, "{}", down.text);
    label.nothing_left();
}

const WITH_DATABASE: &str = r#"
services:
  db:
    image: diapason-reference/postgres
    environment: { POSTGRES_USER: postgres, POSTGRES_PASSWORD: of-this-test-1 }
    healthcheck: { test: [CMD, pg_isready, -U, postgres, -h, 127.0.0.1], interval: 2s }
  web:
    image: diapason/node:24-forky
    init: true
    command: [node, -e, "let id = 0; require('http').createServer((_, answer) => answer.end(JSON.stringify({ id: ++id }))).listen(8080)"]
    ports: ["80:8080"]
    depends_on: { db: { condition: service_healthy } }
"#;

/// An application that answers with the numbers from 1 on, and a database in which an event makes a table of the even ones.
#[test]
fn acknowledged_writes_that_the_database_lacks_are_lost_and_a_held_statement_is_rolled_back() {
    let _place = beside();
    let shop = Shop::of(
        "writing",
        "deadline = '120s'\n[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 8080\n[database]\nservice = 'db'\n",
    );
    shop.put("compose.yml", WITH_DATABASE);
    let journey = "name = 'get'\ndescription = 'One request'\n[[step]]\nname = 'get'\npath = '/'\n\
                   extract = { id = '$.id' }\nwrites = '{{id}}'\n";
    std::fs::write(shop.scenario().with_file_name("journeys").join("get.toml"), journey).unwrap();
    shop.last("12s");
    let events = "[[event]]\nname = 'rows'\nat = '1s'\nservice = 'db'\naction = 'sql'\n\
         sql = 'create table kept as select 2 * generate_series(1, 1000) as id'\n\
         [[event]]\nname = 'lock'\nat = '3s'\nfor = '4s'\nservice = 'db'\naction = 'sql'\n\
         sql = 'lock table kept in access exclusive mode'\n\
         [[consistency]]\nname = 'numbers'\nof = 'get.get'\nsql = 'select id from kept'\n\
         [[objective]]\nname = 'Lost'\nindicator = 'lost'\ntarget = '0 %'\nacceptable = '60 %'\n";
    shop.change("[probes.containers]", events);
    let mut run = shop.run(&[]);
    let locks = |run: &Running| {
        let query = "select count(*) from pg_locks l join pg_class c on c.oid = l.relation \
                     where c.relname = 'kept' and l.mode = 'AccessExclusiveLock'";
        let database = run.label().service("db");
        let psql = ["exec", database[0].as_str(), "psql", "-U", "postgres", "-tAc", query];
        let output = Command::new("docker").args(psql).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run.wait_for_load();
    run.wait_until("lock", |run| locks(run) == "1");
    run.wait_until("its end", |run| locks(run) == "0");
    let finished = run.finish();
    sound(&finished);
    // Every second number is there.
    assert_eq!(finished.word("Lost"), "WARN", "{}", finished.talk);
    let verdicts = finished.report()["judgement"]["verdicts"].clone();
    let mut verdicts = verdicts.as_array().unwrap().iter();
    let lost = verdicts.find(|verdict| verdict["objective"]["name"] == "Lost").unwrap();
    let share = lost["measurement"]["point"].as_f64().unwrap();
    assert!((share - 0.5).abs() < 0.02, "{lost}");
}

#[test]
fn an_event_that_uses_up_the_error_budget_ends_the_run() {
    let _place = beside();
    let shop = shop(
        "burnt",
        "",
        "100s",
        "[[event]]\nname = 'death'\nat = '12s'\nservice = 'app'\naction = 'kill'\nabort-when-burnt = true\n\
         [[objective]]\nname = 'Errors'\nindicator = 'error-rate'\ntarget = '1 %'\nacceptable = '3 %'\n",
    );
    let finished = shop.run(&[]).finish();
    assert_eq!(finished.exit, 1, "{}", finished.talk);
    assert_eq!(finished.word("Errors"), "FAIL", "{}", finished.talk);
    let ended = finished.json("run.json")["ended"].clone();
    // 3 % of a thousand requests.
    assert_eq!(ended["burnt"]["allowed"], 30, "{ended}");
    assert!(ended["at"].as_f64().unwrap() < 90.0, "{ended}");
}
