"""Chromium by way of its driver, without any package.

Needs chromium and chromedriver in PATH; CHROMIUM and CHROMEDRIVER name other programs.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Browser:
    """A session of Chromium by way of its driver."""

    def __init__(self, folder, more=(), logs=False):
        port = free_port()
        driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        self.process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.root = f"http://127.0.0.1:{port}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--no-first-run"]
        arguments += [f"--user-data-dir={folder}/profile", "--no-proxy-server", *more]
        options = {"binary": chromium, "args": arguments}
        for _ in range(100):
            try:
                self.call("GET", "/status")
                break
            except OSError:
                time.sleep(0.1)
        wanted = {"goog:chromeOptions": options}
        if logs:
            wanted["goog:loggingPrefs"] = {"performance": "ALL"}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{answer['sessionId']}"
        self.version = answer["capabilities"]["browserVersion"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self.call("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        """The value that a script returns in the page."""
        return self.call("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, *arguments):
        """Waits until a script returns something true."""
        for _ in range(300):
            if self.run(script, *arguments):
                return
            time.sleep(0.1)
        sys.exit(f"Chromium waited in vain for: {script}")

    def command(self, name, **parameters):
        """Gives a command of the DevTools protocol."""
        return self.call("POST", self.session + "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def events(self):
        """Events of the DevTools protocol since the last call, if the session has logs."""
        entries = self.call("POST", self.session + "/se/log", {"type": "performance"})
        return [json.loads(entry["message"])["message"] for entry in entries]

    def close(self):
        try:
            self.call("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.wait()
