"""Tables of texts and what they are translated to, a pair a row."""

from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import columns
from kerasnotes.data.pairs.pair_making import Pairs, make_pairs
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table_file import TableFile, read_columns

APART = 0.5
"""Part of the rows whose texts differ, in a column of sources or targets."""
MOST = 3
"""Columns of a table that is taken for pairs unasked: two, and whose."""


def choose_pair(
    table: TableFile, place: str, config: DataConfig
) -> tuple[str, str] | None:
    """Returns the columns of sources and targets, if rows are such pairs.

    That is a guess, unless `data.labels=texts` says so: two columns of texts,
    most of them different, with nothing beside them but a third.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        config: `labels`, `text` and `target`, if the user says so.

    Raises:
        DataError: If there are no such columns.
    """
    if config.labels == "texts":
        return _told(table, place, config)
    alone = config.labels is None and config.target is None
    if not alone or config.text or config.classes or config.horizon:
        return None
    names = table.names
    if not 2 <= len(names) <= MOST or not set(names) <= table.texts:
        return None
    frame = read_columns(table, names)
    apart = [frame[name].n_unique() for name in names[:2]]
    if not len(frame) or min(apart) < APART * len(frame):
        return None
    return names[0], names[1]


def _told(table: TableFile, place: str, config: DataConfig) -> tuple[str, str]:
    """Returns the columns that the user says, or the first that are left."""
    told = config.target if isinstance(config.target, str) else None
    rest = [n for n in table.names if n not in (config.text, told)]
    rest = [n for n in rest if n in table.texts]
    for name in (config.text, told):
        if name is not None and name not in table.names:
            raise DataError(
                f"There is no column {name!r} in {place}.",
                expected=columns.listed(table.names),
                received=name,
                hint=did_you_mean(name, table.names),
            )
    source = config.text or (rest.pop(0) if rest else None)
    target = told or (rest.pop(0) if rest else None)
    if source is None or target is None or source == target:
        raise DataError(
            f"{place} holds no pairs of texts.",
            expected="two columns: --set data.text=SOURCE --target TARGET",
            received=columns.listed(table.names),
        )
    return source, target


def read_pairs(
    table: TableFile,
    place: str,
    chosen: tuple[str, str],
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads a column of sources, and one of targets.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        chosen: The columns.
        config: What the user says of texts.
        problems: Told of what cannot be used.
    """
    frame = read_columns(table, {*table.texts, *chosen})
    guess = "" if config.labels == "texts" else ", a guess (data.labels)"
    source, target = chosen
    problems.note(
        f"Pairs of texts{guess}. Source: column `{source}`; target: column "
        f"`{target}`."
    )
    others = [name for name in table.names if name not in chosen]
    if others:
        problems.note(f"Left out beside them: {columns.listed(others)}.")
    sources, targets = (frame[name].fill_null("").to_list() for name in chosen)
    names = [f"row {row}" for row in range(1, len(frame) + 1)]
    return make_pairs(
        {"all": Pairs(sources, targets, names)},
        config,
        problems,
        name=Path(place).stem,
        columns=chosen,
    )
