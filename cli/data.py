"""`kn data`: what would be read from a source, and all that is wrong."""

import contextlib
import importlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.errors import DataError, UsageError

from .data_export import export_examples, fitting_note
from .shared.options import (
    mask_options,
    series_options,
    split_names,
    target_option,
)
from .shared.output import json_option, print_json, progress_bar

WAIT = 0.25
"""Seconds until a large file is being read, about."""
ALIKE = 3
_BYTES = re.compile(r" \(\d+ bytes not processed\)")
"""Problems alike that are named, before they are counted."""
COUNT = 50
"""Examples that --export writes."""
PARTS = ("train", "validation", "test")
SHOWN_CLASSES = 30
"""Classes listed in the text; --json has them all."""


@click.command()
@click.argument("source")
@click.option("--classes", help="Class names, separated by commas.")
@target_option
@series_options
@click.option("--image-size", type=int, help="Side of class-folder images.")
@mask_options
@click.option("--validation", type=float, help="Part that picks the epoch.")
@click.option("--test", type=float, help="Part for the final metrics.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="data.NAME=VALUE",
    help="Any other setting of the data. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The contact sheet. [default: SOURCE-contact-sheet.png here]",
)
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write examples as ordinary files into this new folder instead.",
)
@click.option(
    "--split",
    "part",
    type=click.Choice(PARTS),
    help="With --export: of which part. [default: test]",
)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, 1_000_000),
    help="With --export: how many examples. [default: 50]",
)
@json_option
def command(
    source: str,
    settings: tuple[str, ...],
    out: Path | None,
    folder: Path | None,
    part: str | None,
    count: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Show what would be read from SOURCE, and every problem found.

    \b
    kn data my_images/
    kn data digits --export some-digits     files to try other verbs with

    \b
    SOURCE is one of
      a name       dates, digits, digit-scenes, formula, frf-chain,
                   mackey-glass, noisy-sine, ring, spring-chain, truss-loads,
                   wine, iris,
                   breast-cancer, diabetes, mnist, fashion_mnist, cifar10,
                   cifar100, imdb, reuters;
                   frf-chain has options: frf-chain:noise=0.1,masses=8;
                   a formula is one itself: 'formula:exp(x)*y'
      a folder     with one sub-folder of images per class, or with images/
                   and masks/ (equal file stems), or with x.png beside
                   x_mask.png, or with train/ and test/ (and validation/)
                   that hold any of these, or of pictures alone, for a
                   generator; or with one sub-folder of .txt files per
                   class, or of .csv or .npy files, a sequence each;
                   classes.txt beside masks/ may name mask
                   values: `0 background`; or with train.de and train.en
                   (and val, test), line n of one a translation of other's
      a .npz file  keys x and y, or x_train, y_train, x_test, y_test; of
                   sequences that differ in length, lengths beside x
      a table      .csv, .tsv, .data, .parquet, .jsonl: numeric columns or one
                   of texts, and one of labels; two columns of texts, one a
                   translation; with --horizon a series in time, a row a
                   step; with --set data.sequence=COLUMN a sequence each
      a .ts file   sequences, as the UEA & UCR archive has them
      a .h5 file   keys as in .npz; read in blocks, may exceed the memory
    Exits with 3 if something would stop training.
    """
    config = _config(source, settings, options)
    if folder is not None:
        if out is not None:
            raise UsageError("--export and --out exclude each other.")
        export_examples(config, folder, part or "test", count or COUNT, as_json)
        return
    if part is not None or count is not None:
        raise UsageError(
            "--split and -n say what --export writes.",
            hint=shell_command("data", source, "--export", "DIR"),
        )
    _inspect(config, out, as_json)


def _inspect(config: Any, out: Path | None, as_json: bool) -> None:
    from kerasnotes.base.files import write_bytes
    from kerasnotes.data import inspect

    with (
        _loading("kerasnotes.figures.contact_sheet"),
        # Every example is read by others meanwhile.
        ThreadPoolExecutor(1) as pool,
        progress_bar(quiet=as_json) as progress,
    ):
        drawn: list[Future[bytes]] = []
        found = inspect.inspect(
            config,
            progress,
            lambda data: drawn.append(pool.submit(_draw, data)),
        )
    sheet = None
    if drawn and any(part.count for part in found.parts.values()):
        sheet = out or inspect.default_sheet(config, Path.cwd())
        write_bytes(sheet, drawn[0].result())
    if as_json:
        path = None if sheet is None else str(sheet)
        print_json({**found.to_json(), "contact_sheet": path})
    else:
        _print(found, sheet, config)
    if found.problems:
        raise click.exceptions.Exit(DataError.exit_code)


def _draw(data: Any) -> bytes:
    from kerasnotes.figures import contact_sheet

    return contact_sheet.draw(data)


@contextlib.contextmanager
def _loading(module: str) -> Iterator[None]:
    """Imports what is needed later while a large file is read.

    Reading leaves the interpreter to others, but not before it has begun.
    """
    timer = threading.Timer(WAIT, importlib.import_module, (module,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _config(
    source: str, settings: tuple[str, ...], options: dict[str, Any]
) -> Any:
    from kerasnotes.base.config import DataConfig, build, parse_setting

    values = {key: value for key, value in options.items() if value is not None}
    if "classes" in values:
        values["classes"] = split_names(values["classes"])
    for setting in settings:
        name, value = parse_setting(setting)
        block, _, field = name.rpartition(".")
        if block not in ("", "data"):
            raise UsageError(
                f"`{name}` is no setting of the data.",
                expected="data.NAME=VALUE",
                received=setting,
            )
        values[field] = value
    return build(DataConfig, {**values, "source": source}, "data")


def _print(found: Any, sheet: Path | None, config: Any) -> None:
    if found.data is not None:
        _print_spec(found)
        for name, part in found.parts.items():
            _print_part(name, part, found.data.spec.input.kind)
        _print_balance(found)
    for note in found.notes:
        click.echo(f"Note: {note}")
    if found.problems:
        count = len(found.problems)
        click.secho(
            f"{count} problem{'s' * (count > 1)} would stop training:",
            fg="red",
        )
        for text in _grouped(found.problems):
            click.echo(f"  {text}")
        for text in _expected(found.problems):
            click.echo(f"  {text}")
    if sheet is not None:
        click.echo(f"Contact sheet: {sheet}")
    _print_next(found, config)


def _grouped(problems: Any) -> list[str]:
    """Returns a line for each problem; of many alike, one for all."""
    places: dict[tuple[str, str], list[Any]] = {}
    for problem in problems:
        # Of files that are cut off, each lacks another number of bytes.
        text = _BYTES.sub("", problem.text)
        places.setdefault((problem.kind, text), []).append(problem)
    lines = []
    for (kind, text), alike in places.items():
        if len(alike) <= ALIKE:
            lines += [f"[{kind}] {problem}" for problem in alike]
            continue
        alike.sort(key=lambda problem: _natural(problem.where))
        some = ", ".join(problem.where for problem in alike[:ALIKE])
        more = len(alike) - ALIKE
        lines.append(f"[{kind}] {some} and {more} more: {text}")
    return lines


def _expected(problems: Any) -> list[str]:
    """Returns what would have been right; what was not read says it itself."""
    from kerasnotes.data.problems import EXPECTED

    kinds = dict.fromkeys(p.kind for p in problems if p.kind != "not read")
    return [f"Expected ({kind}): {EXPECTED[kind]}." for kind in kinds]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `s10.png` after `s9.png`."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _print_next(found: Any, config: Any) -> None:
    from kerasnotes.data.words import option_words

    words = option_words(config)
    if found.problems:
        again = shell_command("data", config.source, *words)
        click.echo(f"Next: mend these, then {again}")
    else:
        note = fitting_note(found.data.spec)
        fitting = shell_command("fit", note, "--data", config.source, *words)
        click.echo(f"Next: {fitting}")


def _print_spec(found: Any) -> None:
    spec = found.data.spec
    field = spec.input
    shape = " x ".join("?" if n is None else str(n) for n in field.shape)
    click.echo(
        f"{spec.name}: {field.kind} {shape} {field.dtype}, "
        + _describe_target(spec.target)
    )
    if found.mean is not None:
        pairs = list(zip(found.mean, found.deviation, strict=True))
        # Of categories there is no mean.
        pairs = [p for n, p in enumerate(pairs) if n not in field.categorical]
        values = ", ".join(f"{m:.4g} +- {d:.4g}" for m, d in pairs[:4])
        more = ", ..." if len(pairs) > 4 else ""
        if values:
            click.echo(f"Mean and deviation (training part): {values}{more}")


def _describe_target(target: Any) -> str:
    if target.kind == "next_token":
        return "the token that follows each"
    if target.kind == "sequence":
        return f"a translation of up to {target.shape[0]:,} tokens"
    if target.kind == "series":
        titles = ", ".join(column.title for column in target.columns[:8])
        more = ", ..." if len(target.columns) > 8 else ""
        return f"forecast of {target.shape[0]:,} rows: {titles}{more}"
    if target.kind == "values":
        titles = ", ".join(column.title for column in target.columns[:8])
        return f"measured values: {titles}"
    if not target.classes:
        return "no label"
    each = "a class per pixel" if target.kind == "mask" else "a class each"
    count = target.num_classes
    return f"{each}, {count} class{'es' * (count != 1)}"


def _print_part(name: str, part: Any, kind: str) -> None:
    if not part.count:
        click.echo(f"  {name:<10} {0:>8,}")
        return
    low, high = ("x".join(map(str, s)) for s in (part.low, part.high))
    size = low if low == high else f"{low} to {high}"
    what = "tokens" if kind in ("text", "tokens") else "size"
    line = f"  {name:<10} {part.count:>8,}   {what} {size}"
    if part.minimum <= part.maximum:
        line += f"   values {part.minimum:g} to {part.maximum:g}"
    if part.targets is not None:
        ends = [f"{a:g} to {b:g}" for a, b in part.targets.T[:4].tolist()]
        line += "   target " + ", ".join(ends)
    click.echo(line)


def _print_balance(found: Any) -> None:
    spec = found.data.spec
    if not spec.target.classes:
        return
    what = "pixels" if spec.target.kind == "mask" else "examples"
    totals = {n: max(1, p.balance.sum()) for n, p in found.parts.items()}
    click.echo(f"Share of {what}:  " + "  ".join(f"{n:>10}" for n in totals))
    width = max(len(name) for name in spec.target.classes[:SHOWN_CLASSES])
    for number, name in enumerate(spec.target.classes[:SHOWN_CLASSES]):
        shares = "  ".join(
            f"{100 * part.balance[number] / totals[n]:>9.2f}%"
            for n, part in found.parts.items()
        )
        click.echo(f"  {name:<{max(width, 15)}}  {shares}")
    left = spec.target.num_classes - SHOWN_CLASSES
    if left > 0:
        click.echo(f"  and {left} more classes (--json lists all)")
