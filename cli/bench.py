"""`kn bench`: how fast a note trains and predicts on each backend."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.errors import KerasNotesError

from .shared.hints import given_options
from .shared.options import BACKENDS
from .shared.output import json_option, print_json
from .shared.tables import print_table

_COLUMNS = {
    "step_ms": "step (ms)",
    "examples_per_s": "examples/s",
    "compile_s": "compile (s)",
    "peak_memory_mib": "memory (MiB)",
    "predict_1_ms": "predict 1 (ms)",
    "predict_batch_ms": "predict batch (ms)",
}


@click.command()
@click.argument("note")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    type=click.Choice(BACKENDS),
    help="Which to time; repeatable. [default: every installed one]",
)
@click.option(
    "--batch-size", type=click.IntRange(1, 65_536), help="Examples per step."
)
@click.option(
    "--size", type=click.IntRange(8, 4096), help="Side of images, pixels."
)
@click.option(
    "--steps",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="Timed training steps.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any setting that `kn config NOTE` prints. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the JSON to this file.",
)
@json_option
def command(
    note: str,
    backends: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Time NOTE's training step and prediction on each backend.

    \b
    kn bench unet
    kn bench unet --backend tensorflow --size 128 --batch-size 8
    kn bench mlp --set widths=[512,512] --json
    """
    from kerasnotes.base import files
    from kerasnotes.runtime import choose as choosing
    from kerasnotes.use import bench

    installed = choosing.installed_backends()
    for name in backends:
        choosing.check_wish(name, "--backend", installed)
    report = bench.run(
        bench.Request(note, **options),
        list(backends) or [n for n in choosing.BACKENDS if n in installed],
        lambda what: None if as_json else click.secho(what, dim=True),
    )
    if out is not None:
        files.write_json(out, report)
    if as_json:
        print_json(report)
    else:
        _print_report(note, report["results"], out, options)
    if all("error" in result for result in report["results"]):
        raise KerasNotesError(
            "No backend could be timed.", hint="kn doctor checks each"
        )


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def _print_report(
    note: str, results: list[dict[str, Any]], out: Path | None, given: Any
) -> None:
    timed = [result for result in results if "error" not in result]
    if timed:
        first = timed[0]
        click.echo(
            f"\n{note}, {first['parameters']:,} parameters, batches of "
            f"{first['batch_size']}, {first['device']} {first['device_name']}"
        )
        print_table(
            ["backend", *_COLUMNS.values()],
            [
                [result["backend"], *(_cell(result[k]) for k in _COLUMNS)]
                for result in timed
            ],
        )
    for result in results:
        if "error" in result:
            click.echo(f"{result['backend']}: {result['error']}")
    click.echo()
    if out is not None:
        click.echo(f"Numbers   {out}")
    if timed:
        best = min(timed, key=lambda result: result["step_ms"])["backend"]
        click.echo(f"Fastest   {best}")
        settings = given_options({"--set": given["settings"]})
        click.echo(f"Next      kn fit {note}{settings} --backend {best}")
