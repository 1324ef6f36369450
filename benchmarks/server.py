"""A server of Bluesky's two calls on this machine, in a process of its own; pages kept ready.

Run: python server.py ITEMS; it prints its port. Each login begins the listing anew.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle

import payloads

SESSION = {"did": payloads.AGENCY_DID, "accessJwt": "jwt", "refreshJwt": "jwt"}


@contextmanager
def running(items: int) -> Iterator[str]:
    """Its address, while it runs."""
    command = [sys.executable, __file__, str(items)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps the connection
    wbufsize = -1  # head and body in one packet
    pages: list[bytes]
    left: Iterator[bytes]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        _Handler.left = cycle(self.pages)
        self._answer(json.dumps(SESSION).encode())

    def do_GET(self) -> None:
        self._answer(b'{"ok":true}' if self.path == "/small" else next(self.left))

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    _Handler.pages = list(payloads.bluesky_pages(int(sys.argv[1])))
    _Handler.left = cycle(_Handler.pages)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
