"""`kn landscape`: how optimizers walk, and the loss around a trained run."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.errors import UsageError

from .shared.options import RunPath, backend_options
from .shared.output import json_option, print_json, progress_bar
from .shared.tables import print_table

NAME = "landscape.png"


@click.command()
@click.argument("run", required=False, type=RunPath())
@click.option(
    "--optimizer",
    "optimizers",
    multiple=True,
    help="Whose path, repeatable. [default: all]",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(1e-9, 10),
    help="Of all that are drawn. [default: each has its own]",
)
@click.option("--steps", type=click.IntRange(1, 100_000), help="[default: 200]")
@click.option(
    "--points",
    type=click.IntRange(3, 201),
    help="With RUN: losses along either direction. [default: 21]",
)
@click.option(
    "--reach",
    type=click.FloatRange(0, 100, min_open=True),
    help="With RUN: how far, in lengths of the weights. [default: 1]",
)
@click.option("--data", help="With RUN: measured on. [default: as trained on]")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The picture. [default: {NAME} here, or in RUN]",
)
@backend_options
@json_option
def command(
    run: Path | None,
    optimizers: tuple[str, ...],
    learning_rate: float | None,
    steps: int | None,
    points: int | None,
    reach: float | None,
    data: str | None,
    seed: int,
    out: Path | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Draw the paths of optimizers, or the loss around a trained RUN.

    Without RUN: on a local minimum, a saddle, a ravine and a plateau. With
    RUN: along two random directions, filter by filter as long as the
    weights (Li et al., 2018).

    \b
    kn landscape
    kn landscape --optimizer sgd --optimizer adam --steps 500
    kn landscape ckpts/resnet
    """
    walking = {
        "--optimizer": optimizers or None,
        "--learning-rate": learning_rate,
        "--steps": steps,
    }
    measuring = {"--points": points, "--reach": reach, "--data": data}
    unused = walking if run is not None else measuring
    for option, value in unused.items():
        if value is not None:
            raise UsageError(
                f"{option} has no meaning "
                + ("with a run." if run is not None else "without a run."),
                received=f"{option} {value}",
                hint="kn landscape --help",
            )
    if run is None:
        _walk(optimizers, learning_rate, steps, out or Path(NAME), as_json)
        return
    if points is not None and points % 2 == 0:
        raise UsageError(
            "The trained weights lie in the middle of an odd number of points.",
            expected=f"--points {points + 1}",
            received=f"--points {points}",
        )
    given = {"points": points, "reach": reach}
    chosen = {k: v for k, v in given.items() if v is not None}
    _measure(run, data, seed, out, as_json, chosen, (backend, precision))


def _walk(
    optimizers: tuple[str, ...],
    rate: float | None,
    steps: int | None,
    out: Path,
    as_json: bool,
) -> None:
    from kerasnotes.use.landscape import paths

    walked = paths.trace(optimizers, rate, steps or paths.STEPS)
    paths.draw(walked, out)
    heights = paths.reached(walked)
    if as_json:
        print_json({"picture": str(out), "reached": heights})
        return
    names = next(iter(heights.values()))
    rows = [
        [name, *(f"{heights[surface][name]:.4g}" for surface in heights)]
        for name in names
    ]
    print_table(["height reached", *heights], rows)
    click.echo(f"Picture  {out}")
    click.echo("Next     kn fit cnn --set train.optimizer=NAME")


def _measure(
    run: Path,
    data: str | None,
    seed: int,
    out: Path | None,
    as_json: bool,
    chosen: dict[str, Any],
    setup: tuple[str | None, str | None],
) -> None:
    from kerasnotes import api

    with progress_bar(quiet=as_json) as progress:
        trained = api.load(run, backend=setup[0], precision=setup[1])
        from kerasnotes.use.landscape.of_run import measure_run

        found, path = measure_run(
            trained, data, out, seed=seed, progress=progress, **chosen
        )
    told = {
        "picture": str(path),
        "examples": found.examples,
        "loss": found.center,
        "highest": float(found.losses.max()),
    }
    if as_json:
        losses = {"axis": found.axis.tolist(), "losses": found.losses.tolist()}
        print_json({**told, **losses})
        return
    click.echo(
        f"Loss {found.center:.4f} at the trained weights, up to "
        f"{told['highest']:.4g} around them, on {found.examples} examples."
    )
    click.echo(f"Picture  {path}")
    click.echo(f"Next     {shell_command('eval', run)}")
