"""What the name of a folder says: a part of a split, images, masks."""

import re

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
"""Parts of a split, by the words for them in small letters."""
ROLES = {
    **dict.fromkeys(("images", "image", "imgs", "img"), "images"),
    **dict.fromkeys(("masks", "mask", "labels", "label"), "masks"),
    **dict.fromkeys(
        ("annotations", "annotation", "groundtruth", "gt"), "masks"
    ),
}
"""What a folder holds, by the words for it in small letters."""
_FILLERS = ("set", "data", "dataset")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^A-Za-z\d_\- .]+")

Meaning = tuple[str | None, str | None]
"""Part of a split, and role; `None` where the name does not say."""
NOTHING: Meaning = (None, None)


def words_of(name: str) -> list[str]:
    """Returns the words and numbers of a name, in small letters."""
    return [word.lower() for word in _WORD.findall(name)]


def read_name(name: str) -> Meaning:
    """Returns what a folder's name says, in any case and spelling.

    `Training`, `test_set`, `trainImages` and `masks_val` say something;
    a name with any other word in it says nothing.
    """
    words = words_of(name)
    parts = [SPLITS[word] for word in words if word in SPLITS]
    others = [w for w in words if w not in SPLITS and w not in _FILLERS]
    if parts:
        # A year or a number: `train2017`.
        others = [word for word in others if not word.isdigit()]
    role = ROLES.get("".join(others))
    if len(parts) > 1 or (others and role is None):
        return NOTHING
    return (parts[0] if parts else None), role
