"""Everything that `kn serve` can be told, as one value."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from kerasnotes.serving.engine.batching import BatchOptions
from kerasnotes.serving.engine.lifecycle import ModelSource, Policy
from kerasnotes.serving.engine.limits import Limits


@dataclasses.dataclass(frozen=True)
class ServeOptions:
    """Everything that `kn serve` can be told.

    Args:
        sources: The models.
        model_config: File that names further ones.
        configured: Those, as they were at the start.
        config_poll: Seconds between two looks at that file; 0: one look.
        host: Address to listen on.
        port: Of HTTP; 0 takes a free one.
        grpc_port: Of gRPC; `None` for none.
        workers: Processes.
        threads: Of TensorFlow's kernels in each; 0: as many as cores.
        batching: How requests are answered together.
        limits: What a request may ask for.
        poll: Seconds between two looks for new versions.
        api_key: What clients must send.
        hosts: Names that clients may call it; empty: decided by `host`.
        strict: Answer as TensorFlow Serving even where that helps nobody.
        allow_control: Clients may load and unload.
        cors: Pages of other origins may ask.
    """

    sources: tuple[ModelSource, ...] = ()
    model_config: Path | None = None
    configured: tuple[ModelSource, ...] = ()
    config_poll: float = 0.0
    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int | None = None
    workers: int = 1
    threads: int = 0
    batching: BatchOptions = BatchOptions()
    limits: Limits = Limits()
    poll: float = 1.0
    api_key: str = ""
    hosts: tuple[str, ...] = ()
    strict: bool = False
    allow_control: bool = False
    cors: bool = False

    @property
    def url(self) -> str:
        """Where clients on this machine find it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "ServeOptions":
        parts: dict[str, Any] = json.loads(text)
        for name in ("sources", "configured"):
            parts[name] = tuple(map(_source, parts[name]))
        batching = parts["batching"]
        parts["batching"] = BatchOptions(
            **{**batching, "sizes": tuple(batching["sizes"])}
        )
        parts["limits"] = Limits(**parts["limits"])
        parts["hosts"] = tuple(parts["hosts"])
        if parts["model_config"]:
            parts["model_config"] = Path(parts["model_config"])
        return cls(**parts)


def _source(parts: dict[str, Any]) -> ModelSource:
    policy = parts["policy"]
    return ModelSource(
        parts["name"],
        Path(parts["base"]),
        Policy(**{**policy, "specific": tuple(policy["specific"])}),
        tuple((label, number) for label, number in parts["labels"]),
        parts["single"],
    )
