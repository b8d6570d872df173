"""What arrays are called that hold inputs and labels, and of which part."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

INPUTS = (
    "x",
    "images",
    "data",
    "inputs",
    "image",
    "imgs",
    "img",
    "input",
    "samples",
    "features",
    "arr_0",
)
"""What inputs are called, the likeliest first."""
TARGETS = (
    "y",
    "labels",
    "masks",
    "target",
    "targets",
    "label",
    "lbl",
    "lbls",
    "mask",
    "annotations",
    "gt",
    "arr_1",
)
"""What labels are called."""
LENGTHS = (
    "lengths",
    "length",
    "lens",
    "len",
    "seq_lengths",
    "seq_length",
    "seq_len",
    "sequence_lengths",
    "x_lengths",
    "x_lens",
)
"""What the lengths of padded sequences are called."""
_PARTS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


class Key(NamedTuple):
    """A key, taken apart: `train_images` is `images` of `train`."""

    key: str
    part: str
    role: str


def take_apart(key: str) -> Key:
    """Returns what a key says."""
    words = [w for w in re.split(r"[_/.\- ]+", key.lower()) if w != "set"]
    parts = [word for word in words if word in _PARTS]
    if len(parts) != 1 or len(words) == 1:
        return Key(key, "all", "_".join(words))
    words.remove(parts[0])
    return Key(key, _PARTS[parts[0]], "_".join(words))


def of_part(
    known: Collection[Key], part: str, roles: Collection[str]
) -> Iterator[str]:
    """Yields the keys of one part that have one of these roles."""
    for role in roles:
        wanted = take_apart(role).role
        yield from (
            one.key for one in known if (one.part, one.role) == (part, wanted)
        )
