"""Examples that training and another part have in common: they flatter.

`kn data` looks at every example, and names them. Before a training they are
counted, where a look is cheap: in arrays, and in files by their bytes.
"""

import collections
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasnotes.data.dataset import Array, Dataset, Split
from kerasnotes.data.meaning.twins import digests
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.image_split import ImageSplit
from kerasnotes.data.reading import parts

ROWS = 8192
"""Examples looked at together."""
MOST_BYTES = 256 * 2**20
"""Of files that are read for their contents; of examples in memory."""
OTHERS = ("validation", "test")


def tell_shared(data: Dataset, problems: Problems) -> None:
    """Notes how many examples other parts share with the training part.

    Args:
        data: The data set.
        problems: Told of each part that shares some.
    """
    splits = {part: data.split(part) for part in ("train", *OTHERS)}
    keys = _keys(list(splits.values()))
    if keys is None:
        return
    train, *others = keys
    for part, own in zip(OTHERS, others, strict=True):
        count = int(np.isin(own, train).sum())
        if count:
            are = "is also an example" if count == 1 else "are also examples"
            problems.note(
                f"{count:,} of the {len(own):,} {part} examples {are} of the "
                "training part: its metrics will flatter."
            )


def _keys(splits: Sequence[Split]) -> list[Array] | None:
    """Returns 64 bits `(N,)` of each example, part by part, if cheap."""
    memory = [one for one in splits if isinstance(one, MemorySplit)]
    if len(memory) == len(splits):
        return _of_arrays(memory)
    files = [one for one in splits if isinstance(one, ImageSplit)]
    return _of_files(files) if len(files) == len(splits) else None


def _of_arrays(splits: Sequence[MemorySplit]) -> list[Array] | None:
    first, _ = splits[0].read(np.arange(min(1, len(splits[0]))))
    if first.nbytes * sum(map(len, splits)) > MOST_BYTES:
        return None
    found = []
    for split in splits:
        keys = [np.empty(0, "uint64")]
        keys += [digests(split.read(r)[0]) for r in parts(len(split), ROWS)]
        found.append(np.concatenate(keys))
    return found


def _of_files(splits: Sequence[ImageSplit]) -> list[Array] | None:
    """Returns keys by contents where sizes are equal, else by size."""
    sizes = [[path.stat().st_size for path in s.paths] for s in splits]
    often = collections.Counter(size for each in sizes for size in each)
    alike = sum(size * times for size, times in often.items() if times > 1)
    if alike > MOST_BYTES:
        return None
    return [
        np.array(
            [
                _contents(path) if often[size] > 1 else size
                for path, size in zip(split.paths, each, strict=True)
            ],
            "uint64",
        )
        for split, each in zip(splits, sizes, strict=True)
    ]


def _contents(path: Path) -> int:
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
