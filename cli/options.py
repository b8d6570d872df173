"""Options that several verbs share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
BACKENDS = ("tensorflow", "jax", "torch")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


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


def split_names(text: str | None) -> list[str] | None:
    """Returns the names in `a, b,c`, without the blanks around them."""
    return [name.strip() for name in text.split(",")] if text else None
