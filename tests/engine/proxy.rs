//! What the proxy probe tells of requests whose time is known: an application that waits, behind an Nginx with a limiter whose
//! answers look like the application's own; two of each.

use serde_json::Value;

use super::beside;
use super::isolation::shop::Shop;
use super::running::{Finished, Running};

const COMPOSE: &str = r#"
services:
  app:
    image: diapason/node:24-forky
    init: true
    command: [node, /app.cjs]
    volumes: ["./app.cjs:/app.cjs:ro"]
    deploy: { replicas: 2 }
  nginx:
    image: diapason-reference/nginx
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    ports: ["80"]
    depends_on: [app]
    deploy: { replicas: 2 }
"#;

/// `/slow` takes 40 ms; each request is logged with its id and its time, as by pino.
const APP: &str = r"
require('http').createServer((request, response) => {
  const begun = performance.now();
  const reqId = request.headers['x-request-id'];
  console.log(JSON.stringify({ level: 30, reqId, req: { url: request.url }, msg: 'incoming request' }));
  setTimeout(() => {
    response.end('ok');
    console.log(JSON.stringify({ level: 30, reqId, res: { statusCode: 200 }, responseTime: performance.now() - begun }));
  }, request.url === '/slow' ? 40 : 0);
}).listen(8080);";

const NGINX: &str = r#"
user nginx;
error_log /dev/stderr warn;
pid /run/nginx.pid;
events { worker_connections 256; }
http {
    LOG
    limit_req_zone $binary_remote_addr zone=api:1m rate=1r/s;
    upstream app { server app:8080; keepalive 8; }
    server {
        listen 80;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        location /limited { limit_req zone=api; error_page 503 @busy; proxy_pass http://app; }
        location @busy { internal; default_type application/json; return 503 '{"busy":true}'; }
        location / { proxy_pass http://app; }
    }
}
"#;

const TIMED: &str = r#"log_format timed escape=json '{"id":"$http_x_request_id","agent":"$http_user_agent","rt":$request_time,'
        '"uct":"$upstream_connect_time","uht":"$upstream_header_time","urt":"$upstream_response_time"}';
    access_log /dev/stdout timed;"#;

const JOURNEY: &str = "name = 'get'\ndescription = 'Three requests'\n\
    [[step]]\nname = 'fast'\npath = '/'\n[[step]]\nname = 'slow'\npath = '/slow'\n\
    [[step]]\nname = 'limited'\npath = '/limited'\non_failure = 'continue'\n";

const STACK: &str = "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'nginx'\nport = 80\n[ready]\npath = '/'\n";

fn run(name: &str, log: &str, application: &str) -> Finished {
    run_with(name, &NGINX.replace("LOG", log), application)
}

fn run_with(name: &str, nginx: &str, application: &str) -> Finished {
    let shop = Shop::of(name, &format!("{STACK}{application}"));
    shop.put("compose.yml", COMPOSE);
    shop.put("app.cjs", APP);
    shop.put("nginx.conf", nginx);
    shop.put("../journeys/get.toml", JOURNEY);
    shop.change("count = 2", "count = 10");
    shop.change("[probes.containers]", "[probes.proxy]\n[probes.containers]");
    // The limiter would refuse two thirds, which is what is looked at.
    Running::with(&shop.scenario(), &["--despite-limiter"], &[]).finish()
}

/// How many requests that series made.
fn requests(report: &Value, series: &str) -> f64 {
    let mut rows = report["series"].as_array().unwrap().iter();
    let row = rows.find(|row| row["name"] == series).unwrap();
    row["requests"].as_f64().unwrap()
}

/// Requests of a series that were neither refused nor failed.
fn timed(row: &Value) -> f64 {
    let count = |key: &str| row[key].as_f64().unwrap();
    count("requests") - count("errors") - count("rate_limited")
}

fn mean(series: &Value, part: &str) -> f64 {
    series[part]["mean"]
        .as_f64()
        .unwrap_or_else(|| panic!("no {part} in {series}"))
}

#[test]
fn a_known_delay_is_found_where_it_is_and_the_limiters_answers_are_told() {
    let _place = beside();
    let application = "[proxy.application]\nservice = 'app'\ntime = 'responseTime'\nid = 'reqId'\n";
    let finished = run("way", TIMED, application);
    let report = finished.json("report.json");
    let proxy = &report["proxy"];
    assert_eq!(
        (&proxy["service"], &proxy["carried_by"], &proxy["coarse"]),
        (&"nginx".into(), &"X-Request-Id".into(), &Value::Array(Vec::new())),
        "{}",
        finished.talk
    );
    let series = |name: &str| {
        let all = proxy["series"].as_array().unwrap();
        all.iter().find(|one| one["series"] == name).unwrap()
    };
    let slow = series("get.slow");
    let (followed, joined) = (slow["followed"].as_f64().unwrap(), slow["joined"].as_f64().unwrap());
    let made = requests(&report, "get.slow");
    // 60 arrivals, of which a slow machine drops some.
    assert!(made >= 20.0 && followed >= 0.9 * made, "{followed} of {made}: {slow}");
    assert!(joined >= 0.95 * followed, "{slow}");
    // The logs of both proxies and of both applications are read.
    assert!(slow["own"]["count"].as_f64().unwrap() >= 0.95 * joined, "{slow}");
    for part in ["application", "own"] {
        assert!(mean(slow, part) >= 39.0, "{part}: {slow}");
    }
    // The application's own time is a part of what the proxy waited for it.
    assert!(mean(slow, "own") <= mean(slow, "application") + 1.0, "{slow}");
    if !finished.machine_was_full() {
        for part in ["application", "own"] {
            assert!(mean(slow, part) < 60.0, "{part}: {slow}");
            assert!(mean(series("get.fast"), part) < 20.0, "{part}: {}", series("get.fast"));
        }
        assert!(mean(slow, "client") < 80.0, "{slow}");
    }
    let sum: f64 = ["outside", "proxy", "connecting", "application"]
        .map(|part| mean(slow, part))
        .iter()
        .sum();
    // Nginx tells whole milliseconds.
    assert!((sum - mean(slow, "client")).abs() < 2.0, "{sum} of {slow}");

    // One request a second is let in; to the client the others are the application's errors.
    let rows = report["series"].as_array().unwrap();
    let limited = rows.iter().find(|row| row["name"] == "get.limited").unwrap();
    let refused = limited["rate_limited"].as_f64().unwrap();
    assert!(refused >= 0.7 * requests(&report, "get.limited"), "{limited}");
    let rule = finished.rule(&diapason::slo::Rule::RateLimitedRequests);
    assert_eq!(rule["valid"], false, "{rule}");
    assert_eq!(finished.exit, 3, "{}", finished.talk);
    let summary = std::fs::read_to_string(finished.folder().join("summary.md")).unwrap();
    assert!(summary.contains("Where the time went"), "{summary}");
}

#[test]
fn a_log_of_the_usual_format_tells_less_and_says_so() {
    let _place = beside();
    let application = "[proxy.application]\nservice = 'app'\ntime = 'responseTime'\n";
    let finished = run("usual", "access_log /dev/stdout;", application);
    let report = finished.json("report.json");
    // Requests whose times count: the parts of the mean request are theirs.
    let made: f64 = report["series"].as_array().unwrap().iter().map(timed).sum();
    let proxy = &report["proxy"];
    assert_eq!(proxy["carried_by"], "User-Agent", "{}", finished.talk);
    assert_eq!(proxy["coarse"].as_array().unwrap().len(), 3, "{proxy}");
    let all = &proxy["all"];
    let joined = all["joined"].as_f64().unwrap();
    assert!(made > 60.0 && joined >= 0.83 * made, "{joined} of {made}: {all}");
    assert_eq!((&all["application"], &all["proxy"]), (&Value::Null, &Value::Null));
    assert!(mean(all, "client") > 5.0, "{all}");
    assert!(all["own"]["count"].as_f64().unwrap() > 0.83 * joined, "{all}");
}

#[test]
fn lines_that_do_not_fit_the_format_are_counted_and_told() {
    let _place = beside();
    let formats = format!("{TIMED} log_format other '$http_x_request_id $status';");
    let other = "location /slow { access_log /dev/stdout other; proxy_pass http://app; } location / {";
    let nginx = NGINX.replace("LOG", &formats).replace("location / {", other);
    let finished = run_with("unread", &nginx, "");
    let report = finished.json("report.json");
    let (coarse, made) = (&report["proxy"]["coarse"], requests(&report, "get.slow"));
    let lines = coarse[0]["unread-lines"]["lines"].as_f64();
    let each = |lines: f64| lines >= 0.83 * made && lines <= 1.17 * made;
    assert!(made >= 20.0 && lines.is_some_and(each), "{made}: {coarse}");
    let summary = std::fs::read_to_string(finished.folder().join("summary.md")).unwrap();
    assert!(
        summary.contains("lines of the proxy's log do not fit its format"),
        "{summary}"
    );
}
