"""Options of a built-in set, told with its name: `NAME:option=value,...`."""

from typing import TypeVar

from kerasnotes.base import config as cfg
from kerasnotes.base.errors import UsageError

WITH_OPTIONS = (
    "dates",
    "formula",
    "frf-chain",
    "mackey-glass",
    "noisy-sine",
    "spring-chain",
    "truss-loads",
)
ConfigT = TypeVar("ConfigT", bound=cfg.Config)


def base_name(source: str) -> str:
    """Returns a source's name without its options."""
    return source.partition(":")[0]


def check_options(source: str, name: str) -> None:
    """Refuses options of a set that has none.

    Args:
        source: `digits`, or `digits:noise=1`.
        name: Which set that is.
    """
    if base_name(source) != source and name not in WITH_OPTIONS:
        raise UsageError(
            f"The set `{name}` has no options.",
            expected=name,
            received=source,
        )


def read_options(source: str, model: type[ConfigT]) -> ConfigT:
    """Returns the options that a source's name ends with.

    Args:
        source: `frf-chain:noise=0.05,masses=8`, or the name alone.
        model: What can be told.

    Raises:
        UsageError: If an option is unknown, or out of its range.
    """
    name, _, text = source.partition(":")
    given: dict[str, object] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        key, equals, _ = part.partition("=")
        if not equals or key in given:
            raise UsageError(
                f"The options of `{name}` cannot be read.",
                expected=f"{name}:NAME=VALUE,NAME=VALUE, each once",
                received=source,
                hint="options: " + ", ".join(model.model_fields),
            )
        key, value = cfg.parse_setting(part)
        given[key] = value
    return cfg.build(model, given, name)
