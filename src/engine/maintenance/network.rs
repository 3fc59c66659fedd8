//! Faults of a container's network: made in its network namespace with the host's own tools, and gone with the namespace at the latest.

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::units::{Bytes, Ratio, Span};

/// Longest queue of a slowed network, in milliseconds: what waits longer is dropped.
const QUEUE: u32 = 400;
/// Least bytes that a slowed network passes at once: a packet of Ethernet with room to spare.
const LEAST_BURST: u64 = 3_200;

/// A fault of the network of a service: exactly one of `cut`, `loss`, `rate` and `delay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkSettings {
    /// True if every packet is dropped, in both directions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Share of packets that is dropped, in either direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Ratio>,
    /// Bytes a second that the service can send: `128K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Bytes>,
    /// Delay of each packet that the service sends; the kernel needs `netem`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
    /// Other service: only packets between the two are meant. For `cut` and `loss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<String>,
}

impl NetworkSettings {
    /// A contradiction, with a remedy; `None` if there is none.
    pub(super) fn problem(&self) -> Option<(String, String)> {
        let told = |problem: &str, hint: &str| Some((problem.to_owned(), hint.to_owned()));
        let queued = self.rate.is_some() || self.delay.is_some();
        let faults = [self.cut, self.loss.is_some(), self.rate.is_some(), self.delay.is_some()];
        if faults.into_iter().filter(|given| *given).count() != 1 {
            return told(
                "`network` is not one fault",
                "give one of `cut = true`, `loss = \"5 %\"`, `rate = \"128K\"` and `delay = \"100ms\"`",
            );
        }
        if self.between.is_some() && queued {
            return told(
                "`between` has no meaning for a rate or a delay",
                "use `cut` or `loss`, or leave `between` out",
            );
        }
        if self.rate.is_some_and(|rate| rate.get() < 1 << 10) {
            return told(
                "`rate` is too low for any packet",
                "allow at least `rate = \"1K\"` a second",
            );
        }
        None
    }

    /// Commands that make the fault, each with the one that undoes it. `peers` are the addresses of the other service.
    fn commands(&self, interfaces: &[String], peers: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
        if self.rate.is_some() || self.delay.is_some() {
            return interfaces.iter().map(|interface| self.queue(interface)).collect();
        }
        let mut rules = Vec::new();
        for (chain, peer, interface) in [("INPUT", "-s", "-i"), ("OUTPUT", "-d", "-o")] {
            if self.between.is_some() {
                rules.extend(peers.iter().map(|address| vec![chain, peer, address.as_str()]));
            } else {
                // The loopback interface carries the engine's name server, and is no network between services.
                rules.push(vec![chain, "!", interface, "lo"]);
            }
        }
        let rule = |change: &str, rule: &[&str]| {
            let mut words = vec!["iptables", "--wait", change];
            words.extend(rule);
            let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            if let Some(loss) = self.loss {
                let probability = loss.get().to_string();
                let chance = ["-m", "statistic", "--mode", "random", "--probability", &probability];
                words.extend(chance.map(str::to_owned));
            }
            words.extend(["-j", "DROP"].map(str::to_owned));
            words
        };
        rules
            .iter()
            .map(|words| (rule("-I", words), rule("-D", words)))
            .collect()
    }

    fn queue(&self, interface: &str) -> (Vec<String>, Vec<String>) {
        let discipline = match (self.rate, self.delay) {
            (Some(rate), _) => {
                // A hundredth of a second at that rate: a kernel timer ticks that often at least.
                let burst = (rate.get() / 100).max(LEAST_BURST);
                format!("tbf rate {}bps burst {burst}b latency {QUEUE}ms", rate.get())
            }
            (None, delay) => format!("netem delay {}us", delay.map_or(0, Span::as_micros)),
        };
        let words = |text: String| text.split(' ').map(str::to_owned).collect();
        (
            words(format!("tc qdisc add dev {interface} root {discipline}")),
            words(format!("tc qdisc del dev {interface} root")),
        )
    }

    /// The reason why this host cannot make the fault; `None` if it can. It is tried on a network namespace of nobody's.
    pub async fn lacking(&self) -> Option<String> {
        let lo = ["lo".to_owned()];
        let peer = ["127.0.0.2".to_owned()];
        for (make, _) in self.commands(&lo, &peer) {
            let mut words = vec!["--net".to_owned()];
            words.extend(make);
            if let Err(problem) = execute("unshare", &words).await {
                return Some(problem);
            }
        }
        None
    }
}

/// A rule that was made, and the command that undoes it.
#[derive(Debug)]
pub(super) struct Rule {
    pid: i64,
    undo: Vec<String>,
}

/// Makes the fault in the network namespace of that process, the first of a container; `made` grows by each rule.
pub(super) async fn make(
    settings: &NetworkSettings,
    pid: i64,
    peers: &[String],
    made: &mut Vec<Rule>,
) -> Result<(), String> {
    for (make, undo) in settings.commands(&interfaces(pid)?, peers) {
        enter(pid, &make).await?;
        made.push(Rule { pid, undo });
    }
    Ok(())
}

/// Undoes the rules, latest first. A container that has ended took its network namespace and the rules in it along.
pub(super) async fn undo(rules: Vec<Rule>) -> Result<(), String> {
    let mut outcome = Ok(());
    for rule in rules.into_iter().rev() {
        let exists = fs::exists(format!("/proc/{}/ns/net", rule.pid)).unwrap_or(false);
        if exists {
            outcome = outcome.and(enter(rule.pid, &rule.undo).await);
        }
    }
    outcome
}

/// Interfaces of a network namespace but the loopback one.
fn interfaces(pid: i64) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(format!("/proc/{pid}/net/dev"))
        .map_err(|error| format!("its network is not readable: {error}"))?;
    Ok(listed(&text))
}

fn listed(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| Some(line.split_once(':')?.0.trim()));
    names.filter(|name| *name != "lo").map(str::to_owned).collect()
}

/// Runs a command in the network namespace of that process, never in the host's own: a service may share that, and the number of a
/// process that has ended may be given to one of the host.
async fn enter(pid: i64, command: &[String]) -> Result<(), String> {
    let namespace = |pid: &str| {
        fs::read_link(format!("/proc/{pid}/ns/net")).map_err(|error| format!("its network is not readable: {error}"))
    };
    if namespace("self")? == namespace(&pid.to_string())? {
        return Err("its network is the host's own".to_owned());
    }
    let target = pid.to_string();
    let words = ["--target", target.as_str(), "--net", "--"].map(str::to_owned);
    execute("nsenter", &[words.as_slice(), command].concat()).await
}

async fn execute(program: &str, words: &[String]) -> Result<(), String> {
    let command = format!("{program} {}", words.join(" "));
    let output = Command::new(program).args(words).output().await;
    let output = output.map_err(|error| format!("`{command}`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let last = told
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>();
    Err(format!("`{command}`: {}", last.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str, peers: &[&str]) -> Vec<String> {
        let settings: NetworkSettings = toml::from_str(text).unwrap();
        let peers: Vec<String> = peers.iter().map(|peer| (*peer).to_owned()).collect();
        let commands = settings.commands(&["eth0".to_owned()], &peers).into_iter();
        commands
            .flat_map(|(make, undo)| [make.join(" "), undo.join(" ")])
            .collect()
    }

    #[test]
    fn each_fault_has_a_command_that_undoes_it() {
        assert_eq!(
            commands("cut = true", &[]),
            [
                "iptables --wait -I INPUT ! -i lo -j DROP",
                "iptables --wait -D INPUT ! -i lo -j DROP",
                "iptables --wait -I OUTPUT ! -o lo -j DROP",
                "iptables --wait -D OUTPUT ! -o lo -j DROP",
            ]
        );
        let between = commands("loss = \"5 %\"\nbetween = \"db\"", &["172.18.0.3"]);
        assert_eq!(
            between[0],
            "iptables --wait -I INPUT -s 172.18.0.3 -m statistic --mode random --probability 0.05 -j DROP"
        );
        assert_eq!(between.len(), 4);
        assert_eq!(
            commands("rate = \"1M\"", &[]),
            [
                "tc qdisc add dev eth0 root tbf rate 1048576bps burst 10485b latency 400ms",
                "tc qdisc del dev eth0 root"
            ]
        );
        assert_eq!(
            commands("delay = \"20ms\"", &[])[0],
            "tc qdisc add dev eth0 root netem delay 20000us"
        );
    }

    #[tokio::test]
    async fn the_hosts_own_network_is_never_entered() {
        let own = i64::from(std::process::id());
        let settings: NetworkSettings = toml::from_str("cut = true").unwrap();
        let mut made = Vec::new();
        let refused = make(&settings, own, &[], &mut made).await.unwrap_err();
        assert_eq!((refused.as_str(), made.len()), ("its network is the host's own", 0));
        // As if the number of a container's process had become one of the host.
        let rule = Rule {
            pid: own,
            undo: vec!["false".to_owned()],
        };
        assert_eq!(undo(vec![rule]).await.unwrap_err(), "its network is the host's own");
    }

    #[test]
    fn the_loopback_interface_is_none_of_a_network() {
        let text = "Inter-|   Receive\n face |bytes\n    lo:  0 0\n  eth0: 10 1\n  eth1: 0 0\n";
        assert_eq!(listed(text), ["eth0", "eth1"]);
    }
}
