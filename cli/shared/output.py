"""What every verb prints with: one console, JSON, progress."""

import contextlib
import json
import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from kerasnotes.base.output import show_number

from .tables import print_table

json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object on standard output instead of text.",
)


def print_json(value: Any) -> None:
    """Prints one JSON object on standard output.

    NaN and infinity, which JSON does not know, are written as null.
    """
    text = json.dumps(
        _finite(value), indent=2, ensure_ascii=False, allow_nan=False
    )
    click.echo(text)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


BESIDE = {
    "_floor": "real",
    "_gaussian": "Gaussian",
    "_constant": "constant",
    "_ridge": "ridge",
    "_from_scratch": "from scratch",
    "_tfidf": "counted words",
    "_member": "mean member",
    "_mean": "mean",
    "_weighted": "weighted",
    "_vote": "vote",
    "_stacked": "stacked",
    "_naive": "naive",
    "_seasonal": "seasonal",
    "_linear": "linear",
}
"""What stands beside a number, by the ending of its name."""


def print_metrics(metrics: Mapping[str, float]) -> None:
    """Prints one metric a line, values aligned.

    What has a number to compare with goes into a table.
    """
    ends = [e for e in BESIDE if any(n + e in metrics for n in metrics)]
    compared = [n for n in metrics if any(n + end in metrics for end in ends)]
    beside = {n + end for n in compared for end in ends}
    alone = [n for n in metrics if n not in beside and n not in compared]
    width = max((len(name) for name in alone), default=0)
    for name in alone:
        click.echo(f"  {name:<{width}}  {show_number(metrics[name])}")
    if not compared:
        return
    rows = [
        [name, *(_cell(metrics.get(name + end)) for end in ("", *ends))]
        for name in compared
    ]
    if alone:
        click.echo()
    own = "samples" if {"_floor", "_gaussian"} & set(ends) else "network"
    print_table(["", own, *(BESIDE[end] for end in ends)], rows)


def _cell(value: float | None) -> str:
    return "-" if value is None else show_number(value)


@contextlib.contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Any]:
    """Yields a `kerasnotes.base.types.Progress`; draws only on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield update
