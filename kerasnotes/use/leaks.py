"""Examples that a model was trained on, among others that it is measured on.

Looked for where a look is cheap: in few enough examples, while what they were
trained on still lies in a file or folder. Else that is said.
"""

import os
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Split
from kerasnotes.data.meaning.twins import digests
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.tasks.matching import arrange, match
from kerasnotes.use.measured_data import Source, fingerprint_of, load_for
from kerasnotes.use.trained import Trained

MOST_BYTES = 64 * 2**20
"""Of the training's data, on disk."""
MOST = 50_000
"""Examples of either."""
BATCH = 256
_UNSEEN = (
    "It was not looked at whether the model was trained on some of these "
    "examples."
)


def tell_seen(
    trained: Trained, part: Split, source: Source | None, own: bool
) -> list[str]:
    """Says how many examples of other data the model was trained on.

    Args:
        trained: The model.
        part: What is measured, as the model takes it.
        source: Where it is from.
        own: Whether those are the training's data: their parts are told of
            when they are read.

    Returns:
        A sentence; none where there is no such example.
    """
    if source is None or own or fingerprint_of(trained) is None:
        return []
    if len(part) > MOST or not _is_small(trained):
        return [_UNSEEN]
    try:
        _, data = load_for(trained, None)
        if data.fingerprint != fingerprint_of(trained):
            return [_UNSEEN]
        data = arrange(data, trained.spec)
        known = _digests(match(data.train, data.spec, trained.spec))
        found = int(np.isin(_digests(part), known).sum())
    except (DataError, UsageError):
        # What cannot be read any more, or not so, is not compared.
        return [_UNSEEN]
    if not found:
        return []
    many = "s are" if found > 1 else " is"
    same = "equal to ones" if found > 1 else "equal to one"
    return [
        f"{found:,} of the {len(part):,} example{many} {same} that the model "
        "was trained on: the metrics flatter."
    ]


def _is_small(trained: Trained) -> bool:
    path = trained.record.get("data", {}).get("path")
    if path is None or not Path(path).exists():
        return False
    total = 0
    for file in _files(Path(path)):
        total += os.path.getsize(file)
        if total > MOST_BYTES:
            return False
    return True


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [
        Path(root, name)
        for root, _, names in os.walk(path)
        for name in names
        if Path(root, name).is_file()
    ]


def _digests(split: Split) -> Array:
    """Returns 64 bits of each first input, `(N,)`; sizes may differ."""
    size = BATCH if hasattr(split, "read") else 1
    found = [np.empty(0, "uint64")]
    for indices in parts(min(len(split), MOST), size):
        x, _ = read_batch(split, indices)
        found.append(
            digests(next(iter(x.values())) if isinstance(x, dict) else x)
        )
    return np.concatenate(found)
