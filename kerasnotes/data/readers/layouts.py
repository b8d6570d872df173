"""Which layout a folder of images has: classes, masks, pairs, pictures.

Folders are recognised by their names in any usual spelling, and by what they
hold. What may be one of two layouts is refused, with the names of both.
"""

import dataclasses
from pathlib import Path
from typing import Literal

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.folder_names import Meaning, read_name
from kerasnotes.data.readers.mask_pairs import are_paired
from kerasnotes.data.readers.resemblance import other_meaning
from kerasnotes.data.splitting import PARTS

LAYOUTS = (
    "one sub-folder per class, or `images/` and `masks/`, or `x.png` beside "
    "`x_mask.png`, or `train/` and `test/` that hold any of these; or "
    "pictures alone, for a generator"
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
_TWO_MEANINGS = ("train", "valid")
"""Words of a split that may as well name a class beside others."""


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


def find_layout(root: Path, problems: Problems) -> Layout:
    """Returns the layout of a folder.

    Args:
        root: The folder.
        problems: Told what is left out.

    Raises:
        DataError: If it has none, or may have one of several.
    """
    folders = listing.sub_folders(root)
    return (
        _find_roles(root, folders, problems)
        or _find_parts(root, folders, problems)
        or _find_classes(root, folders, problems)
    )


def _find_roles(
    root: Path, folders: Folders, problems: Problems
) -> Layout | None:
    """Looks for images and masks in folders of their own."""
    pair = _role_pair(root, folders)
    if pair is not None:
        _check_pictures(*pair)
        parts = _split_inside(*pair) or {"all": pair}
        _mention(folders, {folder for folder in pair}, problems)
        return Layout("masks", parts)
    beside = _beside(folders)
    if "train" in beside:
        _mention(
            folders, {f for pair in beside.values() for f in pair}, problems
        )
        return Layout("masks", _ordered(beside))
    return None


def _role_pair(root: Path, folders: Folders) -> tuple[Path, Path] | None:
    images = _pick(folders, (None, "images"))
    masks = _pick(folders, (None, "masks"))
    if images and masks:
        return images, masks
    inside = images and any(map(listing.pictures, _below(images)))
    if images and not (inside and len(folders) == 1):
        raise _lacks(root, folders, "masks")
    if masks and len(folders) == 1:
        raise _lacks(root, folders, "images")
    return None


def _below(folder: Path) -> list[Path]:
    return list(listing.sub_folders(folder).values())


def _lacks(root: Path, folders: Folders, name: str) -> DataError:
    hint = "one mask per image, named like it, in masks/"
    if name == "masks":
        images = _pick(folders, (None, "images"))
        hint += f"; for a generator, `{images}` alone is enough"
    return DataError(
        f"{root} has no {name}/.",
        expected="`images/` and `masks/` with equal file stems",
        received=_list(folders) or "neither",
        hint=hint,
    )


def _pick(folders: Folders, meaning: Meaning) -> Path | None:
    """Returns the folder whose name says so; of several, the one in use.

    Raises:
        DataError: If several hold pictures.
    """
    named = [
        path for name, path in folders.items() if read_name(name) == meaning
    ]
    holding = [path for path in named if listing.pictures(path)]
    if len(holding) > 1:
        part, role = meaning
        names = " and ".join(f"{path.name}/" for path in holding)
        raise DataError(
            f"There are two {part + ' parts' if part else 'folders'}"
            f"{' of ' + role if role else ''}: {names}.",
            expected="one of each",
            received=_list(folders),
            hint="rename or remove one",
        )
    return next(iter(holding or named), None)


def _check_pictures(images: Path, masks: Path) -> None:
    """Raises a `DataError` if masks are no pictures: boxes or outlines."""
    if listing.pictures(masks) or not listing.pictures(images):
        return
    others = listing.other_files(masks)
    raise DataError(
        f"{masks} holds no picture.",
        expected="a mask for each image: a picture of its size",
        received=f"{len(others)} other files"
        + (f", {', '.join(others[:3])}" if others else ""),
        hint="boxes of a detector, and outlines in JSON or XML, are not read: "
        "draw them into masks",
    )


def _split_inside(
    images: Path, masks: Path
) -> dict[str, tuple[Path, ...]] | None:
    """Returns `images/train` and `masks/train` as a part, and so on."""
    first, second = listing.sub_folders(images), listing.sub_folders(masks)
    found = {
        part: (image, mask)
        for part in PARTS
        if (image := _pick(first, (part, None)))
        and (mask := _pick(second, (part, None)))
    }
    return dict(found) if "train" in found else None


def _beside(folders: Folders) -> dict[str, tuple[Path, ...]]:
    """Returns `train_images` or `train`, and `train_masks`, as a part."""
    found: dict[str, tuple[Path, ...]] = {}
    for part in PARTS:
        masks = _pick(folders, (part, "masks"))
        images = _pick(folders, (part, "images")) or _pick(
            folders, (part, None)
        )
        if images and masks:
            _check_pictures(images, masks)
            found[part] = (images, masks)
    return found


def _find_parts(
    root: Path, folders: Folders, problems: Problems
) -> Layout | None:
    """Looks for a split on disk."""
    named = {part: _pick(folders, (part, None)) for part in PARTS}
    parts = {part: path for part, path in named.items() if path}
    filled = {part: f for part, f in parts.items() if listing.pictures(f)}
    others = [
        path
        for name, path in folders.items()
        if path not in parts.values() and listing.pictures(path)
    ]
    if not filled or _are_classes(filled, others, problems):
        return None
    if "train" not in filled:
        raise _unclear(root, folders, "a split without a train/")
    _mention(folders, set(filled.values()), problems)
    nested = {
        part: folder
        for part, folder in filled.items()
        if any(map(listing.pictures, _below(folder)))
    }
    if "train" in nested:
        return _nested(nested, filled, problems)
    if others or nested:
        raise _unclear(root, folders, "a split beside other folders")
    train = filled["train"]
    paired = are_paired(listing.pictures(train), train)
    return Layout("pairs" if paired else "pictures", _single(filled))


def _are_classes(
    parts: Folders, others: list[Path], problems: Problems
) -> bool:
    """Returns whether a single `train/` is a class beside others: a vehicle."""
    [first, *more] = parts.values()
    flat = not any(map(listing.pictures, _below(first)))
    alone = not more and flat and first.name.lower() in _TWO_MEANINGS
    if alone and others:
        problems.note(
            f"{first.name}/ is taken for a class, beside the others; a part "
            "of a split would hold folders."
        )
    return bool(alone and others)


def _nested(nested: Folders, filled: Folders, problems: Problems) -> Layout:
    """Returns the layout of parts that hold folders."""
    train = nested["train"]
    if are_paired(listing.pictures(train), train):
        return Layout("pairs", _single(filled))
    masks = _role_pair(train, listing.sub_folders(train)) is not None
    what = "masks" if masks else "class folders"
    for part in filled.keys() - nested.keys():
        problems.note(f"{filled[part].name}/ has no {what} and is not used.")
    if masks:
        return _nested_masks(nested, problems)
    classes = {
        path.name.casefold(): path
        for folder in nested.values()
        for path in _below(folder)
        if listing.pictures(path)
    }
    if len(classes) == 1:
        return Layout("pictures", _single(nested))
    _check_meaning(train, listing.sub_folders(train), list(classes.values()))
    return Layout("classes", _single(nested))


def _nested_masks(nested: Folders, problems: Problems) -> Layout:
    """Returns images and masks of every part."""
    found: dict[str, tuple[Path, ...]] = {}
    for part, folder in nested.items():
        inside = listing.sub_folders(folder)
        pair = _role_pair(folder, inside)
        if pair is None:
            raise _lacks(folder, inside, "masks")
        _check_pictures(*pair)
        _mention(inside, set(pair), problems)
        found[part] = pair
    return Layout("masks", found)


def _find_classes(root: Path, folders: Folders, problems: Problems) -> Layout:
    """Takes the folders for classes, if there are several with pictures."""
    files = listing.pictures(root)
    if not files:
        raise _no_layout(root, folders)
    if are_paired(files, root):
        return Layout("pairs", {"all": (root,)})
    holding = [path for path in folders.values() if listing.pictures(path)]
    own = [path for path in files if path.parent == root]
    if len(holding) == 1:
        if own:
            raise _unclear(
                root, folders, f"{len(own)} pictures beside a folder"
            )
        return _inside(holding[0], problems)
    if not holding:
        _tell_tables(root, problems)
        return Layout("pictures", {"all": (root,)})
    if own:
        problems.note(
            f"Left out: {len(own)} pictures beside the class folders, "
            f"{own[0].name} among them."
        )
    _check_meaning(root, folders, holding)
    return Layout("classes", {"all": (root,)})


def _check_meaning(root: Path, folders: Folders, holding: list[Path]) -> None:
    meaning = other_meaning(holding)
    if meaning is not None:
        raise _unclear(root, folders, meaning)


def _inside(folder: Path, problems: Problems) -> Layout:
    """Returns the layout of the only folder that holds pictures."""
    if any(map(listing.pictures, _below(folder))):
        return find_layout(folder, problems)
    _tell_tables(folder, problems)
    return Layout("pictures", {"all": (folder,)})


def _tell_tables(folder: Path, problems: Problems) -> None:
    tables = [
        name
        for name in listing.other_files(folder)
        if name.lower().endswith((".csv", ".tsv", ".json", ".xml"))
    ]
    if tables:
        problems.note(
            f"Labels in {tables[0]} are not read: the pictures have none. "
            "Classes are sub-folders."
        )


def _single(parts: Folders) -> dict[str, tuple[Path, ...]]:
    return {part: (parts[part],) for part in PARTS if part in parts}


def _ordered(
    parts: dict[str, tuple[Path, ...]],
) -> dict[str, tuple[Path, ...]]:
    return {part: parts[part] for part in PARTS if part in parts}


def _mention(folders: Folders, used: set[Path], problems: Problems) -> None:
    for name, path in folders.items():
        if path not in used:
            problems.note(f"{name}/ holds nothing of this layout: not used.")


def _unclear(root: Path, folders: Folders, what: str) -> DataError:
    return DataError(
        f"The layout of {root} is not clear: it looks like {what}.",
        expected=LAYOUTS,
        received=_list(folders),
        hint="rename or move what does not belong; `kn data --help` shows the "
        "layouts",
    )


def _list(folders: Folders) -> str:
    return ", ".join(f"{name}/" for name in folders)


def _no_layout(root: Path, folders: Folders) -> DataError:
    inside = f"{len(folders)} sub-folders" if folders else "no sub-folders"
    received = (
        f"{inside}, no image among {len(listing.other_files(root))} files"
    )
    if not any(root.iterdir()):
        received = "an empty folder"
    return DataError(
        f"There is no data set in `{root}`.",
        expected=LAYOUTS,
        received=received,
        hint="`kn data --help` shows the layouts",
    )
