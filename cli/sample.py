"""`kn sample`: draws new examples from a generator."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.contracts.sampling_bounds import LARGEST_SEED, MOST_EXAMPLES
from kerasnotes.contracts.text_sampling import LENGTH, MOST

from .shared.options import (
    RunPath,
    backend_options,
    finite,
    sampling_options,
)
from .shared.output import json_option, print_json, progress_bar

COUNT = 64


@click.command()
@click.argument(
    "source", metavar="[RUN|FILE.keras]", type=RunPath(), required=False
)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, MOST_EXAMPLES),
    help=f"How many examples. [default: {COUNT}]",
)
@sampling_options
@click.option("--class", "label", help="Draw this class: its name or number.")
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    help="Of all noise; one seed is one picture on every backend. [default: 0]",
)
@click.option(
    "--grid/--no-grid",
    default=None,
    help="One picture of all, or a file for each. [default: --grid]",
)
@click.option(
    "--trajectory",
    "way",
    type=Path,
    metavar="FILE",
    help="Also write every tenth of the way there: a strip (.png), a film "
    "(.gif) or arrays (.npz).",
)
@click.option(
    "-o",
    "--out",
    type=Path,
    help="A .png; a folder, for a file each and grid.png; a .npz of raw "
    "values (tables also .csv); of a language a .txt. [default: the next "
    "free NAME-samples.png]",
)
@click.option("--prompt", help="Of a language: the text to go on from.")
@click.option(
    "--length",
    type=click.IntRange(1, MOST),
    help=f"Of a language: tokens to draw. [default: {LENGTH}]",
)
@click.option(
    "--temperature",
    type=float,
    callback=finite,
    help="Of a language: logits are divided by it; 0 takes the likeliest "
    "token. [default: 1]",
)
@click.option(
    "--top-k",
    type=click.IntRange(1),
    help="Of a language: only so many likeliest tokens.",
)
@click.option(
    "--top-p",
    type=float,
    callback=finite,
    help="Of a language: only the likeliest that together are so probable.",
)
@click.option(
    "--from",
    "recipe_path",
    type=Path,
    metavar="PICTURE.png",
    help="Repeat what drew this picture; other options change the recipe.",
)
@backend_options
@json_option
def command(
    source: Path | None,
    recipe_path: Path | None,
    out: Path | None,
    way: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Draw new examples from a trained generator, or text from a language.

    Every PNG carries its recipe: run, weights, sampler, steps, seed.

    \b
    kn sample ckpts/vae
    kn sample ckpts/ddpm -n 64 --sampler dpmpp_2m --steps 20 --class 7
    kn sample ckpts/gan -n 1000 --no-grid -o fakes/
    kn sample --from ddpm-samples.png
    kn sample ckpts/lstm --prompt "ROMEO:" --temperature 0.8 --top-p 0.95
    """
    from kerasnotes import api

    if source is not None and _writes(source):
        options |= {"recipe": recipe_path, "trajectory": way}
        _write(source, out, as_json, options)
        return
    with progress_bar(quiet=as_json) as progress:
        samples = api.sample(
            source,
            recipe=recipe_path,
            trajectory=way or False,
            out=out or True,
            progress=progress,
            **options,
        )
    for warning in samples.warnings:
        click.secho(f"Warning: {warning}", fg="yellow", err=True)
    told = samples.to_json()
    if as_json:
        print_json(told)
    else:
        _print_text(told)


def _writes(source: Path) -> bool:
    from kerasnotes.use.trained import task_of

    return task_of(source) == "language"


def _write(
    source: Path, out: Path | None, as_json: bool, options: dict[str, Any]
) -> None:
    """Draws text and shows it as it comes."""
    from kerasnotes import api

    def tell(piece: str) -> None:
        click.echo(piece, nl=False)

    text = api.sample(
        source, out=out or False, tell=None if as_json else tell, **options
    )
    if as_json:
        print_json(text.to_json())
        return
    click.echo()
    for warning in text.warnings:
        click.secho(f"Warning: {warning}", fg="yellow", err=True)
    click.echo(
        f"{text.tokens:,} tokens in {text.seconds:.1f} s, seed {text.seed}"
        + (f", in {text.path}" if text.path else ""),
        err=True,
    )


_SAME = {
    True: "The same as before, bit for bit.",
    False: "Not the same as before: another backend, device or version.",
}


def _print_text(told: dict[str, Any]) -> None:
    used = {"seed": told["seed"], "class": told["class"], **told["used"]}
    words = ", ".join(f"{k} {v}" for k, v in used.items() if v is not None)
    click.echo(
        f"{told['count']:,} samples of {told['run']} in "
        f"{told['seconds']:.1f} s: {words}"
    )
    if told["same"] is not None:
        click.echo(_SAME[told["same"]])
    names = {
        "grid": "Picture",
        "values": "Values",
        "way": "Way",
        "folder": "Folder",
    }
    for key, name in names.items():
        if told[key]:
            click.echo(f"{name:<8} {told[key]}")
    picture = told["grid"] or (told["files"] or [None])[0]
    next_ = [shell_command("eval", told["run"])]
    if picture:
        next_ = [shell_command("sample", "--from", picture), *next_]
    click.echo("Next     " + "   or   ".join(next_))
