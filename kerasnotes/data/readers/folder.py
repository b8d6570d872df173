"""A folder of images, texts or sequences, in whichever layout it has."""

from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import (
    class_folder,
    image_split,
    listing,
    pair_files,
    sequence_folder,
    text_folder,
    ts_file,
)
from kerasnotes.data.readers.layout import Layout
from kerasnotes.data.readers.layouts import find_layout
from kerasnotes.data.readers.masks import mask_folder, mask_pairs


def read(root: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a folder in whichever layout it has, and says which.

    Raises:
        DataError: If it has none, or may have one of several.
    """
    texts = None if listing.has_pictures(root) else text_folder.find_parts(root)
    if texts is not None:
        return text_folder.read(root, texts, config, problems)
    if not listing.has_pictures(root) and (
        found := pair_files.find_files(root)
    ):
        return pair_files.read(root, found, config, problems)
    if not listing.has_pictures(root):
        if files := ts_file.find_files(root):
            return ts_file.read_parts(files, config, problems)
        if sequences := sequence_folder.find_parts(root):
            return sequence_folder.read(root, sequences, config, problems)
    left_out = Problems()
    layout = find_layout(root, left_out)
    problems.note(layout.describe(root))
    for note in left_out.notes:
        problems.note(note)
    if layout.kind == "classes":
        parts = {part: folders[0] for part, folders in layout.parts.items()}
        return class_folder.read(root, parts, config, problems)
    if layout.kind == "pictures":
        return _read_pictures(root, layout, config, problems)
    return _read_masks(root, layout, config, problems)


def _read_pictures(
    root: Path, layout: Layout, config: DataConfig, problems: Problems
) -> Dataset | None:
    files = {
        part: [(path, 0) for path in listing.image_files(folder, problems)]
        for part, (folder, *_) in layout.parts.items()
    }
    return image_split.read(root, files, None, config, problems)


def _read_masks(
    root: Path, layout: Layout, config: DataConfig, problems: Problems
) -> Dataset | None:
    pairs: dict[str, list[mask_pairs.Pair]] = {}
    for part, folders in layout.parts.items():
        if layout.kind == "masks":
            images, masks = folders
            pairs[part] = mask_pairs.by_folders(images, masks, problems)
            continue
        files = listing.image_files(folders[0], problems)
        pairs[part] = mask_pairs.by_endings(files, folders[0], problems)
    return mask_folder.read(root, pairs, config, problems)
