"""Everything that `kn serve` can be told, as one value."""

from pathlib import Path
from typing import Self

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.runtime.machine import cpu_count
from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.option import Settings, option
from kerasnotes.serving.engine.versions.model_source import ModelSource


class ServeOptions(Settings):
    """Everything that `kn serve` can be told; its processes hand it on.

    Args:
        sources: The models.
        configured: Those of `config_file`, as they were at the start.
        host: Address to listen on.
        port: Of HTTP; 0 takes a free one.
        grpc_port: Of gRPC; `None` for none.
        workers: Processes.
        threads: Of TensorFlow's kernels in each; `None`: as many as cores,
            or one less where several models are served.
        batching: How requests are answered together.
        limits: What a request may ask for.
        config_file: File that names further models.
        config_poll: Seconds between two looks at that file; 0: one look.
        poll: Seconds between two looks for new versions; 0: one look.
        api_key: What clients must send; `None`: nothing.
        hosts: Names that clients may call it; empty: decided by `host`.
        allow_control: Clients may load and unload.
        cors: Pages of other origins may ask.
        strict: Answer as TensorFlow Serving even where that helps nobody.

    Raises:
        UsageError: If a value would be taken for something else.
    """

    sources: tuple[ModelSource, ...] = ()
    configured: tuple[ModelSource, ...] = ()
    host: str = option(
        "--host",
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 is every one.",
    )
    port: int = option(
        "--port", 8501, "Of HTTP; 0 takes a free one.", ge=0, le=65_535
    )
    grpc_port: int | None = option(
        "--grpc-port",
        None,
        "Also speak gRPC, on this port.  [8500 by custom]",
        ge=1,
        le=65_535,
    )
    workers: int = option(
        "--workers", 1, "Processes; each loads every model.", ge=1, le=256
    )
    threads: int | None = option(
        "--threads",
        None,
        "Cores that one batch may use; by default all, or all but one where "
        "several models are served.",
        ge=1,
        le=1024,
    )
    batching: BatchOptions = BatchOptions()
    limits: Limits = Limits()
    config_file: Path | None = option(
        "--model-config",
        None,
        "Models from TensorFlow Serving's model config file.",
    )
    config_poll: float = option(
        "--model-config-poll",
        0.0,
        "Look again at that file; 0: never.",
        unit="SECONDS",
        ge=0,
        le=86_400,
    )
    poll: float = option(
        "--poll",
        1.0,
        "Look for new versions; 0: never.",
        unit="SECONDS",
        ge=0,
        le=86_400,
    )
    api_key: str | None = option(
        "--api-key",
        None,
        "What clients must send as `Authorization: Bearer`.",
    )
    hosts: tuple[str, ...] = option(
        "--allowed-host",
        (),
        "A name that clients may call this server.",
        unit="NAME",
    )
    allow_control: bool = option(
        "--allow-control", False, "Let clients load and unload models."
    )
    cors: bool = option("--cors", False, "Let pages of other origins ask.")
    strict: bool = option(
        "--strict",
        False,
        "Refuse GET /v1/models, as TensorFlow Serving does.",
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        if self.api_key == "":
            raise UsageError("An empty --api-key would protect nothing.")
        if not self.host:
            raise UsageError(
                "An empty --host would be every address.",
                hint="--host 0.0.0.0, if that is meant",
            )
        if self.allow_control and self.workers > 1 and not self.poll:
            raise UsageError(
                "With --poll 0, --allow-control would reach one process only.",
                received=f"--workers {self.workers} --poll 0",
                hint="--poll 1",
            )
        return self

    @property
    def kernel_threads(self) -> int:
        """Threads of TensorFlow's kernels.

        All models share them: a small one would wait for those of a large
        one, and for a core.
        """
        several = len(self.sources) + len(self.configured) > 1
        return self.threads or max(1, cpu_count() - several)

    @property
    def url(self) -> str:
        """Where clients on this machine find it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
