"""`kn predict`: answers for images or tables."""

import os
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.errors import DataError, UsageError

from .shared.answers import explain_doubt, say
from .shared.options import RunPath, backend_options, foreign_options
from .shared.output import json_option, print_json, progress_bar

LINES = 20


@click.command()
@click.argument("source", metavar="RUN|FILE.keras", type=RunPath())
@click.argument("paths", metavar="PATH...", type=Path, nargs=-1, required=True)
@click.option(
    "--out",
    "-o",
    type=Path,
    help="Folder to write to; by default the next free NAME-predictions.",
)
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print the rows as CSV instead."
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 65_536),
    help="Examples at once; by default as in training.",
)
@click.option("--data", help="Of a file of plain Keras: what it is for.")
@foreign_options
@backend_options
@json_option
def command(
    source: Path,
    paths: tuple[Path, ...],
    out: Path | None,
    as_csv: bool,
    batch_size: int | None,
    data: str | None,
    classes: list[str] | None,
    answers: str | None,
    scale: tuple[float, float] | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Answer for images, folders of images, or .csv and .npz tables.

    Segmentation writes a mask and an overlay for each image, a generator
    that can what it makes of it; every task writes predictions.csv. A
    forecast is of the rows after a table's last ones, with a picture.
    A ddpm of condition=inpaint fills in transparent pixels, one of
    condition=superres enlarges small images.

    \b
    kn predict ckpts/unet cell.png
    kn predict ckpts/unet images/ -o masks/
    kn predict ckpts/mlp table.csv --json
    kn predict plain_keras.keras cat.png --data images/ --scale 0 1
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other.")
    _check_there(paths)
    from kerasnotes import api

    run = api.load(
        source,
        data=data,
        classes=classes,
        answers=answers,
        scale=scale,
        backend=backend,
        precision=precision,
    )
    from kerasnotes.tasks import outputs
    from kerasnotes.use.predict import predict

    remarks = list(run.remarks)
    with progress_bar(quiet=as_json or as_csv) as progress:
        predictions = predict(
            run,
            paths,
            batch_size=batch_size,
            progress=progress,
            tell=remarks.append,
        )
        folder, rows = _write_all(predictions, paths, out)
    if as_json:
        told = {"model": str(source), "folder": str(folder)}
        print_json({**told, "remarks": remarks, "predictions": rows})
        return
    for remark in remarks:
        click.echo(f"Note: {remark}", err=True)
    if as_csv:
        click.echo(outputs.to_csv(rows), nl=False)
    else:
        _print_text(source, folder, rows)


def _check_there(paths: tuple[Path, ...]) -> None:
    """Refuses what is not there before a framework starts."""
    for path in paths:
        if not os.path.lexists(path):
            raise DataError(
                f"There is no file or folder {path}.",
                expected="files, or folders of files",
                received=str(path),
            )


def _write_all(
    answers: Any, paths: tuple[Path, ...], out: Path | None
) -> tuple[Path, list[dict[str, Any]]]:
    from kerasnotes.tasks.outputs import PictureWriter, make_folder, write_csv

    # The first answer comes before the folder: bad input leaves no trace.
    writer, rows = None, []
    for answer in answers:
        if writer is None:
            writer = PictureWriter(make_folder(out, paths[0]))
        rows.append({**answer.row, **writer.write(answer)})
    folder = writer.folder if writer else make_folder(out, paths[0])
    write_csv(rows, folder)
    return folder, rows


def _print_text(source: Path, folder: Path, rows: list[dict[str, Any]]) -> None:
    for row in rows[:LINES]:
        name = row["file"] + (f", row {row['row']}" if "row" in row else "")
        if "step" in row:
            name += f", {row.get('time') or '+' + str(row['step'])}"
        click.echo(f"{name}: {say(row)}")
    if len(rows) > LINES:
        click.echo(f"... and {len(rows) - LINES} more")
    if rows and (meaning := explain_doubt(rows[0])):
        click.echo(f"Doubt    {meaning}")
    click.echo(f"Written  {folder / 'predictions.csv'}")
    if rows and "forecast" in rows[0]:
        click.echo(f"         {rows[0]['forecast']}")
    if rows and "mask" in rows[0]:
        click.echo(f"         {rows[0]['mask']} (raw mask values)")
    click.echo(f"Next     {shell_command('eval', source)} --data LABELLED")
