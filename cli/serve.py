"""`kn serve`: trained models behind the two standard protocols."""

import os
from typing import Any
from urllib.parse import quote

import click

from kerasnotes.serving.process.options import ServeOptions

from .serve_options import read_options, serve_options
from .shared.output import json_option, print_json


@click.command(
    epilog="\b\nExamples:\n"
    "  kn serve ckpts/unet\n"
    "  kn serve digits=ckpts/mlp ckpts/ddpm --port 8080\n"
    "  kn serve /models/unet --workers 2 --batch-delay 2\n"
    "  kn serve --model-config models.config --grpc-port 8500"
)
@click.argument("sources", metavar="[NAME=]RUN|SAVED_MODEL...", nargs=-1)
@serve_options
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    sources: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Serve trained models over HTTP, with a page to play with.

    Speaks TensorFlow Serving's REST protocol (/v1) and the Open Inference
    Protocol (/v2). A run is exported first, unless that was done. New
    numbered versions are loaded while the old ones answer. Only this machine
    can reach it unless --host says otherwise.
    """
    from kerasnotes.base.errors import UsageError
    from kerasnotes.serving.process import process
    from kerasnotes.serving.process.sources import check_unique, find_source

    if not sources and given["config_file"] is None:
        raise UsageError(
            "What shall be served?",
            expected="a run, a SavedModel, or --model-config FILE",
            hint="kn serve ckpts/unet",
        )
    # Before a run is exported, which takes long.
    options = read_options(context, given)
    models = tuple(find_source(text, _tell) for text in sources)
    check_unique(list(models))
    greet = _greet_json if as_json else _greet
    process.serve(options.model_copy(update={"sources": models}), greet)
    click.echo("Stopped.", err=True)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _greet(options: ServeOptions) -> None:
    """Says what is served and where, before it is loaded."""
    for source in options.sources:
        click.echo(f"Serving {source.name} from {source.base}")
    if options.grpc_port is not None:
        click.echo(f"  gRPC     {options.host}:{options.grpc_port}")
    if options.config_file:
        click.echo(f"Serving what {options.config_file} names")
    click.echo(f"  page     {options.url}/")
    for source in options.sources[:1]:
        path = f"{options.url}/v1/models/{quote(source.name)}"
        click.echo(f"  status   curl {path}")
        click.echo(f"  inputs   curl {path}/metadata")
    if options.host in ("0.0.0.0", "::") and not options.api_key:
        click.echo("Whoever reaches this machine may ask: no --api-key.")
    click.echo("Stop with Ctrl-C.")


def _greet_json(options: ServeOptions) -> None:
    """Tells programs the same, above all the port that was free."""
    print_json(
        {
            "url": options.url,
            "port": options.port,
            "grpc_port": options.grpc_port,
            "models": {s.name: str(s.base) for s in options.sources},
            "model_config": options.config_file and str(options.config_file),
            "pid": os.getpid(),
        }
    )
