"""Which encoding a text file is in, and its text as UTF-8."""

import codecs
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO

from kerasnotes.base.errors import DataError
from kerasnotes.data.text import legacy

CHUNK = 2**20
"""Bytes looked at in one go."""
LOOKED_AT = 2**16
"""Bytes of lines by which an encoding is guessed."""
PLAIN = ("utf-8", "utf-8-sig")
"""Encodings that need no translation."""


def check(path: Path, name: str) -> None:
    """Raises a `DataError` if a file is not in the encoding called so."""
    with open(path, "rb") as file:
        if not _decodes(file, name):
            raise DataError(
                f"{path} is not in the encoding {name}.",
                expected="what the file was saved in; data.encoding says it",
                received=str(path),
            )


def detect(
    path: Path, wanted: Collection[str] = (), *, settable: bool = True
) -> str:
    """Returns the encoding of a text file, by its name in Python.

    A byte-order mark decides; then UTF-8, if every byte of the file is; then
    what is written in Europe's spreadsheets, or in East Asia's, if the words
    tell which.

    Args:
        path: The file.
        wanted: Words that it should hold: names of columns.
        settable: Whether `data.encoding` can say it.

    Raises:
        DataError: If it is none of these, or may be several.
    """
    with open(path, "rb") as file:
        forms = _candidates(file.read(4096))
        for name in forms:
            file.seek(0)
            if _decodes(file, name):
                return name
        file.seek(0)
        text = _foreign_lines(file) if "utf-8" in forms else b""
        found = legacy.named(text, wanted) or legacy.guess(text)
        file.seek(0)
        if found is not None and _decodes(file, found):
            return found
    raise _refuse(path, legacy.readings(text), settable)


def read_text(path: Path) -> str:
    """Returns a small file's text, as `detect` reads it.

    Raises:
        DataError: As `detect`.
    """
    return path.read_text(encoding=detect(path, settable=False))


def _foreign_lines(file: IO[bytes]) -> bytes:
    """Returns the first lines that hold other bytes than ASCII."""
    kept = bytearray()
    while len(kept) < LOOKED_AT and (line := file.readline(CHUNK)):
        if not line.isascii():
            kept += line
    return bytes(kept)


def _candidates(head: bytes) -> tuple[str, ...]:
    """Returns which forms of Unicode a file may be in by its first bytes."""
    # Its mark begins with that of UTF-16.
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ("utf-32",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if b"\0" not in head:
        return ("utf-8",)
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
    except UnicodeError:
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


def _refuse(
    path: Path, readings: Mapping[str, str], settable: bool
) -> DataError:
    shown = {name: legacy.words(text, 2) for name, text in readings.items()}
    shown = {name: words for name, words in shown.items() if words}
    if not shown:
        return DataError(
            f"{path} is no text: it is neither UTF-8 nor UTF-16.",
            expected="text, best in UTF-8",
            received=str(path),
        )
    return DataError(
        f"{path} is not UTF-8, and its words do not tell what it is.",
        expected="text in UTF-8",
        received="".join(
            f"\n  {name:10} would read {', '.join(words)}"
            for name, words in shown.items()
        ),
        hint="--set data.encoding=NAME, or save it as UTF-8"
        if settable
        else "save it as UTF-8",
    )
