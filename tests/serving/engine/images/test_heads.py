"""Heads read by hand, against Pillow, which reads them too."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kerasnotes.serving.engine.images.heads import (
    has_text,
    read_head,
    read_orientation,
    without_text,
)

pytestmark = pytest.mark.once
PNG_MODES = {"1": 1, "L": 1, "P": 3, "LA": 2, "RGB": 3, "RGBA": 4, "I;16": 1}
JPEG_MODES = {"L": 1, "RGB": 3, "CMYK": 4}


def encode(image, form, **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("form", "mode", "channels"),
    [("PNG", *each) for each in PNG_MODES.items()]
    + [("JPEG", *each) for each in JPEG_MODES.items()],
)
def test_sizes_are_pillows(form, mode, channels):
    data = encode(Image.new(mode, (7, 300)), form)
    head = read_head(data)
    assert head == (7, 300, channels)
    assert head.pixels == 2100
    # Cut off anywhere, it is the same or nothing.
    heads = {read_head(data[:end]) for end in range(len(data))}
    assert heads == {None, head}


def test_photographs_of_many_segments():
    image = Image.new("RGB", (60, 40))
    options = {"progressive": True, "icc_profile": b"p" * 300_000}
    data = encode(image, "JPEG", comment=b"c" * 900, **options)
    assert read_head(data) == (60, 40, 3)
    filled = data.replace(b"\xff\xc2", b"\xff\xff\xff\xc2", 1)
    assert read_head(filled) == (60, 40, 3)
    # Segments of nothing are not walked through for ever.
    assert read_head(b"\xff\xd8" + b"\xff\xe0\0\2" * 10_000) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0\0\1",
        b"\xff\xd8\xff\xda\0\2",
        b"\xff\xd8" + b"\xff" * 99,
        b"GIF89a" + b"\1" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0dIDAT" + b"\1" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0dIHDR" + b"\0" * 40,
    ],
)
def test_what_is_no_image(data):
    assert read_head(data) is None
    assert read_orientation(data) == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", [1, 3, 6, 8])
def test_orientation_is_pillows(order, value):
    tag = Image.Exif()
    tag.endian = order
    tag[0x010F], tag[0x0112] = "maker", value
    data = encode(Image.new("L", (4, 8)), "JPEG", exif=tag)
    assert Image.open(io.BytesIO(data)).getexif()[0x0112] == value
    assert read_orientation(data) == value
    start = data.index(b"Exif")
    damaged = data.replace(data[start + 6 : start + 10], b"XX**")
    assert read_orientation(damaged) == 1
    for end in range(len(data)):
        assert read_orientation(data[:end]) in (1, value)


def test_texts_are_taken_out_and_pixels_stay():
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (9, 9, 3), "uint8"))
    assert not has_text(encode(image, "PNG"))
    text = PngInfo()
    text.add_text("a", "x" * 10_000, zip=True)
    text.add_itxt("b", "ä")
    tag = Image.Exif()
    tag[0x0112] = 6
    data = encode(image, "PNG", pnginfo=text, exif=tag, icc_profile=b"p" * 500)
    late = zlib.compress(b"late" * 999)
    late = b"zTXta\0\0" + late
    chunk = struct.pack(">I", len(late) - 4) + late
    chunk += struct.pack(">I", zlib.crc32(late))
    data = data[:-12] + chunk + data[-12:]
    assert has_text(data)
    stripped = without_text(data)
    assert not has_text(stripped)
    reopened = Image.open(io.BytesIO(stripped))
    np.testing.assert_array_equal(np.asarray(reopened), np.asarray(image))
    assert reopened.info.keys() == {"exif"}
    assert reopened.getexif()[0x0112] == 6
    # A file that ends early ends where it did.
    plain = encode(image, "PNG")
    assert {without_text(plain[:end]) for end in range(8, len(plain))} == {
        plain[:end] for end in range(8, len(plain))
    }
