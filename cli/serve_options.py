"""The options of `kn serve`, made from what the server can be told.

Flag, default, range and help stand in `ServeOptions` and its blocks; here is
only what click makes of them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import click
from click.core import ParameterSource

from kerasnotes.serving.engine.option import Settings
from kerasnotes.serving.process.options import ServeOptions

from .shared.options import finite

VARIABLES = {"--api-key": "KN_API_KEY"}
"""Environment variables that stand for an option."""
BETWEEN = "__"
"""Parts the names of block and field in click's name of an option."""


class Sizes(click.ParamType):  # type: ignore[type-arg]
    """Numbers between commas: `1,8,64`."""

    name = "sizes"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        parts = value.split(",")
        if not all(part.strip().isdecimal() for part in parts):
            self.fail(f"{value!r} is no list of sizes.", param, ctx)
        return tuple(map(int, parts))


def serve_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for each setting that has a flag."""
    for path, field in reversed(list(settings())):
        function = _make_option(path, field)(function)
    return function


def read_options(
    context: click.Context, given: dict[str, Any], **rest: Any
) -> ServeOptions:
    """Returns what was given on the command line as one value.

    Args:
        context: Knows what the user wrote, and what is a default.
        given: Values by click's names.
        **rest: Settings without a flag.

    Raises:
        UsageError: If one of them, or two together, make no sense.
    """
    values: dict[str, Any] = dict(rest)
    for name, value in given.items():
        *blocks, field = name.split(BETWEEN)
        holder = values
        for block in blocks:
            holder = holder.setdefault(block, {})
        holder[field] = value
    source = context.get_parameter_source("batching__size")
    values["batching"]["foreign"] = source is not ParameterSource.DEFAULT
    return ServeOptions.model_validate(values)


def settings(
    block: type[Settings] = ServeOptions, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yields every setting with a flag: its path of names, and its field."""
    for name, field in block.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Settings):
            yield from settings(kind, (*path, name))
        elif field.json_schema_extra:
            yield (*path, name), field


def _make_option(path: tuple[str, ...], field: Any) -> Any:
    flag, unit, scale = field.json_schema_extra.values()
    return click.option(
        flag,
        BETWEEN.join(path),
        help=field.description,
        metavar=unit,
        envvar=VARIABLES.get(flag),
        **_typed(field, scale),
    )


def _typed(field: Any, scale: float) -> dict[str, Any]:
    """Returns click's arguments for the type of a field."""
    kind, default = _plain(field.annotation), field.default
    if kind is bool:
        return {"is_flag": True}
    if kind is Path:
        return {"type": click.Path(exists=True, dir_okay=False, path_type=Path)}
    if get_origin(kind) is tuple:
        texts = get_args(kind)[0] is str
        return {"multiple": True} if texts else {"type": Sizes(), "default": ()}
    shown = {"default": default, "show_default": default is not None}
    if kind is str:
        return shown
    bounds = [_bound(field, name, scale) for name in ("ge", "le")]
    if kind is int and scale == 1:
        return {"type": click.IntRange(*bounds), **shown}

    def scaled(context: Any, option: Any, value: float) -> float:
        finite(context, option, value)
        return round(value * scale) if kind is int else value * scale

    shown["default"] = default / scale
    return {"type": click.FloatRange(*bounds), "callback": scaled, **shown}


def _plain(annotation: Any) -> Any:
    """Returns the type of `T` and of `T | None`: `T`."""
    if get_origin(annotation) is tuple:
        return annotation
    return next(
        (each for each in get_args(annotation) if each is not type(None)),
        annotation,
    )


def _bound(field: Any, name: str, scale: float) -> Any:
    """Returns a field's bound in the command line's unit."""
    for each in field.metadata:
        if hasattr(each, name):
            bound = getattr(each, name) / scale
            return int(bound) if bound == int(bound) else bound
    return None
