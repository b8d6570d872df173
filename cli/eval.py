"""`kn eval`: measures a trained model."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command

from .shared.options import (
    RunPath,
    backend_options,
    foreign_options,
    sampling_options,
    target_option,
)
from .shared.output import json_option, print_json, print_metrics, progress_bar

SPLITS = ("train", "validation", "test", "all")


@click.command()
@click.argument("source", metavar="RUN|FILE.keras", type=RunPath())
@click.option(
    "--data",
    help="Data source; by default what the model was trained on. A file of "
    "plain Keras needs it.",
)
@target_option
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    help="Which part of the data; by default the test part of those of the "
    "training and of data that come with one, all of others.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 65_536),
    help="Examples at once; by default as in training.",
)
@click.option(
    "--out",
    type=Path,
    help="Folder for the figures; by default the run's, none for a file.",
)
@click.option(
    "--ood",
    "other",
    metavar="DATA",
    help="Data of another kind, to be told from the model's own.",
)
@click.option(
    "-n",
    "--samples",
    type=click.IntRange(1, 100_000),
    help="Samples drawn: examples of a generator, passes of a Bayesian one.",
)
@sampling_options
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Of all that is drawn."
)
@foreign_options
@backend_options
@json_option
def command(
    source: Path,
    data: str | None,
    target: Any,
    split: str | None,
    batch_size: int | None,
    out: Path | None,
    other: str | None,
    samples: int | None,
    seed: int | None,
    classes: list[str] | None,
    answers: str | None,
    scale: tuple[float, float] | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
    **sampling: Any,
) -> None:
    """Measure a trained model on its test part, or on all of other data.

    Of a generator, every number stands beside what real examples and a
    fitted Gaussian get.

    \b
    kn eval ckpts/unet
    kn eval ckpts/unet --data more_images/
    kn eval model.keras --json
    kn eval ckpts/ddpm -n 2000 --sampler dpmpp_2m --steps 20
    kn eval ckpts/bcnn --ood fashion_mnist
    kn eval plain_keras.keras --data images/ --scale 0 1
    """
    _check_there(data)
    from kerasnotes import api
    from kerasnotes.runs.archive.archive import is_bare

    run = api.load(
        source,
        data=data if is_bare(source) else None,
        classes=classes,
        answers=answers,
        scale=scale,
        backend=backend,
        precision=precision,
    )
    with progress_bar(quiet=as_json) as progress:
        told = api.evaluate(
            run,
            data,
            target=target,
            split=split,
            batch_size=batch_size,
            ood=other,
            samples=samples,
            seed=seed or 0,
            out=out or run.folder,
            progress=progress,
            **{k: v for k, v in sampling.items() if v is not None},
        )
    if as_json:
        print_json(
            {
                "model": str(source),
                "data": told.data,
                "split": told.split,
                "examples": told.examples,
                "metrics": told.metrics,
                "remarks": told.remarks,
                "figures": [str(path) for path in told.files],
            }
        )
        return
    _print_text(source, told, run)


def _check_there(data: str | None) -> None:
    """Refuses a source that is not there before a framework starts."""
    if data is not None:
        from kerasnotes.base.config import DataConfig, build
        from kerasnotes.data.load import find

        find(build(DataConfig, {"source": data}, "data"))


def _print_text(source: Path, told: Any, run: Any) -> None:
    for remark in told.remarks:
        click.echo(f"Note: {remark}", err=True)
    click.echo(
        f"{source} on {told.data}, {told.split}: {told.examples} examples"
    )
    print_metrics(told.metrics)
    for number, figure in enumerate(told.files):
        click.echo(f"{'' if number else 'Figures':<9}{figure}")
    if not told.files:
        click.echo("Figures  none: name a folder with --out")
    if run.record.get("task") == "language":
        click.echo(f"Next     {shell_command('sample', source)}")
        return
    generator = run.record.get("task") == "generation"
    verb = "sample" if generator else "predict"
    # What was guessed from the data is guessed from them again.
    words = ("--data", told.data) if run.remarks else ()
    use = shell_command(verb, source, *words) + ("" if generator else " FILE")
    click.echo(f"Next     {use}   or   {shell_command('export', source)}")
