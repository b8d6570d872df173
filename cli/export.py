"""`kn export`: a trained model for a server, ONNX Runtime or a phone."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.export.formats import FORMATS, QUANTIZED

from .shared.options import RunPath
from .shared.output import json_option, print_json

EXAMPLES = """\b
Examples:
  kn export ckpts/unet                     a SavedModel, RUN/export/unet/1
  kn export ckpts/unet -f onnx -o served   served/unet.onnx
  kn export ckpts/mlp -f litert --quantize int8
  kn export ckpts/unet -f torch --size 256 256
  kn export model.keras --name cells
"""


@click.command(
    epilog=EXAMPLES
    + "\n\b\nFormats:\n"
    + "\n".join(f"  {name:<12} {f.summary}" for name, f in FORMATS.items())
)
@click.argument("source", metavar="RUN|FILE.keras", type=RunPath())
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
@click.option(
    "--quantize",
    type=click.Choice(QUANTIZED),
    help="Fewer bits (onnx, litert; openvino: float16); shows what it costs.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Keep a quantized model that lost more than 5 points.",
)
@json_option
def command(
    source: Path,
    format_name: str,
    out: Path | None,
    name: str | None,
    size: tuple[int, int] | None,
    quantize: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a trained model for a server, another runtime or a phone.

    The artefact is compared with the model before it appears; what differs
    is not kept. A quantized one is measured on the test data instead.
    """
    from kerasnotes import api

    if not as_json:
        click.echo(f"Exporting {source} to {format_name} ...", err=True)
    made = api.export(
        source,
        format_name,
        out=out,
        name=name,
        size=size or None,
        quantize=quantize,
        force=force,
    )
    if as_json:
        told = {"format": format_name, "report": str(made.report)}
        print_json({**told, **made.entry})
        return
    _print_text(made.path, made.report, made.entry)
    _print_next(source, format_name, made.path, made.report, out)


def _print_text(path: Path, report: Path, entry: dict[str, Any]) -> None:
    click.echo(f"Wrote {path}")
    click.echo(f"  described in  {report}")
    sides = entry["signature"]
    click.echo(
        f"  signature     {_side(sides['inputs'])} -> {_side(sides['outputs'])}"
    )
    others = list(entry.get("signatures", {}))[1:]
    if others:
        click.echo(f"  and           {', '.join(others)}")
    if "tokenizer.json" in entry["preprocessing"]:
        click.echo(f"  texts         {entry['preprocessing']}")
    cost = entry.get("quantized")
    if cost:
        click.echo(
            f"  {cost['kind']:<13} {cost['metric']} {cost['before']:.4f} "
            f"-> {cost['after']:.4f}"
        )
        return
    first = entry["checks"][0].get("signature")
    own = [c for c in entry["checks"] if c.get("signature") == first]
    shapes = " and ".join(_shape(check["shape"]) for check in own)
    click.echo(
        f"  checked       inputs {shapes}: differs by "
        f"{entry['largest_difference']:.1e}, allowed {entry['tolerance']:.0e}"
    )


def _print_next(
    source: Path, format_name: str, path: Path, report: Path, out: Path | None
) -> None:
    from kerasnotes.export.formats import describe_usage

    click.echo("Next:")
    if format_name == "saved_model":
        served = path.parent if out else source
        click.echo(f"  {shell_command('serve', served)}")
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
