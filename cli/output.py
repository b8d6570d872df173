"""What every verb prints with: one console, JSON, progress."""

import contextlib
import json
import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

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


def print_metrics(metrics: Mapping[str, float]) -> None:
    """Prints one metric a line, values aligned."""
    width = max((len(name) for name in metrics), default=0)
    for name, value in metrics.items():
        click.echo(f"  {name:<{width}}  {value:.4f}")


@contextlib.contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Any]:
    """Yields a `kerasnotes.types.Progress`; draws only on a terminal."""
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
