"""A process of `kn serve`: its application, and what runs beside it."""

import asyncio
import contextlib
import ipaddress
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from kerasnotes.runtime.environment import set_environment
from kerasnotes.serving.app import LOOPBACK, Application
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.servable import start_framework
from kerasnotes.serving.engine.versions.control import Control
from kerasnotes.serving.engine.versions.model_source import ModelSource
from kerasnotes.serving.process.model_config import read_model_config
from kerasnotes.serving.process.options import ServeOptions
from kerasnotes.serving.process.sources import check_unique

log = logging.getLogger("kerasnotes.serving")
OPTIONS = "KN_SERVE_OPTIONS"
"""Environment variable that hands the options to worker processes."""
STARTED = "KN_SERVE_STARTED"
CONTROL = "KN_SERVE_CONTROL"
BEGUN, FAILED = "begun", "failed"
"""Files of the folder that several processes share."""


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
    # Strangers' mistakes are answered; they do not fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    # Keras, which TensorFlow imports, must not start another backend.
    set_environment("tensorflow")
    options = ServeOptions.model_validate_json(os.environ[OPTIONS])
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(options.kernel_threads)
    # A thread that waits for the interpreter is given it after so many
    # seconds: the one that small requests are answered in waits often.
    sys.setswitchinterval(0.001)
    start_framework()
    return build_app(options, patient)


def build_app(options: ServeOptions, patient: bool = False) -> Any:
    """Returns the application of one process.

    Args:
        options: What to serve, and how.
        patient: Whether to listen only once all models are loaded.
    """
    shared = os.environ.get(CONTROL)
    core = InferenceServer(
        [*options.sources, *options.configured],
        batching=options.batching,
        limits=options.limits,
        poll=options.poll,
        strict=options.strict,
        allow_control=options.allow_control,
        cors=options.cors,
        control=Control(Path(shared) if shared else None),
    )
    hosts = frozenset(name.lower() for name in options.hosts)
    if is_loopback(options.host):
        hosts |= LOOPBACK | {options.host}
    services: list[Any] = [_announce]
    if shared:
        services.append(_follow_parent)
    if options.grpc_port is not None:
        services.append(lambda core: _grpc(core, options))
    if options.config_file and options.config_poll:
        services.append(lambda core: _reread(core, options))
    return Application(
        core,
        api_key=options.api_key or "",
        hosts=hosts or None,
        services=tuple(services),
        patient=patient or bool(shared),
    )


def is_loopback(host: str) -> bool:
    """Tells whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.asynccontextmanager
async def _announce(core: InferenceServer) -> AsyncIterator[None]:
    """Says when the models are ready; ends a server that has none."""

    async def wait() -> None:
        while not core.looked:
            await asyncio.sleep(0.01)
        if core.useless:
            _give_up(core)
        else:
            _tell_ready(core)

    task = asyncio.create_task(wait())
    yield
    task.cancel()


def _tell_ready(core: InferenceServer) -> None:
    ready = ", ".join(name for name in core.names() if core.ready(name))
    shared = os.environ.get(CONTROL)
    begun = Path(shared) / BEGUN if shared else None
    if begun is not None and begun.exists():
        log.info("Process %d is ready: %s", os.getpid(), ready)
        return
    took = time.time() - float(os.environ.get(STARTED, time.time()))
    log.info("Ready after %.1f s: %s", took, ready)
    if begun is not None:
        begun.touch()


def _give_up(core: InferenceServer) -> None:
    """Ends the server; one of several processes tells the first one why."""
    shared, parent = os.environ.get(CONTROL), multiprocessing.parent_process()
    if not shared or parent is None:
        signal.raise_signal(signal.SIGTERM)
    elif not (Path(shared) / BEGUN).exists() and parent.pid:
        (Path(shared) / FAILED).write_text("; ".join(core.errors()))
        os.kill(parent.pid, signal.SIGTERM)


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
    from kerasnotes.serving.grpc.service import start

    port = options.grpc_port or 0
    server = await start(
        core, options.host, port, api_key=options.api_key or ""
    )
    yield
    await server.stop(options.limits.timeout)


@contextlib.asynccontextmanager
async def _reread(
    core: InferenceServer, options: ServeOptions
) -> AsyncIterator[None]:
    """Follows changes of the model config file."""

    async def watch() -> None:
        last_error = ""
        while True:
            await asyncio.sleep(options.config_poll)
            try:
                await core.configure(_read_again(options))
                last_error = ""
            except Exception as error:
                # The old configuration stays until the file is mended.
                if str(error) != last_error:
                    log.error("%s", error)
                last_error = str(error)

    task = asyncio.create_task(watch())
    yield
    task.cancel()


def _read_again(options: ServeOptions) -> list[ModelSource]:
    if options.config_file is None:
        return list(options.sources)
    sources = [*options.sources, *read_model_config(options.config_file)]
    check_unique(sources)
    return sources
