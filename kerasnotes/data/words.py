"""The options of a command that reads a source as a configuration does."""

import re

from kerasnotes.base.config import DataConfig

SOURCE = "<arrays>"
"""What a record calls data that were in memory; no path of a user's."""
_SIMPLE = re.compile(r"\w([\w .()/-]*[\w)])?")
"""Texts that need no quotes in a list of YAML."""
_DECIDED_LATER = {"source", "augment", "patch"}
"""Fields that do not change what is read from a source."""


def option_words(config: DataConfig) -> list[str]:
    """Returns the options that read a source as `config` does.

    `kn data` and `kn fit` both take them; what is default is left out.
    """
    words: list[str] = []
    values = config.model_dump(mode="json", exclude_defaults=True)
    for name, value in values.items():
        if name == "classes":
            words += ["--classes", ",".join(value)]
        elif name == "target":
            several = value if isinstance(value, list) else [value]
            words += [word for one in several for word in ("--target", one)]
        elif name in ("horizon", "window"):
            words += [f"--{name}", str(value)]
        elif name not in _DECIDED_LATER and value != "images":
            words += ["--set", f"data.{name}={_written(value)}"]
    return words


def _written(value: object) -> str:
    """Returns a setting's value as YAML reads it, without needless quotes."""
    if isinstance(value, list) and all(map(_is_simple, value)):
        return "[" + ",".join(value) + "]"
    return str(value)


def _is_simple(text: object) -> bool:
    return isinstance(text, str) and bool(_SIMPLE.fullmatch(text))
