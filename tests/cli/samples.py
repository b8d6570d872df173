"""Data sets with one thing wrong each, made where they are needed."""

import struct
import zlib

import h5py
import numpy as np
from PIL import Image


def _image(path, seed=0, side=16):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side))
    Image.fromarray(pixels.astype("uint8")).save(path)
    return path


def _classes(folder, names="ab"):
    for offset, name in enumerate(names):
        for number in range(10):
            _image(folder / name / f"{number}.png", 10 * offset + number)
    return folder


def _masks(folder, masked=10, odd=0):
    """Ten images, `masked` masks of 0 and 1; `odd` instead of the first 0."""
    for number in range(10):
        _image(folder / "images" / f"{number}.png", number)
        if number < masked:
            mask = np.eye(16, dtype="uint8")
            mask[0, 1] = odd
            (folder / "masks").mkdir(exist_ok=True)
            Image.fromarray(mask).save(folder / "masks" / f"{number}.png")
    (folder / "classes.txt").write_text("0 ground\n1 line\n")
    return folder


def png_header(path, width, height):
    """Writes a PNG that claims a size and holds next to nothing."""

    def chunk(kind, body):
        check = zlib.crc32(kind + body)
        return (
            struct.pack(">I", len(body))
            + kind
            + body
            + struct.pack(">I", check)
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    return path


def empty(place):
    (place / "set").mkdir()
    return place / "set"


def text_named_png(place):
    folder = _classes(place / "set")
    (folder / "a/bad.png").write_text("hello")
    return folder


def truncated_jpeg(place):
    folder = _classes(place / "set")
    whole = _image(folder / "a/bad.jpg", side=64).read_bytes()
    (folder / "a/bad.jpg").write_bytes(whole[: len(whole) // 2])
    return folder


def huge_png(place):
    folder = _classes(place / "set")
    png_header(folder / "a/bad.png", 60_000, 60_000)
    return folder


def no_masks(place):
    return _masks(place / "set", masked=0)


def image_without_mask(place):
    return _masks(place / "set", masked=9)


def unknown_mask_value(place):
    return _masks(place / "set", odd=7)


def _npz(place, x, y):
    np.savez(place / "set.npz", x=x, y=y)
    return place / "set.npz"


def pickled_npz(place):
    x = np.array([{1: 2}, None], dtype=object)
    return _npz(place, x, np.array([0, 1]))


def npz_of_two_lengths(place):
    return _npz(place, np.zeros((20, 4), "float32"), np.arange(19) % 2)


def npz_of_nan(place):
    return _npz(place, np.full((40, 4), np.nan, "float32"), np.arange(40) % 2)


def text_named_npz(place):
    (place / "set.npz").write_text("hello")
    return place / "set.npz"


def _csv(place, cell):
    rows = f"1,{cell},x\n2,3,y\n" * 10
    (place / "set.csv").write_text("a,b,label\n" + rows)
    return place / "set.csv"


def csv_missing_value(place):
    return _csv(place, "")


def csv_text_in_numbers(place):
    return _csv(place, "many")


def hdf5_other_keys(place):
    with h5py.File(place / "set.h5", "w") as file:
        file["weights"] = np.zeros((3, 3))
        file["bias"] = np.zeros(3)
    return place / "set.h5"


def text_named_hdf5(place):
    (place / "set.h5").write_text("hello")
    return place / "set.h5"


def missing_path(place):
    return place / "nowhere" / "images"


WRONG = {
    # maker: (note, words of the message)
    missing_path: ("mlp", "does not exist"),
    empty: ("mlp", "an empty folder"),
    text_named_png: ("mlp", "a/bad.png: not an image"),
    truncated_jpeg: ("mlp", "a/bad.jpg: image file is truncated"),
    huge_png: ("mlp", "a/bad.png: claims more than 178,956,970 pixels"),
    no_masks: ("unet", "has no masks/"),
    image_without_mask: ("unet", "images/9.png: no masks/9.*"),
    unknown_mask_value: ("unet", "unknown value 7 (known: 0, 1)"),
    pickled_npz: ("mlp", "pickled Python objects"),
    npz_of_two_lengths: ("mlp", "inputs (20, 4), labels (19,)"),
    npz_of_nan: ("mlp", "NaN or infinity"),
    text_named_npz: ("mlp", "no zip archive"),
    csv_missing_value: ("mlp", "line 2: column b: missing value"),
    csv_text_in_numbers: ("mlp", "'many' is not a number"),
    hdf5_other_keys: ("mlp", "keys bias, weights"),
    text_named_hdf5: ("mlp", "cannot be read as HDF5"),
}
