"""A layout of a folder of images, and what every search for one needs."""

import dataclasses
from pathlib import Path
from typing import Literal

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.folder_names import Meaning, read_name
from kerasnotes.data.splitting import PARTS

LAYOUTS = (
    "one sub-folder per class, or `images/` and `masks/`, or `x.png` beside "
    "`x_mask.png`, or `train/` and `test/` that hold any of these; or "
    "pictures alone, for a generator; or one sub-folder per class of .txt "
    "files, or of .csv files, a sequence each"
)
Kind = Literal["classes", "masks", "pairs", "pictures"]
Folders = dict[str, Path]
"""Sub-folders by name."""

_KINDS: dict[Kind, str] = {
    "classes": "a folder a class",
    "masks": "images and their masks in folders of their own",
    "pairs": "an image and its mask side by side",
    "pictures": "pictures without a label",
}


@dataclasses.dataclass(frozen=True)
class Layout:
    """A layout that was found.

    Args:
        kind: Which.
        parts: Folders of `all`, or of `train` and other parts: two for
            `masks`, one otherwise.
    """

    kind: Kind
    parts: dict[str, tuple[Path, ...]]

    def describe(self, root: Path) -> str:
        """Returns the layout in a sentence."""
        text = f"Layout: {_KINDS[self.kind]}"
        if "all" not in self.parts:
            text += ", divided on disk"
        places = [
            _names(root, folders) + ("" if part == "all" else f" ({part})")
            for part, folders in self.parts.items()
        ]
        told = ", ".join(place for place in places if place)
        return f"{text}: {told}." if told else f"{text}."


def _names(root: Path, folders: tuple[Path, ...]) -> str:
    inside = [folder for folder in folders if folder != root]
    return " and ".join(f"{f.relative_to(root).as_posix()}/" for f in inside)


def pick(folders: Folders, meaning: Meaning) -> Path | None:
    """Returns the folder whose name says so; of several, the one in use.

    Raises:
        DataError: If several hold pictures.
    """
    named = [
        path for name, path in folders.items() if read_name(name) == meaning
    ]
    holding = [path for path in named if listing.has_pictures(path)]
    if len(holding) > 1:
        part, role = meaning
        names = " and ".join(f"{path.name}/" for path in holding)
        raise DataError(
            f"There are two {part + ' parts' if part else 'folders'}"
            f"{' of ' + role if role else ''}: {names}.",
            expected="one of each",
            received=listed(folders),
            hint="rename or remove one",
        )
    return next(iter(holding or named), None)


def below(folder: Path) -> list[Path]:
    """Returns the sub-folders, sorted."""
    return list(listing.sub_folders(folder).values())


def single(parts: Folders) -> dict[str, tuple[Path, ...]]:
    """Returns parts of one folder each, in the order of a split."""
    return {part: (parts[part],) for part in PARTS if part in parts}


def mention(folders: Folders, used: set[Path], problems: Problems) -> None:
    """Tells of the folders that are not used."""
    for name, path in folders.items():
        if path not in used:
            problems.note(_unused(name, path, used))


def _unused(name: str, path: Path, used: set[Path]) -> str:
    """Says why a folder is not used: what it holds, or what it is called."""
    own = set(listing.sub_folders(path))
    twin = next((one for one in used if own and own <= _inside(one)), None)
    if twin is None:
        return f"{name}/ holds nothing of this layout: not used."
    return (
        f"{name}/ holds the same folders as {twin.name}/, but its name says "
        "no part: not used. Rename it to validation/ or test/."
    )


def _inside(folder: Path) -> set[str]:
    return set(listing.sub_folders(folder))


def unclear(root: Path, folders: Folders, what: str) -> DataError:
    """Says what a folder looks like, and what would be clear."""
    return DataError(
        f"The layout of {root} is not clear: it looks like {what}.",
        expected=LAYOUTS,
        received=listed(folders),
        hint="rename or move what does not belong; `kn data --help` shows the "
        "layouts",
    )


def listed(folders: Folders) -> str:
    """Returns the names of folders as text."""
    return ", ".join(f"{name}/" for name in folders)
