"""`kn data SOURCE --export DIR`: examples as ordinary files."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.notes import NOTES

from .shared.output import print_json

FITTING = {
    "class": "mlp",
    "mask": "unet",
    "none": "vae",
    "sequence": "transformer",
    "series": "tcn",
    "next_token": "lstm",
    "values": "mlp",
}
"""A note for each kind of target."""
SMALLEST = 8
"""Side of class-folder images at least, pixels: `data.image_size`."""


def fitting_note(spec: Any) -> str:
    """Returns a note for this data: the one whose default they are."""
    own = [note.name for note in NOTES.values() if note.data == spec.name]
    if spec.input.kind == "series" and spec.target.kind != "series":
        return "lstm"
    if spec.input.kind == "text" and spec.target.kind == "class":
        return "lstm"
    return own[0] if own else FITTING[spec.target.kind]


def export_examples(
    config: Any, folder: Path, part: str, count: int, as_json: bool
) -> None:
    """Writes examples of a source into `folder` and says what to do next."""
    from kerasnotes.data.exporting import export
    from kerasnotes.data.load import load
    from kerasnotes.data.words import option_words

    # Images are images in files, whatever they are read as.
    data = load(config.model_copy(update={"read_as": None}))
    paths = export(data, folder, part, count)
    examples = min(count, len(data.split(part)))
    if as_json:
        told = {"folder": str(folder), "split": part, "examples": examples}
        print_json({**told, "files": [str(path) for path in paths]})
        return
    source = [config.source, *option_words(config)]
    _print(data.spec, folder, part, examples, paths, source)


def _print(
    spec: Any,
    folder: Path,
    part: str,
    examples: int,
    paths: list[Path],
    source: list[str],
) -> None:
    where = "one a row"
    if spec.input.kind in ("image", "text") or spec.of_sequences:
        where = "a folder a class" if spec.target.classes else "one a file"
    if spec.target.kind == "series":
        where = "one a file"
    if spec.target.kind == "sequence":
        where = "a pair a row"
    if spec.target.kind == "mask":
        where = "images/, masks/ and classes.txt"
    click.echo(
        f"Written  {examples} examples of the {part} part of {spec.name} "
        f"to {folder} ({where})"
    )
    note = fitting_note(spec)
    following = []
    if spec.target.kind != "none":
        following.append(shell_command("predict", f"ckpts/{note}", paths[0]))
    if spec.target.kind == "series":
        # Windows alone train nothing: the whole series does.
        trained = shell_command("fit", note, "--data", *source)
        click.echo(f"Next     {trained}   then   {following[0]}")
        return
    options = _reading_options(spec)
    if options is None:
        click.echo(
            f"Note     Class folders are read as squares of {SMALLEST} pixels "
            "or more; these images\n         would not come back as they are."
        )
    else:
        rows = spec.input.kind == "table" or spec.target.kind == "sequence"
        place = paths[0] if rows else folder
        following.append(shell_command("fit", note, "--data", place, *options))
    click.echo(f"Next     {'   or   '.join(following)}")


def _reading_options(spec: Any) -> list[str] | None:
    """Returns what reads the files as they are; `None` if nothing does."""
    if spec.target.kind == "mask":
        return (
            ["--ignore", str(spec.target.ignore[0])]
            if spec.target.ignore
            else []
        )
    if spec.target.kind == "values":
        from kerasnotes.data.exporting import label_names

        targets = [w for n in label_names(spec) for w in ("--target", n)]
        # A few rows may not tell that they are measured.
        return [*targets, "--set", "data.labels=values"]
    if spec.target.kind == "sequence":
        return ["--set", "data.labels=texts"]
    if spec.input.kind in ("table", "text") or spec.of_sequences:
        return []
    height, width, _ = spec.input.shape
    if height is None or height != width or height < SMALLEST:
        return None
    # Class folders are read at 64 pixels unless told otherwise.
    return ["--set", f"data.image_size={height}"]
