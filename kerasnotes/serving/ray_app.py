"""The same application as replicas of a Ray Serve deployment.

    serve run kerasnotes.serving.ray_app:app sources=ckpts/mlp replicas=2

Ray's proxy listens, spreads the requests over the replicas, on as many
machines as the cluster has, and restarts those that die. Every replica
loads the models, so the paths must be readable everywhere.

Reference:
    docs.ray.io, "Ray Serve: Set Up FastAPI and HTTP", "Pass Arguments to
    Applications".
"""

from typing import Any

import pydantic

from kerasnotes.base.config import Config, build
from kerasnotes.base.errors import UsageError
from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.process.options import ServeOptions
from kerasnotes.serving.process.sources import check_unique, find_source
from kerasnotes.serving.process.worker import make_app, to_environment


class RayArguments(Config):
    """What `serve run ... NAME=VALUE` takes.

    Args:
        sources: What `kn serve` is pointed at, several parted by commas.
        replicas: How many there are.
        cpus: Cores that Ray keeps for each.
        batch_size: Most examples of a batch.
        api_key: What clients must send.
    """

    sources: str = ""
    replicas: int = pydantic.Field(1, ge=1)
    cpus: float = pydantic.Field(1.0, gt=0)
    batch_size: int = BatchOptions.model_fields["size"].default
    api_key: str | None = None


def app(args: dict[str, str]) -> Any:
    """Returns the Ray Serve application; Ray calls it.

    Args:
        args: The arguments as text, see `RayArguments`.

    Raises:
        UsageError: If an argument is wrong.
        StorageError: If there is nothing to serve.
    """
    from ray import serve

    arguments = build(RayArguments, args, "")
    if not arguments.sources:
        raise UsageError(
            "What shall be served?",
            expected="sources=RUN or sources=NAME=RUN,NAME=RUN",
        )
    sources = [find_source(text) for text in arguments.sources.split(",")]
    check_unique(sources)
    options = ServeOptions(
        sources=tuple(sources),
        batching=BatchOptions(size=arguments.batch_size),
        api_key=arguments.api_key,
        # Ray's proxy is what clients reach; it listens where Ray is told.
        host="0.0.0.0",
    ).model_dump_json()

    def start() -> Any:
        to_environment(options)
        return make_app(patient=True)

    deployment: Any = serve.deployment(serve.ingress(start)())
    return deployment.options(
        name="kerasnotes",
        num_replicas=arguments.replicas,
        max_ongoing_requests=1000,
        ray_actor_options={"num_cpus": arguments.cpus},
    ).bind()
