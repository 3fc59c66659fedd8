#!/usr/bin/env python3
"""What the probes cost: the same scenario with and without them, in pairs whose order alternates.

    benches/probes/measure.py                          all probes, 5 pairs of the gate
    benches/probes/measure.py --probes postgres        this one only; the others stay in both runs
    benches/probes/measure.py --pairs 10 --set phase.steady.duration=60s --diapason target/dist/diapason

Three figures of the judged window are compared: CPU time of the database's container (the engine's counter, read by this
script and not by a probe), requests a second, and p95 of the response time. A difference is given in per cent of the mean without
the probes, with the 95 % interval of a paired t test; `within` says that the whole interval lies inside the budget.

Only a machine that does nothing else gives figures worth having. Needs Python 3.11 and the engine's socket, nothing else.
"""

import argparse
import http.client
import json
import math
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime

NEEDED_BY = {"postgres": "query-time", "browser": "page-load", "front-door": "uptime", "containers": None}
# Largest change in per cent: of the database's CPU by the probe of the database, of the others by all probes.
BUDGETS = {"database CPU s": 2.0, "requests/s": 3.0, "p95 ms": 3.0}
# 97.5 % quantiles of Student's t by degrees of freedom.
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093]


class Engine:
    """The container engine, through its socket."""

    def ask(self, path):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.connect("/var/run/docker.sock")
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        # A container that is removed meanwhile has an empty answer or none that says 200.
        return json.loads(body) if answer.status == 200 and body else None

    def containers(self, service):
        labels = json.dumps({"label": ["io.diapason.namespace", f"com.docker.compose.service={service}"]})
        return {container["Id"] for container in self.ask(f"/containers/json?filters={labels.replace(' ', '')}") or []}

    def cpu_seconds(self, container):
        stats = self.ask(f"/containers/{container}/stats?stream=false&one-shot=true")
        return stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9 if stats else None


class Watch(threading.Thread):
    """Reads the CPU time of the container that a run makes for that service, twice a second."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.engine, self.service = Engine(), service
        self.others = self.engine.containers(service)
        self.readings, self.ended = [], threading.Event()

    def run(self):
        container = None
        while not self.ended.wait(0.5):
            if container is None:
                container = next(iter(self.engine.containers(self.service) - self.others), None)
                continue
            before, used = time.time(), self.engine.cpu_seconds(container)
            if used is not None:
                self.readings.append(((before + time.time()) / 2, used))

    def used(self, start, end):
        """CPU seconds between two times, interpolated."""
        return self.at(end) - self.at(start)

    def at(self, moment):
        for (time_a, used_a), (time_b, used_b) in zip(self.readings, self.readings[1:]):
            if time_a <= moment <= time_b:
                return used_a + (used_b - used_a) * (moment - time_a) / (time_b - time_a)
        sys.exit("the database's container was not seen during the whole judged window")


def without(scenario, probes):
    """The scenario's text without those probes and the objectives that need them."""
    blocks = re.split(r"(?m)^(?=\[)", scenario)
    needed = [f'indicator = "{NEEDED_BY[probe]}"' for probe in probes if NEEDED_BY[probe]]
    keep = lambda block: not any(block.startswith(f"[probes.{probe}]") for probe in probes) and not (
        block.startswith("[[objective]]") and any(line in block for line in needed)
    )
    return "".join(block for block in blocks if keep(block))


def run(arguments, text):
    """One run of that scenario; its three figures."""
    folder = pathlib.Path(arguments.scenario).parent
    with tempfile.TemporaryDirectory() as out, tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix=".measure-", suffix=".toml"
    ) as file:
        file.write(text)
        file.flush()
        watch = Watch(arguments.service)
        watch.start()
        command = [arguments.diapason, "run", file.name, "--out", out]
        for setting in arguments.set:
            command += ["--set", setting]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        watch.ended.set()
        watch.join()
        report = pathlib.Path(out, "latest", "report.json")
        if not report.exists():
            sys.exit(f"the run wrote no report:\n{done.stderr}")
        document = json.loads(report.read_text())
    started = datetime.fromisoformat(document["started"]).timestamp()
    start, end = (started + seconds(document["judged"][key]) for key in ("start", "end"))
    everything = document["groups"][0]
    if everything["response"]["p95"] is None:
        sys.exit("p95 falls among failed requests: there is nothing to compare")
    return {
        "database CPU s": watch.used(start, end),
        "requests/s": everything["per_second"],
        "p95 ms": everything["response"]["p95"],
    }


def seconds(duration):
    """A duration as `report.json` has it."""
    return duration["secs"] + duration["nanos"] / 1e9 if isinstance(duration, dict) else float(duration)


def compared(name, pairs):
    """One line: both means and the difference in per cent with its interval."""
    on, off = ([pair[side][name] for pair in pairs] for side in ("on", "off"))
    base = statistics.mean(off)
    changes = [100 * (a - b) / base for a, b in zip(on, off)]
    change = statistics.mean(changes)
    half = T[min(len(changes), len(T) + 1) - 2] * statistics.stdev(changes) / math.sqrt(len(changes))
    budget = BUDGETS[name]
    word = "undecided"
    # More requests, a shorter p95 or less CPU with the probes are luck, not cost.
    cost, sign = (-change, -1) if name == "requests/s" else (change, 1)
    if cost + half < budget:
        word = "within"
    elif cost - half > budget:
        word = "over"
    print(f"{name:15} without {base:9.3f}  with {statistics.mean(on):9.3f}  change {change:+6.2f} % "
          f"[{change - half:+.2f}, {change + half:+.2f}]  budget {sign * budget:+.0f} %: {word}")
    return word


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", default=",".join(NEEDED_BY), help="those that are left out in every second run")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--scenario", default="scenarios/gate.toml")
    parser.add_argument("--service", default="postgres", help="the database's service in the Compose file")
    parser.add_argument("--diapason", default="target/release/diapason")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as of `diapason run`")
    arguments = parser.parse_args()
    probes = arguments.probes.split(",")
    unknown = [probe for probe in probes if probe not in NEEDED_BY]
    if unknown or arguments.pairs < 2:
        parser.error(f"unknown probes: {unknown}" if unknown else "an interval needs two pairs")
    on = pathlib.Path(arguments.scenario).read_text()
    scenarios = {"on": on, "off": without(on, probes)}
    pairs = []
    for number in range(arguments.pairs):
        order = ("on", "off") if number % 2 == 0 else ("off", "on")
        pair = {}
        for side in order:
            pair[side] = run(arguments, scenarios[side])
            figures = ", ".join(f"{name} {value:.3f}" for name, value in pair[side].items())
            print(f"pair {number + 1} {side:3}: {figures}", file=sys.stderr, flush=True)
        pairs.append(pair)
    words = [compared(name, pairs) for name in BUDGETS]
    sys.exit(1 if "over" in words else 0)


if __name__ == "__main__":
    main()
