"""Examples that a model was trained on, among others that it is measured on.

Looked for where a look is cheap: in few enough examples, while what they were
trained on still lies in a file or folder. Else that is said.
"""

import dataclasses
import os
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Split
from kerasnotes.data.meaning.twins import digests
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.tasks.matching import arrange, match
from kerasnotes.use.measured_data import fingerprint_of, load_for
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


@dataclasses.dataclass(frozen=True)
class Seen:
    """Which examples a model was trained on, as far as was looked.

    Args:
        known: 64 bits of each, `(N,)`; `None` if nobody looked.
    """

    known: Array | None

    def count(self, part: Split) -> int:
        """Returns how many examples of a part, as the model takes it, are."""
        if self.known is None or len(part) > MOST:
            return 0
        return int(np.isin(_digests(part), self.known).sum())

    def tell(self, part: Split) -> list[str]:
        """Says how many are; none are no sentence."""
        if self.known is None or len(part) > MOST:
            return [_UNSEEN]
        found = self.count(part)
        if not found:
            return []
        many = "s are" if found > 1 else " is"
        same = "equal to ones" if found > 1 else "equal to one"
        return [
            f"{found:,} of the {len(part):,} example{many} {same} that the "
            "model was trained on: the metrics flatter."
        ]


def look(trained: Trained) -> Seen:
    """Returns what a model was trained on, if a look is cheap."""
    if not _is_small(trained):
        return Seen(None)
    try:
        _, data = load_for(trained, None)
        if data.fingerprint != fingerprint_of(trained):
            return Seen(None)
        data = arrange(data, trained.spec)
        train = match(data.train, data.spec, trained.spec)
        return Seen(_digests(train))
    except (DataError, UsageError):
        # What cannot be read any more, or not so, is not compared.
        return Seen(None)


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
