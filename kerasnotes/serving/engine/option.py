"""A setting that `kn serve` offers as an option: its one description."""

from typing import Any

import pydantic

from kerasnotes.base.config import Config


def option(
    flag: str,
    default: Any,
    help: str,
    *,
    unit: str | None = None,
    scale: float = 1,
    **bounds: Any,
) -> Any:
    """Returns the field of a setting; `cli/serve_options.py` reads it.

    Args:
        flag: On the command line, `--max-body`.
        default: In the field's own unit.
        help: What the command line says of it.
        unit: On the command line, for people: `MB`.
        scale: That many of the field's own units, bytes, are one of these.
        **bounds: `ge` and `le`, in the field's own unit.
    """
    extra: Any = {"flag": flag, "unit": unit, "scale": scale}
    return pydantic.Field(
        default, description=help, json_schema_extra=extra, **bounds
    )


class Settings(Config):
    """Base of everything that can be set: no NaN, no infinity."""

    model_config = pydantic.ConfigDict(allow_inf_nan=False)
