"""Sources that a model is to be measured on, and what is said of bad ones."""

import re
from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.load import load
from kerasnotes.data.readers.tables.table_rows import SUFFIXES
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.misfit import form_of

_SETTING = re.compile(
    r"--(set|classes|threshold|instances|ignore|horizon|window)\b|data\.[a-z]"
)
"""What trains a model is settled: `kn eval` takes no such option."""


def load_measured(
    config: DataConfig, held: InMemory | None, model: Spec
) -> Dataset:
    """Loads data that a model is measured on.

    Args:
        config: How they are read, as the model was trained.
        held: Examples in memory, in place of the source.
        model: What the model was trained on.

    Raises:
        DataError: With no advice but what can be followed.
    """
    if held is None:
        _check_kind(config.source, model)
    try:
        return load(config, held, measured=True)
    except DataError as error:
        raise _followable(error) from None


def _check_kind(source: str, model: Spec) -> None:
    """Refuses a table of a model of images before its label is looked for."""
    path = Path(source).expanduser()
    table = path.suffix.lower() in SUFFIXES and path.is_file()
    if table and model.of_files.input.kind == "image":
        raise DataError(
            f"{path} is a table, and the model takes images.",
            expected=form_of(model) or "images",
            received=path.name,
        )


def _followable(error: DataError) -> DataError:
    hint = error.hint
    if hint is not None and not hint.startswith("`kn data"):
        hint = _without_settings(hint)
    return DataError(
        error.message,
        expected=_without_settings(error.expected or ""),
        received=error.received,
        hint=hint,
    )


def _without_settings(text: str) -> str | None:
    """Returns a sentence without the choices that name settings."""
    clauses = (
        ", or ".join(
            choice
            for choice in re.split(", or,? ", clause)
            if not _SETTING.search(choice)
        )
        for clause in text.split("; ")
    )
    return "; ".join(filter(None, clauses)) or None
