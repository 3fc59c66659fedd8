#!/usr/bin/env python3
"""Records a walk of Chromium through the reference stack as an HTTP Archive: log-in, dashboard, a project created and removed.

    target/release/diapason stack up                 # prints the address of the front door
    ci/chromium/walk.py http://127.0.0.1:PORT | gzip -9n > tests/chromium/walk.har.gz

A test imports the record and walks it against a stack that was seeded anew.
"""

import base64
import datetime
import json
import pathlib
import sys
import tempfile
import time

from browser import Browser
from dashboard import LOADED, LOG_IN

# The web application keeps its token in the storage of the session and sends it by itself; a script of the page does the same.
SEND = """
const [method, path, body, done] = arguments
const token = Object.values(sessionStorage).concat(Object.values(localStorage))
    .map((text) => (text.match(/eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+/) || [])[0]).find((found) => found)
fetch(path, { method, headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) }, body: body ? JSON.stringify(body) : undefined })
    .then(async (answer) => done([answer.status, await answer.text()]), (error) => done([0, String(error)]))
"""


# Kinds of answers whose text is recorded.
READ = ("application/json", "text/html", "text/x-component")


def sent(browser, method, path, body=None):
    script = {"script": SEND, "args": [method, path, body]}
    status, text = browser.call("POST", browser.session + "/execute/async", script)
    if not 200 <= status < 300:
        sys.exit(f"{method} {path}: {status} {text}")
    return json.loads(text) if text else None


def pairs(headers):
    return [{"name": name, "value": value} for name, value in headers.items()]


def body_of(browser, number):
    try:
        found = browser.command("Network.getResponseBody", requestId=number)
    except OSError:
        return {}
    if found["base64Encoded"]:
        return {"text": found["body"], "encoding": "base64"}
    return {"text": found["body"]}


def archive(browser, events, bodies):
    """The events of the network as an HTTP Archive."""
    entries = {}
    for event in events:
        told, kind = event["params"], event["method"]
        number = told.get("requestId")
        if kind == "Network.requestWillBeSent" and told["request"]["url"].startswith("http"):
            request = told["request"]
            at = datetime.datetime.fromtimestamp(told["wallTime"], datetime.timezone.utc)
            entry = {
                "startedDateTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "time": 0,
                "request": {"method": request["method"], "url": request["url"], "httpVersion": "HTTP/1.1", "cookies": [],
                            "headers": pairs(request["headers"]), "queryString": [], "headersSize": -1, "bodySize": -1},
                "response": {"status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
                             "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1},
                "cache": {},
                "timings": {"send": 0, "wait": 0, "receive": 0},
                "_resourceType": told.get("type", "").lower(),
                "_begun": told["timestamp"],
            }
            if "postData" in request:
                mime = next((value for name, value in request["headers"].items() if name.lower() == "content-type"), "")
                entry["request"]["postData"] = {"mimeType": mime, "text": request["postData"]}
            entries[number] = entry
        elif kind == "Network.responseReceived" and number in entries:
            response = told["response"]
            entries[number]["response"].update(status=response["status"], statusText=response["statusText"], headers=pairs(response["headers"]))
            # Programs and styles are no part of a journey: without their text the record stays small.
            body = bodies.get(number, {}) if response["mimeType"] in READ else {}
            entries[number]["response"]["content"].update(mimeType=response["mimeType"], **body)
        elif kind == "Network.loadingFinished" and number in entries:
            taken = (told["timestamp"] - entries[number]["_begun"]) * 1000
            entries[number]["time"] = round(taken, 3)
            entries[number]["timings"]["wait"] = round(taken, 3)
    for entry in entries.values():
        del entry["_begun"]
    creator = {"name": "Chromium", "version": browser.version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": list(entries.values())}}


def main():
    front_door = sys.argv[1].rstrip("/")
    events, bodies = [], {}
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(pathlib.Path(folder), logs=True)

        def listen():
            new = browser.events()
            for event in new:
                number = event["params"].get("requestId")
                if event["method"] == "Network.loadingFinished" and number not in bodies:
                    bodies[number] = body_of(browser, number)
            events.extend(new)

        try:
            browser.open(front_door + "/login")
            browser.wait("return document.querySelector('main.login[data-loaded=\"true\"]') !== null")
            listen()
            time.sleep(1)
            browser.run(LOG_IN, "admin", "admin123")
            browser.wait(LOADED)
            listen()
            time.sleep(1)
            browser.open(front_door + "/dashboard")
            browser.wait(LOADED)
            listen()
            time.sleep(1)
            project = sent(browser, "POST", "/api/projects", {"name": "A walk", "startDate": "2026-01-05", "endDate": "2026-12-18"})
            listen()
            time.sleep(0.5)
            sent(browser, "GET", f"/api/projects/{project['id']}")
            time.sleep(0.5)
            sent(browser, "DELETE", f"/api/projects/{project['id']}")
            listen()
            json.dump(archive(browser, events, bodies), sys.stdout, indent=1)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
