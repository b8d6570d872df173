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
@click.argument("inputs", metavar="PATH...", nargs=-1, required=True)
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
@click.option(
    "--beam",
    type=click.IntRange(1, 64),
    help="Translations: answers that the search keeps. [default: 1]",
)
@click.option("--data", help="Of a file of plain Keras: what it is for.")
@foreign_options
@backend_options
@json_option
def command(
    source: Path,
    inputs: tuple[str, ...],
    out: Path | None,
    as_csv: bool,
    batch_size: int | None,
    beam: int | None,
    data: str | None,
    classes: list[str] | None,
    answers: str | None,
    scale: tuple[float, float] | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Answer for images, folders of images, tables, or texts in quotes.

    Segmentation writes a mask and an overlay for each image, a generator
    that can what it makes of it; every task writes predictions.csv. A
    forecast is of the rows after a table's last ones, with a picture.
    A ddpm of condition=inpaint fills in transparent pixels, one of
    condition=superres enlarges small images.

    \b
    kn predict ckpts/unet cell.png
    kn predict ckpts/unet images/ -o masks/
    kn predict ckpts/mlp table.csv --json
    kn predict ckpts/lstm "Call now to claim your prize" messages.csv
    kn predict plain_keras.keras cat.png --data images/ --scale 0 1
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other.")
    asked = _understand(source, inputs)
    paths = [one for one in asked if isinstance(one, Path)]
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
    from kerasnotes.use.predict import as_text, predict

    remarks = list(run.remarks)
    with progress_bar(quiet=as_json or as_csv) as progress:
        predictions = predict(
            run,
            [one if isinstance(one, Path) else as_text(one) for one in asked],
            batch_size=batch_size,
            beam=beam,
            progress=progress,
            tell=remarks.append,
            partly=True,
        )
        named = paths[0] if paths else Path("text")
        folder, rows, left = _write_all(predictions, named, out)
    if as_json:
        told = {"model": str(source), "folder": str(folder), "remarks": remarks}
        print_json({**told, "predictions": rows, "failures": _failures(left)})
    else:
        _print(source, folder, rows, remarks, as_csv=as_csv)
    if left is not None:
        raise left


def _print(
    source: Path,
    folder: Path,
    rows: list[dict[str, Any]],
    remarks: list[str],
    *,
    as_csv: bool,
) -> None:
    from kerasnotes.tasks import outputs

    for remark in remarks:
        click.echo(f"Note: {remark}", err=True)
    if as_csv:
        click.echo(outputs.to_csv(rows), nl=False)
    else:
        _print_text(source, folder, rows)


def _failures(left: DataError | None) -> list[dict[str, str | None]]:
    """Returns which files were not answered for, and why."""
    from kerasnotes.tasks.image_check import LeftOut

    if left is None:
        return []
    if not isinstance(left, LeftOut):
        # It ended the answers, and says itself where.
        return [{"file": None, "reason": left.message}]
    return [
        {"file": failed.file, "reason": failed.error.message}
        for failed in left.failures
    ]


def _understand(source: Path, inputs: tuple[str, ...]) -> list[Path | str]:
    """Returns files as paths, and what a model of texts is asked as text.

    Refuses what is not there before a framework starts.
    """
    asked: list[Path | str] = []
    for one in inputs:
        if _is_there(one):
            asked.append(Path(one))
        elif _reads_texts(source) and not _looks_like_file(one):
            asked.append(one)
        else:
            raise DataError(
                f"There is no file or folder {Path(one)}.",
                expected="files, or folders of files",
                received=str(Path(one)),
            )
    return asked


def _is_there(name: str) -> bool:
    try:
        return bool(name) and os.path.lexists(name)
    except ValueError:  # a zero in it
        return False


def _looks_like_file(text: str) -> bool:
    """Returns whether a word is rather the name of a file than a text."""
    from kerasnotes.data.readers.tables.table_rows import SUFFIXES

    one_word = len(text.split()) == 1
    return one_word and text.lower().endswith(
        (".txt", ".npz", ".npy", *SUFFIXES)
    )


def _reads_texts(source: Path) -> bool:
    """Returns whether a model is asked about texts, as its record says."""
    from kerasnotes.base.errors import KerasNotesError
    from kerasnotes.runs.run import find_model

    try:
        _, record = find_model(source)
    except KerasNotesError:
        return False
    fields = record.get("spec", {}).get("inputs", [])
    return any(field.get("kind") == "text" for field in fields)


def _write_all(
    answers: Any, first: Path, out: Path | None
) -> tuple[Path, list[dict[str, Any]], DataError | None]:
    """Returns the folder, the rows, and why some images have none."""
    from kerasnotes.tasks.outputs import PictureWriter, make_folder, write_csv

    # The first answer comes before the folder: bad input leaves no trace.
    writer, rows, left = None, [], None
    try:
        for answer in answers:
            if writer is None:
                writer = PictureWriter(make_folder(out, first))
            rows.append({**answer.row, **writer.write(answer)})
    except DataError as error:
        if writer is None:
            raise
        left = error
    folder = writer.folder if writer else make_folder(out, first)
    write_csv(rows, folder)
    return folder, rows, left


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
