"""`kn export`: a trained model for a server, ONNX Runtime or a phone."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.export.formats import FORMATS

from .output import json_option, print_json


@click.command(
    epilog="\b\nFormats:\n"
    + "\n".join(f"  {name:<12} {f.summary}" for name, f in FORMATS.items())
)
@click.argument("source", metavar="RUN|FILE.keras", type=Path)
@click.option(
    "--format",
    "-f",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default="saved_model",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--out",
    "-o",
    type=Path,
    help="Folder to write to; by default RUN/export or FILE-export.",
)
@click.option("--name", help="Name to serve it by; by default the note's.")
@click.option(
    "--size",
    type=click.IntRange(min=1, max=65_536),
    nargs=2,
    metavar="HEIGHT WIDTH",
    help="Fix the size of images, in pixels; by default it stays free.",
)
@json_option
def command(
    source: Path,
    format_name: str,
    out: Path | None,
    name: str | None,
    size: tuple[int, int] | None,
    as_json: bool,
) -> None:
    """Write a trained model as SavedModel, ONNX or LiteRT.

    The artefact is compared with the model before it appears; what differs
    is not kept.
    """
    from kerasnotes.export.export import export_model, report_path
    from kerasnotes.files import read_json

    if not as_json:
        click.echo(f"Exporting {source} to {format_name} ...", err=True)
    path = export_model(
        source, format=format_name, out=out, name=name, size=size or None
    )
    report = report_path(path, FORMATS[format_name])
    entry = read_json(report)[format_name]
    if as_json:
        print_json({"format": format_name, "report": str(report), **entry})
        return
    _print_text(format_name, path, report, entry)


def _print_text(
    format_name: str, path: Path, report: Path, entry: dict[str, Any]
) -> None:
    from kerasnotes.export.formats import describe_usage

    shapes = [_shape(check["shape"]) for check in entry["checks"]]
    sides = entry["signature"]
    click.echo(f"Wrote {path}")
    click.echo(f"  described in  {report}")
    click.echo(
        f"  signature     {_side(sides['inputs'])} -> {_side(sides['outputs'])}"
    )
    click.echo(
        f"  checked       inputs {' and '.join(shapes)}: differs by "
        f"{entry['largest_difference']:.1e}, allowed {entry['tolerance']:.0e}"
    )
    click.echo("Next:")
    base = report.with_suffix("").absolute()
    for line in describe_usage(FORMATS[format_name], path, base):
        click.echo(f"  {line}")


def _shape(shape: list[int | None]) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)


def _side(tensors: dict[str, dict[str, Any]]) -> str:
    return ", ".join(
        f"{name} {_shape(tensor['shape'])} {tensor['dtype']}"
        for name, tensor in tensors.items()
    )
