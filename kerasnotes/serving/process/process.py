"""`kn serve`: takes the port, then runs one process or looks after several."""

import contextlib
import importlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.serving.process import worker
from kerasnotes.serving.process.draining import (
    Connection,
    DrainingServer,
    Supervisor,
)
from kerasnotes.serving.process.model_config import read_model_config
from kerasnotes.serving.process.options import ServeOptions
from kerasnotes.serving.process.sources import check_unique

RESERVED = 128
"""Open files kept from connections; more of these are answered by 503."""
PROMETHEUS = "PROMETHEUS_MULTIPROC_DIR"


def serve(options: ServeOptions, greet: Callable[[ServeOptions], None]) -> None:
    """Serves until SIGINT or SIGTERM, then answers what waits and returns.

    Args:
        options: What to serve, and how.
        greet: Called once the port is ours, with the port that it is.

    Raises:
        UsageError: If the port is taken, or gRPC not installed.
        StorageError: If no model can be loaded.
    """
    if options.config_file is not None:
        configured = tuple(read_model_config(options.config_file))
        check_unique([*options.sources, *configured])
        options = options.model_copy(update={"configured": configured})
    listener = bind(options.host, options.port)
    port = listener.getsockname()[1]
    options = options.model_copy(update={"port": port})
    check_grpc(options)
    greet(options)
    worker.to_environment(options.model_dump_json())
    # uvicorn raises the signal again once it has stopped: that is the end
    # that was asked for, and no error.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with listener, contextlib.suppress(KeyboardInterrupt):
        if options.workers > 1:
            _run_several(options, listener)
        else:
            _run_one(options, listener)


def _run_one(options: ServeOptions, listener: socket.socket) -> None:
    app = worker.make_app()
    server = DrainingServer(_config(app, options))
    server.run(sockets=[listener])
    if not server.started or app.core.useless:
        raise _useless("; ".join(app.core.errors()))


def _useless(reasons: str) -> StorageError:
    return StorageError(
        "Nothing could be served.",
        received=reasons or "see the lines above",
        hint="kn export RUN writes the SavedModel anew",
    )


def _run_several(options: ServeOptions, listener: socket.socket) -> None:
    config = _config("kerasnotes.serving.process.worker:make_app", options)
    with _shared_folder() as folder:
        Supervisor(config, [listener]).run()
        failed = folder / worker.FAILED
        if failed.exists():
            raise _useless(failed.read_text())


def _config(app: Any, options: ServeOptions) -> Any:
    return uvicorn.Config(
        app,
        http=Connection,
        limit_concurrency=_connections(),
        factory=isinstance(app, str),
        workers=options.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(options.limits.timeout) + 1,
        timeout_keep_alive=75,
        # Long enough for a process that imports on a busy machine.
        timeout_worker_healthcheck=15,
    )


def _connections() -> int | None:
    """Returns how many connections leave files for the models to open."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, limit - RESERVED) if limit > 0 else None


def check_grpc(options: ServeOptions) -> None:
    """Refuses gRPC where its packages are missing or its port is taken.

    Raises:
        UsageError: If so.
    """
    if options.grpc_port is None:
        return
    if options.grpc_port == options.port:
        raise UsageError(
            "HTTP and gRPC need a port each.",
            received=f"--port {options.port} --grpc-port {options.grpc_port}",
            hint=f"--grpc-port {options.port + 1}",
        )
    # gRPC itself would share the port with whoever has it, silently.
    bind(options.host, options.grpc_port).close()
    try:
        importlib.import_module("grpc")
        importlib.import_module("tensorflow_serving")
    except ImportError as error:
        raise UsageError(
            "gRPC needs packages that are not installed.",
            expected="grpcio and tensorflow-serving-api",
            received=str(error),
            hint="pip install 'kerasnotes[grpc]'",
        ) from error


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket that listens on an address.

    Raises:
        UsageError: If the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except socket.gaierror as error:
        listener.close()
        raise UsageError(
            f"There is no address {host}.",
            expected="a name or an address of this machine",
            received=f"--host {host}",
            hint="--host 127.0.0.1, or 0.0.0.0 for every address",
        ) from error
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Cannot listen on {host}:{port}.",
            expected="a free port of this machine",
            received=error.strerror or str(error),
            hint="--port 0 takes a free one",
        ) from error
    listener.set_inheritable(True)
    return listener


@contextlib.contextmanager
def _shared_folder() -> Iterator[Path]:
    """Gives several processes one place for counters and wishes."""
    folder = tempfile.mkdtemp(prefix="kn-serve-")
    os.environ[PROMETHEUS] = os.environ[worker.CONTROL] = folder
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
