#!/usr/bin/env python3
"""Records the calls that Chromium makes for the dashboard of the reference stack.

    target/release/diapason stack up                 # prints the address of the front door
    ci/chromium/dashboard.py http://127.0.0.1:PORT > tests/chromium/dashboard.json

Chromium logs in, opens the dashboard with an empty cache, and tells of each request to the API: its path, and its start and end in
milliseconds after the first one's start. A test holds the journey `dashboard` of the examples against the record.
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


def main():
    front_door = sys.argv[1].rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(pathlib.Path(folder))
        try:
            browser.open(front_door + "/login")
            browser.wait("return document.querySelector('main.login[data-loaded=\"true\"]') !== null")
            browser.run(LOG_IN, "admin", "admin123")
            browser.wait(LOADED)
            browser.command("Network.clearBrowserCache")
            browser.open(front_door + "/dashboard")
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
