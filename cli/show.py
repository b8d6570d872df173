"""`kn show`: what is inside a `.keras` file, without running any of it."""

import sys
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command

from .shared.options import RunPath
from .shared.output import json_option, print_json


@click.command()
@click.argument("source", metavar="RUN|FILE.keras", type=RunPath())
@click.option(
    "--weights",
    "with_weights",
    is_flag=True,
    help="Print statistics of every weight as well.",
)
@json_option
def command(source: Path, with_weights: bool, as_json: bool) -> None:
    """Show a .keras file: layers, weights, and how it was trained.

    Any Keras 3 file will do. Nothing in it is run and no framework is
    imported; files made to harm are refused.
    """
    from kerasnotes.runs.archive.summary import describe

    path = _find_file(source)
    shown = describe(path)
    if as_json:
        print_json(shown)
        return
    _print_head(shown)
    _print_rows(_LAYER_COLUMNS, [_layer_cells(r) for r in shown["layers"]])
    _print_totals(shown)
    if with_weights:
        click.echo()
        cells = [_weight_cells(row) for row in shown["weights"]]
        _print_rows(_WEIGHT_COLUMNS, cells)
    _print_record(shown["record"])
    for warning in shown["warnings"]:
        click.secho(f"\nWarning: {_plain(warning)}", fg="yellow")
    _print_next(source, shown, with_weights)


def _find_file(source: Path) -> Path:
    """Returns the model file of a run's folder, or the file itself."""
    if source.is_dir():
        from kerasnotes.runs.run import find_model

        return find_model(source)[0]
    return source


# Numbers go to the right, marked by True.
_LAYER_COLUMNS = (
    ("layer", False),
    ("class", False),
    ("output", False),
    ("parameters", True),
    ("dtype", False),
)
_WEIGHT_COLUMNS = (
    ("weight", False),
    ("shape", False),
    ("dtype", False),
    ("min", True),
    ("max", True),
    ("mean", True),
    ("std", True),
    ("bad", True),
)


def _layer_cells(row: dict[str, Any]) -> list[str]:
    return [
        row["name"],
        row["class"] or "?",
        _shape(row["output_shape"]),
        f"{row['parameters']:,}" if row["parameters"] else "",
        row["dtype"] or "?",
    ]


def _weight_cells(row: dict[str, Any]) -> list[str]:
    numbers = (row[key] for key in ("min", "max", "mean", "std"))
    return [
        f"{row['layer']} {row['path'].rpartition('/')[2]}".strip(),
        _shape(row["shape"]),
        row["dtype"],
        *("-" if number is None else f"{number:.3g}" for number in numbers),
        str(row["nan"] + row["inf"] or ""),
    ]


def _shape(shape: Any) -> str:
    """Writes `[null, 8, 8, 3]` as `?x8x8x3`; other structures as they are."""
    if shape is None:
        return "?"
    if not isinstance(shape, list) or any(
        not isinstance(size, int | None) for size in shape
    ):
        return str(shape)
    return "x".join("?" if s is None else str(s) for s in shape) or "scalar"


def _size(count: int) -> str:
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            return f"{count / 10**power:.1f} {unit}"
    return f"{count} bytes"


def _plain(text: Any) -> str:
    from kerasnotes.runs.archive.zip_file import plain

    return plain(str(text))


def _print_head(shown: dict[str, Any]) -> None:
    click.echo(f"{shown['file']}  ({_size(shown['bytes'])})")
    click.echo(
        f"  {_plain(shown['model'])}, saved by Keras "
        f"{_plain(shown['keras_version'] or '?')} on "
        f"{_plain(shown['saved'] or '?').replace('@', ' ')}"
    )
    click.echo()


def _print_rows(
    columns: tuple[tuple[str, bool], ...], rows: list[list[str]]
) -> None:
    """Prints a table: rich on a terminal, aligned text in a pipe."""
    names = [name for name, _ in columns]
    rows = [[_plain(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_rich(columns, rows)
        return
    widths = [max(map(len, cells)) for cells in zip(names, *rows, strict=True)]
    for row in [names, *rows]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, (_, right) in zip(
                row, widths, columns, strict=True
            )
        ]
        click.echo("  " + "  ".join(cells).rstrip())


def _print_rich(
    columns: tuple[tuple[str, bool], ...], rows: list[list[str]]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name, right in columns:
        # Long names fold; a number that is cut would be another number.
        table.add_column(
            name, justify="right" if right else "left", no_wrap=right
        )
    for row in rows:
        # Text, not markup: a name may hold brackets.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _print_totals(shown: dict[str, Any]) -> None:
    totals = shown["totals"]
    trainable = totals["trainable"]
    click.echo()
    click.echo(
        f"  {totals['parameters']:,} parameters"
        + ("" if trainable is None else f", {trainable:,} trainable")
        + f", {_size(totals['weight_bytes'])}, in {totals['weights']} "
        f"weights of {totals['layers']} layers"
        + (", with optimizer state" if totals["optimizer_state"] else "")
    )
    rows = [row for row in shown["weights"] if row["min"] is not None]
    if rows:
        low = min(row["min"] for row in rows)
        high = max(row["max"] for row in rows)
        broken = totals["nan"] + totals["inf"]
        state = f"{broken:,} NaN or infinite" if broken else "all finite"
        click.echo(f"  weights from {low:.4g} to {high:.4g}, {state}")


def _print_record(record: dict[str, Any] | None) -> None:
    """Prints the training record, one value a line, long ones cut."""
    click.echo()
    if record is None:
        click.echo("  no training record: not written by kerasnotes")
        return
    for key, value in record.items():
        text = _plain(_inline(value))
        if len(text) > 100:
            text = text[:97] + "..."
        click.echo(f"  {_plain(key):<14}  {text}")


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}={_inline(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_inline(item) for item in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_next(
    source: Path, shown: dict[str, Any], with_weights: bool
) -> None:
    """Names what the file is good for: nothing if it must not be loaded."""
    click.echo()
    if not with_weights:
        told = shell_command("show", source, "--weights")
        click.echo(f"Next: {told}    every weight")
    if shown["loadable"] and shown["record"] is not None:
        told = shell_command("eval", source)
        click.echo(f"Next: {told}    measure it on the test split")
    elif shown["loadable"]:
        told = shell_command("eval", source, "--data", "DATA")
        click.echo(f"Next: {told}    measure it on labelled data")
        told = shell_command("export", source)
        click.echo(f"Next: {told}    for a server")
