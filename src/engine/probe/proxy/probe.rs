//! Finds the logs, determines how ids are sent, and reads the logs during the run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use testcontainers::bollard::Docker;

use super::ProxyProbeSettings;
use super::entry::{self, AccessLogEntry};
use super::join::LogJoin;
use super::logs::{Log, Logs};
use crate::evidence::ProbeKind;
use crate::evidence::proxy::{ProxyLogGap, ProxyObservation};
use crate::nginx::{self, AccessLog, LogFormat};
use crate::probe::container_log::{Channel, Line, WordFilter};
use crate::probe::{ProbeError, Watch};
use crate::record::{TraceSettings, Tracing};
use crate::stack::{ApplicationLogSettings, ContainerEndpoint, Inspector, ProxySettings};
use crate::units::{saturating_u32, saturating_u64};
use crate::wire::engine::EngineAddress;

const NAME: ProbeKind = ProbeKind::Proxy;
const ID_HEADER: &str = "X-Request-Id";
const EVERY: Duration = Duration::from_secs(1);
/// Time after the run's end for the last lines to come.
// Log files are read once a second, so the last lines are seen up to a second late.
const LINGER: Duration = Duration::from_millis(1_500);

/// Reads a proxy's log, and the application's.
#[derive(Debug)]
pub(in crate::probe) struct ProxyProbe {
    engine: Docker,
    /// All replicas of the proxy.
    proxies: Vec<ContainerEndpoint>,
    /// The log file in each of them; `None` if they log to the container's log.
    file: Option<String>,
    format: LogFormat,
    /// All replicas of the application, and the format of their log.
    application: Option<(Vec<ContainerEndpoint>, ApplicationLogSettings)>,
    prefix: String,
    names: Vec<String>,
    observation: ProxyObservation,
    tracing: Tracing,
}

impl ProxyProbe {
    /// `names` are the names of the series, by their number.
    pub(in crate::probe) async fn prepare(
        settings: &ProxyProbeSettings,
        stack: &ProxySettings,
        endpoints: &[ContainerEndpoint],
        names: &[String],
    ) -> Result<Self, ProbeError> {
        let unavailable = |reason: String, hint: &str| ProbeError::Unavailable {
            probe: NAME,
            reason,
            hint: hint.to_owned(),
        };
        if endpoints.is_empty() {
            let reason = "the system was attached to, and its logs cannot be read".to_owned();
            return Err(unavailable(reason, "leave the proxy probe out of the scenario"));
        }
        let onlooker = Inspector::connect().await;
        let onlooker = onlooker.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?;
        let (container, dump) = find(&onlooker, stack, endpoints).await.ok_or_else(|| {
            let reason = "no service is an Nginx that prints its configuration".to_owned();
            unavailable(
                reason,
                "name it: `[proxy] service` in the stack file, or leave the probe out",
            )
        })?;
        let log = nginx::access_log(&dump);
        let text = stack
            .log_format
            .clone()
            .or_else(|| log.as_ref().map(|log| log.format.clone()));
        let text = text.ok_or_else(|| {
            let reason = format!("{} does not log its requests", container.service);
            unavailable(reason, "turn `access_log` on, or leave the probe out")
        })?;
        let format = LogFormat::compile(&text);
        // Unique to this run: a log may hold lines of runs before it.
        let prefix = format!("diapason-{:08x}-", rand::random::<u32>());
        let carried_by = carrier(&format, stack.id_header.as_deref());
        let tracing = match &carried_by {
            Some(header) => Tracing::new(TraceSettings {
                header: header.clone(),
                prefix: prefix.clone(),
                most: settings.most_per_second,
            }),
            None => Tracing::default(),
        };
        let application = stack.application.as_ref().and_then(|application| {
            let containers = replicas(endpoints, &application.service);
            (!containers.is_empty()).then(|| (containers, application.clone()))
        });
        let engine = EngineAddress::current().and_then(EngineAddress::connect);
        Ok(Self {
            engine: engine.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?,
            file: file(&onlooker, &container, log.as_ref()).await,
            observation: ProxyObservation {
                service: container.service.clone(),
                coarse: log_gaps(
                    &format,
                    carried_by.is_some(),
                    stack.application.as_ref(),
                    application.is_some(),
                ),
                format: text,
                carried_by,
                ..ProxyObservation::default()
            },
            proxies: replicas(endpoints, &container.service),
            format,
            application,
            prefix,
            names: names.to_vec(),
            tracing,
        })
    }

    /// Marking of the requests to follow.
    pub(in crate::probe) fn tracing(&self) -> Tracing {
        self.tracing.clone()
    }

    pub(in crate::probe) async fn observe(self, watch: &Watch) -> Result<ProxyObservation, ProbeError> {
        let failed = |error| ProbeError::failed(NAME, "follow the proxy's log", error);
        let mut refusals: BTreeMap<u32, u64> = BTreeMap::new();
        let mut unread = 0;
        let mut join = LogJoin::new(watch.clock, watch.judged);
        let mut logs = Logs::new(self.engine.clone());
        for proxy in &self.proxies {
            let ids = self.observation.carried_by.as_ref().map(|_| self.prefix.as_str());
            logs.follow_container(Log::Proxy, &proxy.id, log_filter(self.file.is_some(), ids));
            if let Some(path) = &self.file {
                logs.follow_file(Log::File, &proxy.id, path).await.map_err(failed)?;
            }
        }
        if let Some((containers, settings)) = &self.application {
            let wanted: WordFilter = settings.id.iter().map(|_| self.prefix.clone()).collect();
            for application in containers {
                logs.follow_container(Log::Application, &application.id, wanted.clone());
            }
        }
        let mut due = EVERY;
        let end = watch.end.saturating_add(LINGER);
        let mut goes_on = true;
        while goes_on {
            tokio::select! {
                Some((log, lines)) = logs.next() => for line in &lines {
                    match log {
                        Log::Proxy => unread += u64::from(!self.take_log_line(line, watch, &mut join, &mut refusals)),
                        Log::File => unread += u64::from(!self.line(&line.text, &mut join)),
                        Log::Application => self.applied(&line.text, &mut join),
                    }
                },
                in_time = watch.until(due) => {
                    goes_on = in_time && due < end;
                    due = due.saturating_add(EVERY).min(end);
                    join.settle(self.tracing.take(), false);
                }
            }
        }
        // After the last second nothing is waited for any longer.
        join.settle(self.tracing.take(), true);
        let (all, series, seconds) = join.finish(&self.names);
        let mut observation = self.observation;
        if unread > 0 {
            observation.coarse.push(ProxyLogGap::UnreadLines { lines: unread });
        }
        Ok(ProxyObservation {
            all,
            series,
            seconds,
            refused: refusals.into_iter().collect(),
            ..observation
        })
    }

    /// Takes a line of the container's log: from the error log, or from the access log. False if it is of the access log and
    /// does not fit its format.
    fn take_log_line(&self, line: &Line, watch: &Watch, join: &mut LogJoin, refusals: &mut BTreeMap<u32, u64>) -> bool {
        if entry::is_refusal(&line.text) {
            let now = || watch.clock.now().as_secs_f64();
            let at = line.time.map_or_else(now, |time| watch.clock.offset_of_wall(time));
            *refusals.entry(second(at)).or_default() += 1;
            return true;
        }
        // Lines of the error log come by the other stream, or, from a terminal, by the same.
        self.file.is_some() || self.line(&line.text, join) || line.channel != Channel::Output
    }

    /// Takes a line of the access log; of requests with an id, only those that are followed. False if it does not fit the format.
    fn line(&self, line: &str, join: &mut LogJoin) -> bool {
        let id = entry::id(line, &self.prefix);
        let is_followed = self.observation.carried_by.is_some();
        // Requests of others, of warm-up traffic and of health checks carry no id.
        if is_followed && id.is_none() {
            return true;
        }
        let Some(entry) = AccessLogEntry::read(&self.format, line) else {
            return false;
        };
        match id.filter(|_| is_followed) {
            Some(id) => join.proxied(id, entry),
            None => join.anybodys(&entry),
        }
        true
    }

    /// Takes a line of the application's log. Lines that are not about requests have no such time.
    fn applied(&self, line: &str, join: &mut LogJoin) {
        let Some((_, settings)) = &self.application else { return };
        // Most lines of a busy log are about requests that are not followed.
        if settings.id.is_some() && !line.contains(&self.prefix) {
            return;
        }
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            return;
        };
        let Some(micros) = at(&line, &settings.time).and_then(Value::as_f64).and_then(micros) else {
            return;
        };
        let id = settings.id.as_ref().and_then(|path| at(&line, path)?.as_str());
        match id.and_then(|id| entry::id(id, &self.prefix)) {
            Some(id) => join.applied(id, micros),
            None if settings.id.is_none() => join.anybodys_own(micros),
            None => {}
        }
    }
}

/// Filter of the proxy's container log: refusals and, if its requests are not in a file, lines with an id of that
/// prefix; all lines if requests carry no id.
fn log_filter(in_file: bool, ids: Option<&str>) -> WordFilter {
    let refusals = entry::REFUSALS.map(str::to_owned).into_iter();
    match (in_file, ids) {
        (true, _) => refusals.collect(),
        (false, Some(prefix)) => refusals.chain([prefix.to_owned()]).collect(),
        (false, None) => WordFilter::new(),
    }
}

/// The second that holds that offset; 0 for a time before the run.
fn second(at: f64) -> u32 {
    saturating_u32(at)
}

/// All containers of that service.
fn replicas(endpoints: &[ContainerEndpoint], service: &str) -> Vec<ContainerEndpoint> {
    let replicas = endpoints.iter().filter(|endpoint| endpoint.service == service);
    replicas.cloned().collect()
}

/// The first proxy container in which `nginx -T` succeeds, and its output.
async fn find(
    onlooker: &Inspector,
    stack: &ProxySettings,
    endpoints: &[ContainerEndpoint],
) -> Option<(ContainerEndpoint, String)> {
    let wanted = |endpoint: &&ContainerEndpoint| {
        stack
            .service
            .as_ref()
            .is_none_or(|service| endpoint.service == *service)
    };
    for endpoint in endpoints.iter().filter(wanted) {
        if let Ok(dump) = onlooker.output(endpoint, &["nginx", "-T"]).await {
            return Some((endpoint.clone(), dump));
        }
    }
    None
}

/// The file of the access log; `None` if its path leads to the container's log.
async fn file(onlooker: &Inspector, container: &ContainerEndpoint, log: Option<&AccessLog>) -> Option<String> {
    let path = &log?.path;
    // The official image links its log to the container's output, which is read through the engine already.
    let real = onlooker.output(container, &["readlink", "-f", path]).await;
    let real = real.map_or_else(|_| path.clone(), |real| real.trim().to_owned());
    let is_own = ["/dev/", "/proc/", "syslog:"]
        .iter()
        .any(|start| real.starts_with(start) || path.starts_with(start));
    (!is_own).then_some(real)
}

/// Header that the format logs: `wanted` (default: [`ID_HEADER`]) or else `User-Agent`; `None` if it logs neither.
fn carrier(format: &LogFormat, wanted: Option<&str>) -> Option<String> {
    let shows = |header: &&str| format.has(&format!("http_{}", header.to_lowercase().replace('-', "_")));
    // Nginx's own `combined` format logs the user agent: an id in it reaches the log of an unchanged proxy.
    [wanted.unwrap_or(ID_HEADER), "User-Agent"]
        .iter()
        .find(|header| shows(header))
        .map(|header| (*header).to_owned())
}

/// Reasons why figures are missing or less precise.
fn log_gaps(
    format: &LogFormat,
    carried: bool,
    application: Option<&ApplicationLogSettings>,
    found: bool,
) -> Vec<ProxyLogGap> {
    let mut reasons = Vec::new();
    if !carried {
        reasons.push(ProxyLogGap::NoRequestId);
    }
    if !format.has("request_time") {
        reasons.push(ProxyLogGap::NoRequestTime);
    }
    if !format.has("upstream_response_time") {
        reasons.push(ProxyLogGap::NoUpstreamResponseTime);
    } else if !format.has("upstream_connect_time") {
        reasons.push(ProxyLogGap::NoUpstreamConnectTime);
    }
    match application {
        Some(settings) if !found => reasons.push(ProxyLogGap::NoApplication {
            service: settings.service.clone(),
        }),
        Some(settings) if settings.id.is_none() => reasons.push(ProxyLogGap::NoApplicationId),
        _ => {}
    }
    reasons
}

/// The value at a path of names joined by dots, or of a field whose name is the whole path.
fn at<'a>(line: &'a Value, path: &str) -> Option<&'a Value> {
    line.get(path)
        .or_else(|| path.split('.').try_fold(line, |value, name| value.get(name)))
}

fn micros(millis: f64) -> Option<u64> {
    (millis.is_finite() && millis >= 0.0).then(|| saturating_u64((millis * 1e3).round()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_header_that_the_log_shows_carries_the_id() {
        let of = |format: &str, wanted| carrier(&LogFormat::compile(format), wanted);
        assert_eq!(
            of("$http_user_agent $http_x_request_id", None).as_deref(),
            Some("X-Request-Id")
        );
        assert_eq!(of("$http_user_agent", Some("X-Trace")).as_deref(), Some("User-Agent"));
        assert_eq!(
            of("$http_x_trace $http_user_agent", Some("X-Trace")).as_deref(),
            Some("X-Trace")
        );
        assert_eq!(of("$request_time", None), None);
    }

    #[test]
    fn what_a_log_lacks_is_said() {
        let of = |text: &str| log_gaps(&LogFormat::compile(text), true, None, false).len();
        assert_eq!(of("$request_time $upstream_connect_time $upstream_response_time"), 0);
        assert_eq!(of("$request_time $upstream_response_time"), 1);
        assert_eq!(of("$status"), 2);
        let application = ApplicationLogSettings {
            service: "api".to_owned(),
            time: "responseTime".to_owned(),
            id: None,
        };
        assert_eq!(
            log_gaps(&LogFormat::compile("$status"), false, Some(&application), false).len(),
            4
        );
    }

    #[test]
    fn refusals_and_the_requests_that_are_followed_are_wanted() {
        let is_wanted =
            |words: &WordFilter, line: &str| words.is_empty() || words.iter().any(|word| line.contains(word));
        let refusal = "limiting requests, excess: 20.980 by zone \"api\"";
        let lines = [
            &format!("*1 {refusal}, client: 198.18.0.1"),
            "id=\"run-12\"",
            "id=\"-\"",
        ];
        let of = |words: WordFilter| lines.map(|line| is_wanted(&words, line));
        assert_eq!(of(log_filter(false, Some("run-"))), [true, true, false]);
        assert_eq!(of(log_filter(true, Some("run-"))), [true, false, false]);
        assert_eq!(of(log_filter(false, None)), [true; 3]);
    }

    #[test]
    fn a_field_is_found_by_its_path() {
        let line = json!({ "responseTime": 3.25, "res": { "time": 4 }, "a.b": 5 });
        assert_eq!(
            at(&line, "responseTime").and_then(Value::as_f64).and_then(micros),
            Some(3_250)
        );
        assert_eq!(at(&line, "res.time"), Some(&json!(4)));
        assert_eq!(at(&line, "a.b"), Some(&json!(5)));
        assert_eq!(at(&line, "res.none"), None);
        assert_eq!(micros(-1.0), None);
    }
}
