"""`kn runs`: lists runs, or compares two."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from .shared.options import RunPath
from .shared.output import json_option, print_json
from .shared.tables import print_table

SORTS = {
    "date": lambda row: row.started,
    "run": lambda row: row.run,
    "note": lambda row: row.note,
    "data": lambda row: row.data,
    "metric": lambda row: (row.metric or "", row.score),
    "epochs": lambda row: row.epochs,
    "time": lambda row: row.seconds,
    "state": lambda row: row.state,
}
"""What rows can be sorted by."""
NEWEST_FIRST = ("date", "metric")
"""Sorted downwards."""
LONGEST = 32
"""Characters of a data source."""


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER|RUN]...", type=RunPath())
@click.option(
    "--sort",
    type=click.Choice(list(SORTS)),
    default="date",
    show_default=True,
    help="Newest, or best by its metric, first; the rest upwards.",
)
@json_option
def command(folders: tuple[Path, ...], sort: str, as_json: bool) -> None:
    """List the runs in folders (by default ckpts), or compare two runs.

    \b
    kn runs
    kn runs ckpts old_runs --sort metric
    kn runs ckpts/unet ckpts/unet-2    what differs, side by side
    """
    from kerasnotes.runs.run import is_run

    if len(folders) == 2 and all(map(is_run, folders)):
        _compare(folders, as_json)
        return
    rows = sorted(_rows(folders), key=SORTS[sort])
    if sort in NEWEST_FIRST:
        rows.reverse()
    if as_json:
        print_json({"runs": [dataclasses.asdict(row) for row in rows]})
        return
    if not rows:
        click.echo("No runs here. Next: kn fit NAME, kn list")
        return
    columns = ("run", "note", "data", "metric", "epochs", "time", "date")
    print_table([*columns, "state"], [_cells(row) for row in rows])


def _rows(folders: tuple[Path, ...]) -> list[Any]:
    """Returns a row a run; what cannot be read is told, not shown."""
    from kerasnotes.runs.listing import list_runs

    return list_runs(
        folders, lambda text: click.echo(f"Note: {text}", err=True)
    )


def _cells(row: Any) -> list[str]:
    from kerasnotes.training.progress import show_epoch

    metric = "-" if row.metric is None else f"{row.metric} {row.value:.4f}"
    return [
        row.run,
        row.note,
        row.data if len(row.data) <= LONGEST else f"...{row.data[-LONGEST:]}",
        metric,
        f"{show_epoch(row.epochs)}/{row.planned}",
        _time(row.seconds),
        row.started[:16].replace("T", " "),
        f"{row.state}: {row.reason}" if row.reason else row.state,
    ]


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _compare(runs: tuple[Path, ...], as_json: bool) -> None:
    from kerasnotes.runs.comparing import compare
    from kerasnotes.runs.run import open_run

    names = [str(run) for run in runs]
    one, other = (open_run(run).read_record() for run in runs)
    found = compare(one, other)
    if as_json:
        print_json({"runs": names, **dataclasses.asdict(found)})
        return
    for title, pairs in (
        ("settings that differ", found.settings),
        ("metric", found.metrics),
    ):
        rows = [[name, *map(_value, pair)] for name, pair in pairs.items()]
        print_table([title, *names], rows or [["none", "", ""]])
        click.echo()
    click.echo("Settings that are not listed are the same.")


def _value(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
