"""`kn serve`: trained models behind the two standard protocols."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from .options import finite
from .output import json_option, print_json


@click.command(
    epilog="\b\nExamples:\n"
    "  kn serve ckpts/unet\n"
    "  kn serve digits=ckpts/mlp ckpts/ddpm --port 8080\n"
    "  kn serve /models/unet --workers 2 --batch-delay 2\n"
    "  kn serve --model-config models.config --grpc-port 8500"
)
@click.argument("sources", metavar="[NAME=]RUN|SAVED_MODEL...", nargs=-1)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 is every one.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8501,
    show_default=True,
    help="Of HTTP; 0 takes a free one.",
)
@click.option(
    "--grpc-port",
    type=click.IntRange(1, 65_535),
    help="Also speak gRPC, on this port.  [8500 by custom]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes; each loads every model.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="Cores that one batch may use; by default all.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 65_536),
    help="Most examples of a batch; 1 answers each request alone.  [default: "
    "64; 1 for models that kn export did not write]",
)
@click.option(
    "--batch-delay",
    type=click.FloatRange(0, 1000),
    callback=finite,
    default=0.0,
    show_default=True,
    metavar="MS",
    help="Milliseconds that a request may wait for others.",
)
@click.option(
    "--batch-sizes",
    metavar="N,N,...",
    help="Sizes that batches are filled up to; by default as they come.",
)
@click.option(
    "--batch-threads",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Batches that are computed at the same time.",
)
@click.option(
    "--queue",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Requests of one model that may wait; more are answered by 429.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.001, 3600),
    callback=finite,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Then a request is answered by 504.",
)
@click.option(
    "--max-body",
    type=click.FloatRange(0.001, 2048),
    callback=finite,
    default=32.0,
    show_default=True,
    metavar="MB",
    help="Largest body of a request.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(1),
    default=4096,
    show_default=True,
    help="Most examples of one request.",
)
@click.option(
    "--max-pixels",
    type=click.FloatRange(0.01, 1000),
    callback=finite,
    default=8.0,
    show_default=True,
    metavar="MILLIONS",
    help="Pixels of all images of one request.",
)
@click.option(
    "--model-config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Models from TensorFlow Serving's model config file.",
)
@click.option(
    "--model-config-poll",
    type=click.FloatRange(0, 86_400),
    callback=finite,
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="Look again at that file; 0: never.",
)
@click.option(
    "--poll",
    type=click.FloatRange(0, 86_400),
    callback=finite,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Look for new versions; 0: never.",
)
@click.option(
    "--api-key",
    envvar="KN_API_KEY",
    help="What clients must send as `Authorization: Bearer`.",
)
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name that clients may call this server.",
)
@click.option(
    "--allow-control",
    is_flag=True,
    help="Let clients load and unload models.",
)
@click.option("--cors", is_flag=True, help="Let pages of other origins ask.")
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse GET /v1/models, as TensorFlow Serving does.",
)
@json_option
def command(sources: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Serve trained models over HTTP, with a page to play with.

    Speaks TensorFlow Serving's REST protocol (/v1) and the Open Inference
    Protocol (/v2). A run is exported first, unless that was done. New
    numbered versions are loaded while the old ones answer. Only this machine
    can reach it unless --host says otherwise.
    """
    from kerasnotes.base.errors import UsageError
    from kerasnotes.serving.process import process
    from kerasnotes.serving.process.sources import check_unique, find_source

    if not sources and options["model_config"] is None:
        raise UsageError(
            "What shall be served?",
            expected="a run, a SavedModel, or --model-config FILE",
            hint="kn serve ckpts/unet",
        )
    _check(options)
    models = tuple(find_source(text, _tell) for text in sources)
    check_unique(list(models))
    greet = _greet_json if as_json else _greet
    process.serve(_options(models, options), greet)
    click.echo("Stopped.", err=True)


def _check(given: dict[str, Any]) -> None:
    """Refuses values that would be taken for something else.

    Raises:
        UsageError: If there are.
    """
    from kerasnotes.base.errors import UsageError

    if given["api_key"] == "":
        raise UsageError("An empty --api-key would protect nothing.")
    if not given["host"]:
        raise UsageError(
            "An empty --host would be every address.",
            hint="--host 0.0.0.0, if that is meant",
        )
    if given["allow_control"] and given["workers"] > 1 and not given["poll"]:
        raise UsageError(
            "With --poll 0, --allow-control would reach one process only.",
            received=f"--workers {given['workers']} --poll 0",
            hint="--poll 1",
        )


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _options(models: Any, given: dict[str, Any]) -> Any:
    from kerasnotes.serving.engine.batching import BatchOptions
    from kerasnotes.serving.engine.limits import Limits
    from kerasnotes.serving.process.options import ServeOptions

    return ServeOptions(
        sources=models,
        model_config=given["model_config"],
        config_poll=given["model_config_poll"],
        host=given["host"],
        port=given["port"],
        grpc_port=given["grpc_port"],
        workers=given["workers"],
        threads=given["threads"] or 0,
        batching=BatchOptions(
            size=given["batch_size"] or 64,
            delay=given["batch_delay"] / 1000,
            sizes=_sizes(given["batch_sizes"], given["batch_size"] or 64),
            queue=given["queue"],
            threads=given["batch_threads"],
            foreign=given["batch_size"] is not None,
        ),
        limits=Limits(
            max_body=int(given["max_body"] * 1e6),
            max_pixels=int(given["max_pixels"] * 1e6),
            max_rows=given["max_rows"],
            timeout=given["timeout"],
        ),
        poll=given["poll"],
        api_key=given["api_key"] or "",
        hosts=given["hosts"],
        strict=given["strict"],
        allow_control=given["allow_control"],
        cors=given["cors"],
    )


def _sizes(text: str | None, largest: int) -> tuple[int, ...]:
    """Reads `1,8,64`.

    Raises:
        click.BadParameter: If it is no rising list of sizes.
    """
    if not text:
        return ()
    parts = text.split(",")
    numbers = [int(p) for p in parts if p.strip().isdecimal()]
    rising = numbers == sorted(set(numbers)) and len(numbers) == len(parts)
    if not rising or not numbers[0] or numbers[-1] != largest:
        raise click.BadParameter(
            f"{text!r} is no rising list of sizes that ends with "
            f"--batch-size {largest}.",
            param_hint="--batch-sizes",
        )
    return tuple(numbers)


def _greet(options: Any) -> None:
    """Says what is served and where, before it is loaded."""
    for source in options.sources:
        click.echo(f"Serving {source.name} from {source.base}")
    if options.model_config:
        click.echo(f"Serving what {options.model_config} names")
    click.echo(f"  page     {options.url}/")
    for source in options.sources[:1]:
        path = f"{options.url}/v1/models/{quote(source.name)}"
        click.echo(f"  status   curl {path}")
        click.echo(f"  inputs   curl {path}/metadata")
    if options.host in ("0.0.0.0", "::") and not options.api_key:
        click.echo("Whoever reaches this machine may ask: no --api-key.")
    click.echo("Stop with Ctrl-C.")


def _greet_json(options: Any) -> None:
    """Tells programs the same, above all the port that was free."""
    print_json(
        {
            "url": options.url,
            "port": options.port,
            "grpc_port": options.grpc_port,
            "models": {s.name: str(s.base) for s in options.sources},
            "model_config": options.model_config and str(options.model_config),
            "pid": os.getpid(),
        }
    )
