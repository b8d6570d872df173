"""`kn serve` as a process, and as several."""

import contextlib
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.serving.running import LONGEST, ask, serving

pytestmark = [pytest.mark.once, pytest.mark.large]


def test_it_starts_answers_and_drains(saved_models):
    base = saved_models / "half_plus_two"
    with serving(base, f"two={saved_models / 'two' / '1'}") as server:
        url = server.url
        assert ask(f"{url}/healthz") == (200, {"status": "ok", "ready": True})
        predict = f"{url}/v1/models/half_plus_two:predict"
        body = {"instances": [1.0, 2.0, 5.0]}
        assert ask(predict, body) == (200, {"predictions": [2.5, 3.0, 4.5]})
        answers, halt = [], threading.Event()

        def client():
            while not halt.is_set():
                try:
                    answers.append(ask(predict, body)[0])
                except (urllib.error.URLError, ConnectionError):
                    return  # the port is closed

        clients = [threading.Thread(target=client) for _ in range(4)]
        for thread in clients:
            thread.start()
        time.sleep(0.5)
        code = server.stop(signal.SIGINT)
        halt.set()
        for thread in clients:
            thread.join(30)
    assert code == 0
    assert set(answers) == {200}
    text = "".join(server.lines)
    assert "Ready after" in text
    assert "Traceback" not in text


class Client(threading.Thread):
    """Asks over raw sockets until the port is closed.

    Args:
        address: Host and port.
        keeps: Whether it keeps its connection, or makes one a request.
    """

    def __init__(self, address, keeps):
        super().__init__()
        self.address, self.answered, self.lost = address, 0, []
        body = b'{"instances": [1.0]}'
        self.request = (
            b"POST /v1/models/half_plus_two:predict HTTP/1.1\r\n"
            b"Host: localhost\r\nContent-Length: %d\r\n"
            % len(body)
            + (b"" if keeps else b"Connection: close\r\n")
            + b"\r\n"
            + body
        )

    def run(self):
        while True:
            try:
                connection = socket.create_connection(self.address, 20)
            except ConnectionRefusedError:
                return
            with connection, connection.makefile("rb") as answers:
                while self.ask(connection, answers):
                    pass

    def ask(self, connection, answers):
        """Tells whether the connection is good for another request."""
        try:
            connection.sendall(self.request)
            head = []
            while (line := answers.readline()) not in (b"\r\n", b""):
                head.append(line)
            body = answers.read(len(b'{"predictions":[2.5]}'))
        except OSError as error:
            head, body = [], repr(error)
        if body != b'{"predictions":[2.5]}':
            self.lost.append((head, body))
            return False
        self.answered += 1
        return b"connection: close\r\n" not in head


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_under_load_loses_no_request(saved_models, workers):
    args = saved_models / "half_plus_two", "--workers", workers
    with serving(*args) as server:
        port = int(server.url.rpartition(":")[2])
        clients = [Client(("127.0.0.1", port), n % 2) for n in range(16)]
        for client in clients:
            client.start()
        time.sleep(1)
        code = server.stop()
        for client in clients:
            client.join(30)
    assert code == 0
    assert [lost for client in clients for lost in client.lost] == []
    assert all(client.answered for client in clients)
    assert "Traceback" not in "".join(server.lines)


def test_workers_share_wishes_and_counters_and_are_replaced(saved_models):
    args = ["--workers", 2, "--allow-control", "--poll", 0.1]
    base = saved_models / "half_plus_two"
    with serving(base, *args) as server:
        predict = f"{server.url}/v1/models/half_plus_two:predict"
        body = {"instances": [1.0]}
        for _ in range(20):
            assert ask(predict, body)[0] == 200
        count = 'request_count{model_name="half_plus_two",status="OK"} 20.0'
        with urllib.request.urlopen(f"{server.url}/metrics") as answer:
            assert count in answer.read().decode()
        # One process is told, all of them follow.
        control = f"{server.url}/v2/repository/models/half_plus_two"
        assert ask(f"{control}/unload", {}, "POST")[0] == 200
        assert eventually(lambda: ask(predict, body)[0], 404)
        assert ask(f"{control}/load", {}, "POST")[0] == 200
        assert eventually(lambda: ask(predict, body)[0], 200)
        # A process that dies is replaced.
        victim = children(server.process.pid)[-1]
        os.kill(victim, signal.SIGKILL)
        end = time.monotonic() + LONGEST
        while victim in children(server.process.pid):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert eventually(lambda: ask(predict, body)[0], 200)
        assert server.stop() == 0


def eventually(look, expected):
    """Tells whether `look` gives `expected` ten times in a row, in time."""
    end, row = time.monotonic() + LONGEST, 0
    while row < 10 and time.monotonic() < end:
        try:
            row = row + 1 if look() == expected else 0
        except OSError:
            row = 0  # the connection of a process that was killed
        time.sleep(0.02)
    return row == 10


def children(pid):
    """Returns the worker processes that live."""
    import psutil

    pids = []
    for process in psutil.Process(pid).children():
        with contextlib.suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()):
                pids.append(process.pid)
    return pids


def test_the_config_file_is_followed(saved_models, tmp_path):
    def write(*names):
        entries = [
            f'config {{ name: "{name}" base_path: "{saved_models / name}" }}'
            for name in names
        ]
        file = tmp_path / "models.config"
        new = tmp_path / "new"
        new.write_text(f"model_config_list {{ {' '.join(entries)} }}")
        new.rename(file)
        return file

    file = write("two")
    args = ["--model-config", file, "--model-config-poll", 0.1]
    with serving(*args) as server:

        def names():
            models = ask(f"{server.url}/v1/models")[1]["models"]
            return [model["name"] for model in models]

        assert names() == ["two"]
        write("half_plus_two", "two")
        assert eventually(names, ["half_plus_two", "two"])
        predict = f"{server.url}/v1/models/half_plus_two:predict"
        answer = ask(predict, {"instances": [1.0]})
        assert answer == (200, {"predictions": [2.5]})
        # A broken file changes nothing, and is complained of once.
        file.write_text("nonsense")
        time.sleep(1)
        assert names() == ["half_plus_two", "two"]
        assert server.stop() == 0
    text = "".join(server.lines)
    assert text.count("is not a model config file") == 1


def test_a_taken_port_is_said(saved_models, kn):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = kn("serve", saved_models / "two", "--port", port)
    assert done.returncode == 2
    assert "Cannot listen" in done.stderr
    assert "--port 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_cannot_be_read_ends_the_start(tmp_path, kn):
    broken = tmp_path / "m" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"\xff\xff")
    for workers in (1, 2):
        args = ("--port", 0, "--workers", workers)
        done = kn("serve", tmp_path / "m", *args, timeout=LONGEST)
        assert done.returncode == 5
        assert "Nothing could be served" in done.stderr
        assert "damaged" in done.stderr
        assert "Traceback" not in done.stderr


def test_grpc_needs_a_port_of_its_own(saved_models, kn):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        args = ("--port", 0, "--grpc-port", port)
        done = kn("serve", saved_models / "two", *args)
    assert done.returncode == 2
    assert "Cannot listen" in done.stderr
