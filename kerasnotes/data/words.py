"""The options of a command that reads a source as a configuration does."""

from kerasnotes.base.config import DataConfig

SOURCE = "<arrays>"
"""What a record calls data that were in memory; no path of a user's."""
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
        elif name not in _DECIDED_LATER:
            words += ["--set", f"data.{name}={value}"]
    return words
