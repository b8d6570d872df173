"""`kn compare`: measures several runs on one data set, side by side."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command

from .shared.options import RunPath, backend_options
from .shared.output import BESIDE, json_option, print_json, progress_bar
from .shared.tables import print_table

NAME = "compare.png"
REAL = "real"


@click.command()
@click.argument(
    "runs", nargs=-1, required=True, metavar="RUN...", type=RunPath()
)
@click.option("--data", help="Measured on. [default: as trained on]")
@click.option(
    "--split",
    type=click.Choice(("train", "validation", "test", "all")),
    default="test",
    show_default=True,
    help="Which part of the data.",
)
@click.option(
    "-n",
    "--samples",
    type=click.IntRange(1, 100_000),
    help="That each generator draws to be measured.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    help="Of all that is drawn.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Fewer samples, and no classifier to judge them.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The picture. [default: {NAME} here]",
)
@backend_options
@json_option
def command(
    runs: tuple[Path, ...],
    data: str | None,
    split: str,
    samples: int | None,
    seed: int,
    quick: bool,
    out: Path | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Measure two runs or more on one data set, in one table.

    Generators are also timed: the calls of a network, one after another,
    and the seconds that an example takes. One picture shows what they draw.
    (`kn runs ONE OTHER` shows which settings differ.)

    \b
    kn compare ckpts/pixelcnn ckpts/ddpm ckpts/vae
    kn compare ckpts/cnn ckpts/resnet --data more/ --json
    """
    from kerasnotes import api

    with progress_bar(quiet=as_json) as progress:
        found = api.compare(
            *runs,
            data=data,
            split=split,
            samples=samples,
            seed=seed,
            quick=quick,
            backend=backend,
            precision=precision,
            progress=progress,
        )
    path = _draw(found, out)
    if as_json:
        print_json(
            {
                "data": found.data,
                "split": found.split,
                "examples": found.examples,
                "runs": [dataclasses.asdict(row) for row in found.rows],
                "real": found.real,
                "picture": path and str(path),
            }
        )
        return
    click.echo(f"{found.data}, {found.split}: {found.examples} examples")
    columns = ["", *map(str, runs), *([REAL] if found.real else [])]
    table = {k: v[: len(columns) - 1] for k, v in found.table().items()}
    rules = _fold_rules(table, len(runs))
    rows = [[name, *map(_show, values)] for name, values in table.items()]
    print_table([*columns, *rules], rows)
    if path:
        click.echo(f"Picture  {path}")
    verb = "sample" if found.rows[0].calls is not None else "eval"
    click.echo(f"Next     {shell_command(verb, runs[0])}")


def _draw(found: Any, out: Path | None) -> Path | None:
    """Writes the picture, if there is one."""
    from kerasnotes.base.errors import UsageError

    draw = found.draws.get("samples")
    if draw is None:
        if out is not None:
            raise UsageError(
                "There is no picture of these runs.",
                expected="generators of images",
                received=f"--out {out}",
            )
        return None
    path = out or Path(NAME)
    draw(path)
    return path


def _fold_rules(
    table: dict[str, list[float | None]], runs: int
) -> tuple[str, ...]:
    """Makes columns of rows that hold what a simple rule reaches for all.

    Args:
        table: Values by name, changed in place: first those of the runs.
        runs: How many there are.

    Returns:
        The columns' titles.
    """
    ends = [
        end
        for end in BESIDE
        if any(len(set(table.get(n + end, (0, 1))[:runs])) == 1 for n in table)
    ]
    for name in list(table):
        if any(name + end in table for end in ends):
            values = [table.pop(name + end, [None])[0] for end in ends]
            table[name] += values
    width = max(map(len, table.values()), default=0)
    for values in table.values():
        values += [None] * (width - len(values))
    return tuple(BESIDE[end] for end in ends)


def _show(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
