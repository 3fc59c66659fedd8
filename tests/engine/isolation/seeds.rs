//! Seeds of a database that does not let anybody in yet, that is changed by others meanwhile, or that do nothing.

use super::shop::Shop;
use crate::engine::beside;
use crate::engine::docker::docker;
use crate::engine::running::diapason;

/// As an official image does: while it initialises, a temporary server listens on a socket only, and a health check inside
/// passes.
const EARLY: &str = r#"
set -eu
rm -rf "$PGDATA"
mkdir -p "$PGDATA" /var/run/postgresql
chown postgres:postgres "$PGDATA" /var/run/postgresql
exec setpriv --reuid=postgres --regid=postgres --init-groups sh -euc '
  initdb --username=postgres --auth-host=scram-sha-256 --pwfile=/password >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses=" start >/dev/null
  sleep 4
  pg_ctl -w -m fast stop >/dev/null
  exec postgres -c "listen_addresses=*"
'
"#;

const COMPOSE: &str = r#"
services:
  db:
    image: diapason-reference/postgres
    init: true
    entrypoint: [sh, /early.sh]
    volumes: ["./early.sh:/early.sh:ro", "./password:/password:ro"]
    environment: { POSTGRES_USER: postgres, POSTGRES_PASSWORD: of-this-test-1 }
    healthcheck: { test: [CMD, pg_isready, -U, postgres], interval: 30s }
  web:
    image: diapason/node:24-forky
    init: true
    command: [node, -e, "require('http').createServer((_, answer) => answer.end('ok')).listen(8080)"]
    ports: ["80:8080"]
    depends_on: { db: { condition: service_healthy } }
"#;

fn shop(name: &str, seeds: &str) -> Shop {
    let stack = format!(
        "deadline = '180s'\n[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 8080\n\
         [database]\nservice = 'db'\n{seeds}"
    );
    let shop = Shop::of(name, &stack);
    shop.put("compose.yml", COMPOSE);
    shop.put("early.sh", EARLY);
    shop.put("password", "of-this-test-1\n");
    shop
}

/// A seed by a statement that fails with that code the first two times; a sequence counts in spite of the failure.
fn conflict(code: &str, message: &str) -> String {
    format!(
        "do $$ begin if nextval('attempt') < 3 then raise exception '{message}' using errcode = '{code}'; end if; end $$; \
         create table seeded (id int); insert into seeded values (1);"
    )
}

#[test]
fn a_database_is_waited_for_and_a_seed_that_meets_a_concurrent_change_is_run_again() {
    let _place = beside();
    let seeds = format!(
        "[[seed]]\nname = 'sequence'\nbefore = 'web'\ndone = {{ sql = \"select false\" }}\nsql = {{ text = 'create sequence attempt' }}\n\
         [[seed]]\nname = 'rows'\nbefore = 'web'\n[seed.sql]\ntext = \"{}\"\n\
         [[seed.verify]]\nwhat = 'rows'\nsql = 'select count(*) from seeded'\nat-least = 1\n",
        conflict("XX000", "tuple concurrently updated")
    );
    let finished = shop("early", &seeds).run(&[]).finish();
    let talk = &finished.talk;
    assert!([0, 1, 3].contains(&finished.exit), "{talk}");
    assert!(talk.contains("waiting for the log-in to db, "), "{talk}");
    let again = "seed rows met a concurrent change, and is run again: failed to run seed `rows` in the database";
    assert_eq!(talk.matches(again).count(), 2, "{talk}");
    assert!(talk.contains("tuple concurrently updated"), "{talk}");
}

#[test]
fn the_database_starts_before_a_service_whose_seed_needs_it() {
    let _place = beside();
    let seeds = "[[seed]]\nname = 'rows'\nbefore = 'web'\nsql = { text = 'create table rows (id int); insert into rows values (1)' }\n\
        verify = [{ what = 'rows', sql = 'select count(*) from rows', at-least = 1 }]\n";
    let shop = shop("unordered", seeds);
    let waiting = "    depends_on: { db: { condition: service_healthy } }\n";
    assert!(COMPOSE.contains(waiting));
    shop.put("compose.yml", &COMPOSE.replace(waiting, ""));
    let finished = shop.run(&[]).finish();
    assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
    let at = |line: &str| {
        finished
            .talk
            .find(line)
            .unwrap_or_else(|| panic!("no {line:?} in {}", finished.talk))
    };
    assert!(
        at("starting db") < at("seed rows runs") && at("seed rows runs") < at("starting web"),
        "{}",
        finished.talk
    );
}

#[test]
fn a_seed_that_does_nothing_is_shown_with_its_output_and_what_is_up_can_be_kept() {
    let _place = beside();
    let seeds = "[[seed]]\nname = 'application'\nexec = { service = 'web', command = ['sh', '-c', 'echo nothing configured'] }\n\
        verify = [{ what = 'shops', sql = \"select count(*) from pg_database where datname = 'shop'\", at-least = 1 }]\n";
    let shop = shop("idle", seeds);
    let file = shop.stacks().join("shop.toml");
    let told = "seed `application` left 0 shops, at least 1 are expected; its command ended with exit code 0:\n  | nothing configured";
    let failed = diapason(&["stack", "up", file.to_str().unwrap()], &[]);
    assert_eq!(failed.exit, 2, "{}", failed.text);
    assert!(failed.text.contains(told), "{}", failed.text);
    assert!(
        failed.text.contains("`--keep-failed` leaves what is up"),
        "{}",
        failed.text
    );
    failed.label.nothing_left();
    let kept = diapason(&["stack", "up", file.to_str().unwrap(), "--keep-failed"], &[]);
    assert_eq!(kept.exit, 2, "{}", kept.text);
    assert!(kept.text.contains(told), "{}", kept.text);
    let namespace = kept.label.namespace();
    let web = format!("{namespace}-web-1");
    let down = format!("`diapason stack down {namespace}` takes it down");
    for part in [&down, &web, "docker exec -it NAME sh"] {
        assert!(kept.text.contains(part), "no {part} in {}", kept.text);
    }
    assert_eq!(docker(&["exec", &web, "echo", "within"]).trim(), "within");
    let down = diapason(&["stack", "down", &namespace], &[]);
    assert_eq!(down.exit, 0, "{}", down.text);
    kept.label.nothing_left();
}
