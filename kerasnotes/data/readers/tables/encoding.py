"""Which encoding a text file is in, and its text as UTF-8."""

import codecs
import io
from pathlib import Path
from typing import IO

from kerasnotes.base.errors import DataError

CHUNK = 2**20
"""Bytes looked at in one go."""
PLAIN = ("utf-8", "utf-8-sig")
"""Encodings that need no translation."""


def detect(path: Path) -> str:
    """Returns the encoding of a text file, by its name in Python.

    A byte-order mark decides; then UTF-8, if every byte of the file is; then
    Windows-1252, what European spreadsheets write.

    Raises:
        DataError: If it is none of these.
    """
    with open(path, "rb") as file:
        for name in _candidates(file.read(4096)):
            file.seek(0)
            if _decodes(file, name):
                return name
    raise _refuse(path)


def _candidates(head: bytes) -> tuple[str, ...]:
    """Returns which encodings a file may have by its first bytes."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if b"\0" not in head:
        return ("utf-8", "cp1252")
    # UTF-16 without a mark: every other byte of Western letters is zero.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) or max(even, odd) <= len(head) // 8:
        return ()
    return ("utf-16-le",) if odd else ("utf-16-be",)


def _decodes(file: IO[bytes], name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    plain = name == "utf-8"
    try:
        while chunk := file.read(CHUNK):
            # Most chunks of most files; a hundred times as fast.
            if plain and chunk.isascii() and not decoder.getstate()[0]:
                continue
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def as_utf8(path: Path, encoding: str) -> bytes:
    """Returns a file's text as UTF-8 with plain line ends."""
    with open(path, encoding=encoding) as file:
        return file.read().encode()


def open_text(path: Path, encoding: str) -> IO[str]:
    """Opens a text file for `csv`: line ends are left as they are."""
    file = open(path, "rb")
    return io.TextIOWrapper(file, encoding, newline="")


def _refuse(path: Path) -> DataError:
    return DataError(
        f"{path} is no text: it is not UTF-8, UTF-16 or Windows-1252.",
        expected="a table as text, best in UTF-8",
        received=str(path),
    )
