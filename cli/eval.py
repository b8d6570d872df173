"""`kn eval`: measures a trained model."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command

from .options import RunPath, backend_options, sampling_options
from .output import json_option, print_json, print_metrics, progress_bar

SPLITS = ("train", "validation", "test", "all")


@click.command()
@click.argument("source", metavar="RUN|FILE.keras", type=RunPath())
@click.option(
    "--data",
    help="Data source; by default what the model was trained on.",
)
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="test",
    show_default=True,
    help="Which part of the data.",
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
@backend_options
@json_option
def command(
    source: Path,
    data: str | None,
    split: str,
    batch_size: int | None,
    out: Path | None,
    other: str | None,
    samples: int | None,
    seed: int | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
    **sampling: Any,
) -> None:
    """Measure a trained model on the test part, or on other data.

    Of a generator, every number stands beside what real examples and a
    fitted Gaussian get.

    \b
    kn eval ckpts/unet
    kn eval ckpts/unet --data more_images/ --split all
    kn eval model.keras --json
    kn eval ckpts/ddpm -n 2000 --sampler dpmpp_2m --steps 20
    kn eval ckpts/bcnn --ood fashion_mnist
    """
    from kerasnotes.runtime.setup import setup

    setup(backend, precision)
    from kerasnotes.contracts.generation import Request
    from kerasnotes.contracts.report import Conditions
    from kerasnotes.tasks.outputs import make_folder
    from kerasnotes.use.evaluation import evaluate

    named = {k: value for k, value in sampling.items() if value is not None}
    folder = out or (source if source.is_dir() else None)
    with progress_bar(quiet=as_json) as progress:
        record, report = evaluate(
            source,
            source=data,
            split=split,
            batch_size=batch_size,
            other=other,
            conditions=Conditions(
                progress=progress,
                samples=samples,
                request=Request(1, **named) if named else None,
                seed=seed or 0,
            ),
        )
    figures = []
    if folder is not None:
        make_folder(folder, source)
        stem = f"eval-{Path(data).stem}-{split}" if data else f"eval-{split}"
        for name, draw in report.figures.items():
            path = folder / f"{stem}-{name}.png"
            draw(path)
            figures.append(str(path))
    told = record["evaluation"]
    if as_json:
        print_json(
            {
                "model": str(source),
                "data": told["data"],
                "split": told["split"],
                "examples": told["examples"],
                "metrics": report.metrics,
                "remarks": told["remarks"],
                "figures": figures,
            }
        )
        return
    _print_text(source, record, report.metrics, figures)


def _print_text(
    source: Path,
    record: dict[str, Any],
    metrics: dict[str, float],
    figures: list[str],
) -> None:
    told = record["evaluation"]
    for remark in told["remarks"]:
        click.echo(f"Note: {remark}", err=True)
    click.echo(
        f"{source} on {told['data']}, {told['split']}: "
        f"{told['examples']} examples"
    )
    print_metrics(metrics)
    if figures:
        click.echo("Figures  " + figures[0])
        for figure in figures[1:]:
            click.echo("         " + figure)
    else:
        click.echo("Figures  none: name a folder with --out")
    generator = record.get("task") == "generation"
    verb = "sample" if generator else "predict"
    use = shell_command(verb, source) + ("" if generator else " FILE")
    click.echo(f"Next     {use}   or   {shell_command('export', source)}")
