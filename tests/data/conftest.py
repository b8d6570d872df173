"""Small data sets on disk, good and bad ones."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.config import DataConfig


@pytest.fixture
def config():
    """Makes a `DataConfig` of a source and other fields."""

    def make(source="digits", **fields):
        return DataConfig(source=str(source), **fields)

    return make


@pytest.fixture
def class_folder(tmp_path):
    """A folder of 2 classes with 10 grey PNGs each: `a` dark, `b` bright."""
    rng = np.random.default_rng(0)
    for name, level in (("a", 0), ("b", 128)):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(10):
            x = rng.integers(level, level + 100, (20, 30), "uint8")
            Image.fromarray(x).save(tmp_path / "set" / name / f"{i}.png")
    return tmp_path / "set"


@pytest.fixture
def write_pairs(tmp_path):
    """Writes `images/` and `masks/` of given arrays."""

    def write(images, masks, suffix=".png", folder=tmp_path / "pairs"):
        for name, arrays in (("images", images), ("masks", masks)):
            (folder / name).mkdir(parents=True)
            for i, array in enumerate(arrays):
                path = folder / name / f"{i:02d}{suffix}"
                Image.fromarray(array).save(path)
        return folder

    return write


@pytest.fixture
def pairs(write_pairs):
    """Ten pairs of 24x32: a bright square is class 255."""
    rng = np.random.default_rng(0)
    images, masks = [], []
    for _ in range(10):
        mask = np.zeros((24, 32), "uint8")
        top, left = rng.integers(0, 12, 2)
        mask[top : top + 8, left : left + 8] = 255
        noise = rng.integers(0, 50, mask.shape, "uint8")
        images.append(noise + mask // 2)
        masks.append(mask)
    return write_pairs(images, masks)


@pytest.fixture
def grow(tmp_path):
    """Makes a folder: `a/{}.png` is five pictures, `mask:b/{}.png` masks."""

    def grow(*patterns, folder="set", count=5):
        rng = np.random.default_rng(0)
        root = tmp_path / folder
        root.mkdir()
        for pattern in patterns:
            kind, _, name = pattern.rpartition(":")
            for i in range(count if "{}" in name else 1):
                path = root / name.format(i)
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 255, (12, 12), "uint8")
                if kind == "mask":
                    pixels = np.zeros_like(pixels)
                    pixels[i : i + 6, 2:8] = 255
                if kind == "text":
                    path.write_text("x,y\n1,2\n")
                elif kind == "folder":
                    path.mkdir()
                else:
                    Image.fromarray(pixels).save(path)
        return root

    return grow


@pytest.fixture
def png_header():
    """Writes the start of a PNG that claims to be huge: a bomb's header."""
    import struct
    import zlib

    def write(path, width=60_000, height=60_000):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunk = b"IHDR" + header
        data = zlib.compress(b"\0" * 1000)
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + struct.pack(">I", 13)
            + chunk
            + struct.pack(">I", zlib.crc32(chunk))
            + struct.pack(">I", len(data))
            + b"IDAT"
            + data
            + struct.pack(">I", zlib.crc32(b"IDAT" + data))
        )
        return path

    return write
