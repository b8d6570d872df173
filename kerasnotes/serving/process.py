"""The process, or the processes, that `kn serve` starts."""

import asyncio
import contextlib
import dataclasses
import importlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from kerasnotes.backend import set_environment
from kerasnotes.errors import KerasNotesError, StorageError, UsageError
from kerasnotes.serving.core import InferenceServer
from kerasnotes.serving.lifecycle import ModelSource
from kerasnotes.serving.options import ServeOptions

log = logging.getLogger("kerasnotes.serving")
OPTIONS = "KN_SERVE_OPTIONS"
"""Environment variable that hands the options to worker processes."""
STARTED = "KN_SERVE_STARTED"
CONTROL = "KN_SERVE_CONTROL"
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
    check_grpc(options)
    _sources(options)
    listener = bind(options.host, options.port)
    port = listener.getsockname()[1]
    options = dataclasses.replace(options, port=port)
    greet(options)
    to_environment(options.to_json())
    # uvicorn raises the signal again once it has stopped: that is the end
    # that was asked for, and no error.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with listener, contextlib.suppress(KeyboardInterrupt):
        if options.workers > 1:
            _run_several(options, listener)
        else:
            _run_one(options, listener)


def _run_one(options: ServeOptions, listener: socket.socket) -> None:
    import uvicorn

    app = make_app()
    server = uvicorn.Server(_config(app, options))
    server.run(sockets=[listener])
    if not server.started or app.core.useless:
        raise StorageError(
            "Nothing could be served.",
            received="; ".join(app.core.errors()) or "see the lines above",
            hint="kn export RUN writes the SavedModel anew",
        )


def _run_several(options: ServeOptions, listener: socket.socket) -> None:
    from uvicorn.supervisors import Multiprocess

    config = _config("kerasnotes.serving.process:make_app", options)
    with _shared_folder():
        Multiprocess(config, [listener]).run()


def _config(app: Any, options: ServeOptions) -> Any:
    import uvicorn

    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=options.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(options.limits.timeout) + 1,
        timeout_keep_alive=75,
        timeout_worker_healthcheck=60,
    )


def check_grpc(options: ServeOptions) -> None:
    """Refuses gRPC where its packages are missing.

    Raises:
        UsageError: If so.
    """
    if options.grpc_port is None:
        return
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
def _shared_folder() -> Iterator[None]:
    """Gives several processes one place for counters and wishes."""
    folder = tempfile.mkdtemp(prefix="kn-serve-")
    os.environ[PROMETHEUS] = os.environ[CONTROL] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def to_environment(options: str) -> None:
    """Leaves the options where `make_app` finds them."""
    os.environ[OPTIONS] = options
    os.environ.setdefault(STARTED, str(time.time()))


def make_app(patient: bool = False) -> Any:
    """Returns the application that the environment describes.

    Args:
        patient: Whether to listen only once all models are loaded.
    """
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s", stream=sys.stderr
    )
    logging.getLogger("kerasnotes.serving").setLevel(logging.INFO)
    # Keras, which TensorFlow imports, must not start another backend.
    set_environment("tensorflow")
    options = ServeOptions.from_json(os.environ[OPTIONS])
    if options.threads:
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(options.threads)
    return build_app(options, patient)


def build_app(options: ServeOptions, patient: bool = False) -> Any:
    """Returns the application of one process.

    Args:
        options: What to serve, and how.
        patient: Whether to listen only once all models are loaded.

    Raises:
        KerasNotesError: If the model config file cannot be read.
    """
    from kerasnotes.serving.app import LOOPBACK, Application
    from kerasnotes.serving.control import Control

    shared = os.environ.get(CONTROL)
    core = InferenceServer(
        _sources(options),
        batching=options.batching,
        limits=options.limits,
        poll=options.poll,
        strict=options.strict,
        allow_control=options.allow_control,
        cors=options.cors,
        control=Control(Path(shared) if shared else None),
    )
    hosts = frozenset(name.lower() for name in options.hosts)
    if not hosts and options.host in ("127.0.0.1", "::1", "localhost"):
        hosts = LOOPBACK
    services: list[Any] = [_announce]
    if shared:
        services.append(_follow_parent)
    if options.grpc_port is not None:
        services.append(lambda core: _grpc(core, options))
    if options.model_config and options.config_poll:
        services.append(lambda core: _reread(core, options))
    return Application(
        core,
        api_key=options.api_key,
        hosts=hosts or None,
        services=tuple(services),
        patient=patient or bool(shared),
    )


def _sources(options: ServeOptions) -> list[ModelSource]:
    if options.model_config is None:
        return list(options.sources)
    from kerasnotes.serving.model_config import read_model_config

    return [*options.sources, *read_model_config(options.model_config)]


@contextlib.asynccontextmanager
async def _announce(core: InferenceServer) -> AsyncIterator[None]:
    """Says when the models are ready; ends a process that has none."""

    async def wait() -> None:
        while not core.looked:
            await asyncio.sleep(0.01)
        started = float(os.environ.get(STARTED, time.time()))
        took = time.time() - started
        ready = [name for name in core.names() if core.ready(name)]
        if core.useless and not os.environ.get(CONTROL):
            signal.raise_signal(signal.SIGTERM)
            return
        log.info("Ready after %.1f s: %s", took, ", ".join(ready) or "no model")

    task = asyncio.create_task(wait())
    yield
    task.cancel()


@contextlib.asynccontextmanager
async def _follow_parent(core: InferenceServer) -> AsyncIterator[None]:
    """Ends a worker whose supervisor was killed: nobody would stop it."""
    parent = multiprocessing.parent_process()

    async def watch() -> None:
        while parent is None or parent.is_alive():
            await asyncio.sleep(1)
        signal.raise_signal(signal.SIGTERM)

    task = asyncio.create_task(watch())
    yield
    task.cancel()


@contextlib.asynccontextmanager
async def _grpc(
    core: InferenceServer, options: ServeOptions
) -> AsyncIterator[None]:
    from kerasnotes.serving import grpc_service

    port = options.grpc_port or 0
    server = await grpc_service.start(
        core, options.host, port, api_key=options.api_key
    )
    yield
    await server.stop(options.limits.timeout)


@contextlib.asynccontextmanager
async def _reread(
    core: InferenceServer, options: ServeOptions
) -> AsyncIterator[None]:
    """Follows changes of the model config file."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(options.config_poll)
            try:
                await core.configure(_sources(options))
            except KerasNotesError as error:
                # The old configuration stays until the file is mended.
                log.error("%s", error)

    task = asyncio.create_task(watch())
    yield
    task.cancel()
