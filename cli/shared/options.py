"""Options that several verbs share."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
BACKENDS = ("tensorflow", "jax", "torch")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


class RunPath(click.Path):
    """A run's folder or a `.keras` file; a bare name is one below ckpts/."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        from kerasnotes.runs.run import find_run

        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        return find_run(path, lambda line: click.echo(line, err=True))


def backend_options(function: F) -> F:
    """Adds --backend and --precision."""
    function = click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        help="Arithmetic; by default the best for the device.",
    )(function)
    return click.option(
        "--backend",
        type=click.Choice(BACKENDS),
        help="Framework; by default KERAS_BACKEND, keras.json, or the best.",
    )(function)


def sampling_options(function: F) -> F:
    """Adds --sampler, --schedule, --steps, --guidance and --eta."""
    for option in reversed(
        (
            click.option("--sampler", help="How the way is walked: dpmpp_2m."),
            click.option("--schedule", help="Its noise levels: karras."),
            click.option(
                "--steps", type=click.IntRange(1), help="Steps of the sampler."
            ),
            click.option(
                "--guidance",
                type=float,
                callback=finite,
                help="Weight of the class asked for; 1 is no guidance.",
            ),
            click.option(
                "--eta",
                type=float,
                callback=finite,
                help="Noise of DDIM, 0 to 1.",
            ),
        )
    ):
        function = option(function)
    return function


def mask_options(function: F) -> F:
    """Adds --threshold, --instances and --ignore: what mask values mean."""
    for option in reversed(
        (
            click.option(
                "--threshold",
                type=click.IntRange(1, 65_535),
                help="Two classes of masks with soft edges: below, and from "
                "this grey value on.",
            ),
            click.option(
                "--instances",
                is_flag=True,
                default=None,
                help="Join the numbers of objects in masks to one class.",
            ),
            click.option(
                "--ignore",
                type=click.IntRange(0, 0xFFFFFF),
                help="Mask value of pixels to leave out, often 255.",
            ),
        )
    ):
        function = option(function)
    return function


def series_options(function: F) -> F:
    """Adds --horizon and --window: a table as a series in time."""
    for option in reversed(
        (
            click.option(
                "--horizon",
                type=click.IntRange(1, 100_000),
                metavar="ROWS",
                help="Take a table for a series in time, and forecast so many "
                "rows.",
            ),
            click.option(
                "--window",
                type=click.IntRange(1, 100_000),
                metavar="ROWS",
                help="Of a series: rows that a forecast is made from; of a "
                "language: tokens of an example.",
            ),
        )
    ):
        function = option(function)
    return function


def target_option(function: F) -> F:
    """Adds --target: one column or key, `a,b`, or given several times."""
    option = click.option(
        "--target",
        multiple=True,
        metavar="COLUMN",
        callback=lambda ctx, option, value: _one_or_several(value),
        help="Label column or key. Several measured columns: a,b, or repeat "
        "it.",
    )
    return option(function)


def _one_or_several(value: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return value if len(value) > 1 else next(iter(value), None)


SERIES = ("horizon", "window")
"""The settings of the data that `series_options` adds."""
MASKS = ("threshold", "instances", "ignore")
"""The settings of the data that `mask_options` adds."""


def foreign_options(function: F) -> F:
    """Adds --classes, --answers and --scale, for files of plain Keras."""
    for option in reversed(
        (
            click.option(
                "--classes",
                metavar="A,B,C",
                callback=lambda ctx, option, value: split_names(value),
                help="Of a file of plain Keras: every class, in the order of "
                "its outputs; by default the data's order.",
            ),
            click.option(
                "--answers",
                type=click.Choice(["probabilities", "logits"]),
                help="What the numbers of such a file are, if it does not say.",
            ),
            click.option(
                "--scale",
                nargs=2,
                type=float,
                metavar="LOW HIGH",
                callback=finite,
                help="What it takes the smallest and largest raw value as.",
            ),
        )
    ):
        function = option(function)
    return function


def finite(ctx: Any, option: Any, value: Any) -> Any:
    """Refuses NaN and infinity, which click takes for numbers."""
    for number in value if isinstance(value, tuple) else (value,):
        if number is not None and not math.isfinite(number):
            raise click.BadParameter(f"{number} is not a finite number.")
    return value


def split_names(text: str | None) -> list[str] | None:
    """Returns the names in `a, b,c`, without the blanks around them."""
    return [name.strip() for name in text.split(",")] if text else None
