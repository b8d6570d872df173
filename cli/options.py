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


def finite(ctx: Any, option: Any, value: float | None) -> float | None:
    """Refuses NaN and infinity, which click takes for numbers."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number.")
    return value


def split_names(text: str | None) -> list[str] | None:
    """Returns the names in `a, b,c`, without the blanks around them."""
    return [name.strip() for name in text.split(",")] if text else None
