"""A `kn serve` of its own, on a free port, for tests and measurements."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

LONGEST = 90
"""Seconds until a server must be ready, however busy the machine is."""


def ask(url, body=None, method=None):
    """Returns status and JSON body of one request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Server:
    """A running `kn serve` on a free port."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "kerasnotes_cli.main", "serve"]
            + [*map(str, args), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._wait(lambda: self._page() is not None)
        self.url = self._page().rstrip("/")
        self._wait(self._ready)

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def _page(self):
        pages = [line.split()[1] for line in self.lines if "page  " in line]
        return pages[0] if pages else None

    def _ready(self):
        with contextlib.suppress(OSError):
            return ask(f"{self.url}/v2/health/ready")[0] == 200
        return False

    def _wait(self, condition):
        end = time.monotonic() + LONGEST
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                self.kill()
                raise AssertionError("".join(self.lines))
            time.sleep(0.05)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(LONGEST)
        self.reader.join(10)
        return code


@contextlib.contextmanager
def serving(*args):
    server = Server(*args)
    try:
        yield server
    finally:
        server.kill()
        server.reader.join(10)
        server.process.stdout.close()
