#!/usr/bin/env python3
"""Records the calls that Chromium makes for a page of the reference stack, the dashboard if none is named.

    target/release/diapason stack up                 # prints the address of the front door
    ci/chromium/dashboard.py http://127.0.0.1:PORT > tests/chromium/dashboard.json
    ci/chromium/dashboard.py http://127.0.0.1:PORT planning > tests/chromium/planning.json

The pages are dashboard, projects, project (the first of the list), tasks and planning. A contributor logs in (an administrator for the
dashboard, which is the same for all), Chromium opens the page with an empty cache, and tells of each request to the API: its path, and its start
and end in milliseconds after the first one's start. Tests hold the journeys against the records.
"""

import json
import pathlib
import re
import sys
import tempfile

from browser import Browser

LOADED = "return document.querySelector('main:not(.login)[data-loaded=\"true\"]') !== null"
CALLS = """
return performance.getEntriesByType('resource')
    .filter((entry) => new URL(entry.name).pathname.startsWith('/api/'))
    .map((entry) => [entry.name, entry.startTime, entry.responseEnd, entry.nextHopProtocol])
"""
LOG_IN = """
const set = (name, text) => {
    const input = document.querySelector(`input[name="${name}"]`)
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
}
set('login', arguments[0])
set('password', arguments[1])
document.querySelector('button[type="submit"]').click()
"""


PROJECT = "return document.querySelector('main a[href^=\"/projects/\"]')?.getAttribute('href')"


def main():
    front_door = sys.argv[1].rstrip("/")
    page = sys.argv[2] if len(sys.argv) > 2 else "dashboard"
    user = ("admin", "admin123") if page == "dashboard" else ("user0008", "Password123!")
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(pathlib.Path(folder))
        try:
            browser.open(front_door + "/login")
            browser.wait("return document.querySelector('main.login[data-loaded=\"true\"]') !== null")
            browser.run(LOG_IN, *user)
            browser.wait(LOADED)
            path = "/" + page
            if page == "project":
                browser.open(front_door + "/projects")
                browser.wait(LOADED)
                path = browser.run(PROJECT)
            browser.command("Network.clearBrowserCache")
            browser.open(front_door + path)
            browser.wait(LOADED)
            calls = browser.run(CALLS)
        finally:
            browser.close()
    first = min(start for _, start, _, _ in calls)
    calls.sort(key=lambda call: call[1])
    record = {
        "browser": f"Chromium {browser.version}",
        "protocol": calls[0][3],
        "calls": [
            {
                "path": re.sub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", name.removeprefix(front_door)),
                "start": round(start - first, 1),
                "end": round(end - first, 1),
            }
            for name, start, end, _ in calls
        ],
    }
    for call in record["calls"]:
        call["path"] = re.sub(r"\d{4}-\d\d-\d\d", "DATE", call["path"])
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
