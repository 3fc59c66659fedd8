#!/usr/bin/env python3
"""Holds the table of cookie decisions (src/engine/journey/tests/cookies.toml) against Chromium.

A server on this machine answers under every host name, by HTTP and HTTPS. For each case, Chromium opens `at` once for each header of
`set`, and then `ask`; the `cookie` header that comes with it is compared with the table's. Exit code 1 if any differs.

Another table may be named as an argument. Needs Python 3.11, openssl, chromium and chromedriver. CHROMIUM and CHROMEDRIVER name other programs.
"""

import http.server
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import tomllib
import urllib.parse

from browser import Browser

TABLE = pathlib.Path(__file__).parents[2] / "src/engine/journey/tests/cookies.toml"


class Server(http.server.ThreadingHTTPServer):
    """Answers the awaited path with the header to set, and notes the cookies that came with it."""

    daemon_threads = True
    awaited = None
    header = None
    seen = None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        state = STATE
        head = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nCache-Control: no-store\r\n"
        if self.path == state["awaited"]:
            state["seen"] = "; ".join(self.headers.get_all("cookie", []))
            if state["header"] is not None:
                head += b"Set-Cookie: " + state["header"] + b"\r\n"
        self.wfile.write(head + b"\r\n<!doctype html><link rel=icon href='data:,'>")

    def log_message(self, *_):
        pass


STATE = {"awaited": None, "header": None, "seen": None}


def serve(certificate=None):
    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def certificate(folder):
    path = folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop.example"]
        + ["-keyout", str(path), "-out", str(folder / "certificate.pem")],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + (folder / "certificate.pem").read_text())
    return path


def main():
    table = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE
    cases = tomllib.loads(table.read_text())["case"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ports = {"http": serve(), "https": serve(certificate(folder))}
        # A browser that turns http into https by itself would set cookies over the wrong one.
        browser = Browser(
            folder,
            [
                "--host-resolver-rules=MAP * 127.0.0.1",
                "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
            ],
        )
        wrong = 0
        try:
            for case in cases:
                site = urllib.parse.urlsplit(case.get("site", "https://shop.example"))
                base = f"{site.scheme}://{site.hostname}:{ports[site.scheme]}"
                browser.command("Network.clearBrowserCookies")
                for header in case["set"]:
                    text = re.sub(r"LONG(\d+)", lambda found: "x" * int(found[1]), header)
                    STATE.update(awaited=case.get("at", "/"), header=text.encode(), seen=None)
                    browser.open(base + case.get("at", "/"))
                ask = case.get("ask", "/")
                STATE.update(awaited=ask, header=None, seen=None)
                browser.open(base + ask)
                sent = STATE["seen"]
                sent = None if sent is None else sent.encode("latin-1").decode("utf-8", "replace")
                expected = re.sub(r"LONG(\d+)", lambda found: "x" * int(found[1]), case["cookie"])
                if sent != expected:
                    wrong += 1
                    print(f"DIFFERS  {case['name']}\n  set       {case['set']!r:.200}\n  Chromium  {sent!r:.200}\n  table     {expected!r:.200}")
        finally:
            browser.close()
        headers = sum(len(case["set"]) for case in cases)
        print(f"{headers} headers in {len(cases)} cases, of which {wrong} differ from Chromium {browser.version}")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
