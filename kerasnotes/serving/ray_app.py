"""The same application as replicas of a Ray Serve deployment.

    serve run kerasnotes.serving.ray_app:app sources=ckpts/mlp replicas=2

Ray's proxy listens, spreads the requests over the replicas, on as many
machines as the cluster has, and restarts those that die. Every replica
loads the models, so the paths must be readable everywhere.

Reference:
    docs.ray.io, "Ray Serve: Set Up FastAPI and HTTP", "Pass Arguments to
    Applications".
"""

import dataclasses
from typing import Any

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.serving.engine.batching import BatchOptions
from kerasnotes.serving.process.options import ServeOptions
from kerasnotes.serving.process.sources import check_unique, find_source
from kerasnotes.serving.process.worker import make_app, to_environment


@dataclasses.dataclass(frozen=True)
class RayArguments:
    """What `serve run ... NAME=VALUE` takes.

    Args:
        sources: What `kn serve` is pointed at, several parted by commas.
        replicas: How many there are.
        cpus: Cores that Ray keeps for each.
        batch_size: Most examples of a batch.
        api_key: What clients must send.
    """

    sources: str
    replicas: int = 1
    cpus: float = 1.0
    batch_size: int = 64
    api_key: str = ""

    @classmethod
    def read(cls, given: dict[str, str]) -> "RayArguments":
        """Reads the arguments.

        Raises:
            UsageError: If a name or a value is wrong.
        """
        types = {"replicas": int, "cpus": float, "batch_size": int}
        known = [field.name for field in dataclasses.fields(cls)]
        values: dict[str, Any] = {}
        for name, text in given.items():
            if name not in known:
                raise UsageError(
                    f"There is no argument `{name}`.",
                    expected=", ".join(known),
                    received=f"{name}={text}",
                    hint=did_you_mean(name, known),
                )
            values[name] = _read(name, text, types.get(name, str))
        if not values.get("sources"):
            raise UsageError(
                "What shall be served?",
                expected="sources=RUN or sources=NAME=RUN,NAME=RUN",
            )
        return cls(**values)


def _read(name: str, text: str, kind: Any) -> Any:
    try:
        value = kind(text)
    except ValueError:
        value = -1
    if kind is not str and not value > 0:
        raise UsageError(
            f"`{name}` must be a number above 0.", received=f"{name}={text}"
        )
    return value


def app(given: dict[str, str]) -> Any:
    """Returns the Ray Serve application; Ray calls it.

    Args:
        given: The arguments as text, see `RayArguments`.

    Raises:
        UsageError: If an argument is wrong.
        StorageError: If there is nothing to serve.
    """
    from ray import serve

    arguments = RayArguments.read(given)
    sources = [find_source(text) for text in arguments.sources.split(",")]
    check_unique(sources)
    options = ServeOptions(
        sources=tuple(sources),
        batching=BatchOptions(size=arguments.batch_size),
        api_key=arguments.api_key,
        # Ray's proxy is what clients reach; it listens where Ray is told.
        host="0.0.0.0",
    ).to_json()

    def build() -> Any:
        to_environment(options)
        return make_app(patient=True)

    deployment: Any = serve.deployment(serve.ingress(build)())
    return deployment.options(
        name="kerasnotes",
        num_replicas=arguments.replicas,
        max_ongoing_requests=1000,
        ray_actor_options={"num_cpus": arguments.cpus},
    ).bind()
