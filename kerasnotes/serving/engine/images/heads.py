"""What the heads of image files say, read without decoding them.

Pillow's `open` inflates a PNG's texts, a thousandfold what was sent; here
nothing is inflated, and a head takes about a microsecond.

Reference:
    PNG, third edition, 5.2 and 11; WebP container, RFC 9649, 2.7; ISO/IEC
    10918-1, annex B; Exif 2.3, 4.5 and 4.6.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8"
_PNG_HEAD = struct.Struct(">8sI4sIIBB")
_CHUNK = struct.Struct(">I4s")
_PNG_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
"""Channels of each colour type; a palette's colours are three."""
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")
"""Chunks of any length once inflated, which no model looks at."""
_SEGMENT = struct.Struct(">BBH")
_JPEG_SIZE = struct.Struct(">HHB")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that tell the size, SOF0 to SOF15."""
_APP1 = 0xE1
_ENDS = (0x00, 0xD9, 0xDA)
"""No marker, the end of the image, and the start of its data."""
_MARKERS = 64
"""Segments before the size; a large file may have one for each 4 KiB more."""
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112


class Head(NamedTuple):
    """Width and height in pixels, and the number of channels."""

    width: int
    height: int
    channels: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def read_head(data: bytes) -> Head | None:
    """Returns what the head of a PNG or JPEG says, `None` if it is neither."""
    if data[:2] == JPEG_START:
        return _read_jpeg(data)
    if len(data) < _PNG_HEAD.size:
        return None
    start, length, kind, width, height, _, colour = _PNG_HEAD.unpack_from(data)
    if start != PNG_START or kind != b"IHDR" or length != 13:
        return None
    channels = _PNG_CHANNELS.get(colour)
    if not channels or not width or not height:
        return None
    return Head(width, height, channels)


def _read_jpeg(data: bytes) -> Head | None:
    for marker, place in _segments(data):
        if marker in _FRAMES:
            if place + 8 > len(data):
                return None
            height, width, channels = _JPEG_SIZE.unpack_from(data, place + 3)
            if not width or not height or not channels:
                return None
            return Head(width, height, channels)
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yields marker and place of each segment before the picture's data.

    The place is that of the segment's length; its content is two bytes on.
    """
    place, last = 2, len(data) - _SEGMENT.size
    for _ in range(_MARKERS + len(data) // 4096):
        if place > last:
            return
        start, marker, length = _SEGMENT.unpack_from(data, place)
        if start != 0xFF:
            return
        if marker == 0xFF:
            # Any number of these may stand before a marker.
            place += 1
            continue
        if marker in _ENDS or length < 2:
            return
        yield marker, place + 2
        place += 2 + length


def read_orientation(data: bytes) -> int:
    """Returns the EXIF tag of how the camera was held; 1: upright."""
    if data[:8] == PNG_START:
        for kind, start, end in _chunks(data):
            if kind == b"eXIf":
                return _find_orientation(data[start + 8 : end - 4])
        return 1
    if data[:2] != JPEG_START:
        return 1
    for marker, place in _segments(data):
        if marker in _FRAMES:
            break
        if marker == _APP1 and data[place + 2 : place + 8] == _EXIF:
            length = data[place] << 8 | data[place + 1]
            return _find_orientation(data[place + 8 : place + length])
    return 1


def _find_orientation(tiff: bytes) -> int:
    """Looks through the first directory of a TIFF structure."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(
                order + "HHIH", tiff, place
            )
            if tag == _ORIENTATION:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        # Tags are as damaged as any other part of a file.
        pass
    return 1


def read_webp(data: bytes) -> Head | None:
    """Returns what a WebP's head says; Pillow would make room for it first."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        height = int.from_bytes(data[28:30], "little") & 0x3FFF
    return Head(width, height, 4)


def has_odd_depth(data: bytes) -> bool:
    """Tells whether a PNG holds grey of 16 bits, or fewer bits than 8."""
    if data[:8] != PNG_START:
        return False
    return data[24] < 8 or data[24:26] == b"\x10\x00"


def has_text(data: bytes) -> bool:
    """Tells whether a PNG holds chunks that `without_text` removes."""
    if data[:8] != PNG_START:
        return False
    return any(kind in _PNG_TEXTS for kind, _, _ in _chunks(data))


def without_text(data: bytes) -> bytes:
    """Returns a PNG without its texts and its colour profile.

    A few kilobytes of them inflate to megabytes, in Pillow and in a graph.
    """
    parts, end = [data[:8]], 8
    for kind, start, end in _chunks(data):
        if kind not in _PNG_TEXTS:
            parts.append(data[start:end])
    parts.append(data[end:])
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yields kind, start and end of each chunk of a PNG."""
    place, last = 8, len(data) - 12
    while place <= last:
        length, kind = _CHUNK.unpack_from(data, place)
        end = place + 12 + length
        yield kind, place, end
        place = end
