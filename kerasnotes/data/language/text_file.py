"""A text file read in pieces: of one that is large, little is held at once."""

import functools
import hashlib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

PIECE = 2**20
"""Characters read in one go."""


class TextFile:
    """A text, in Unicode's form NFC and with plain line ends.

    Args:
        path: The file.
        encoding: Its name in Python.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding

    def pieces(self) -> Iterator[str]:
        """Yields the text from its beginning, cut behind line ends."""
        rest = ""
        with open(self.path, encoding=self.encoding) as file:
            while block := file.read(PIECE):
                block = rest + block
                end = block.rfind("\n") + 1 or len(block)
                rest = block[end:]
                yield unicodedata.normalize("NFC", block[:end])
        if rest:
            yield unicodedata.normalize("NFC", rest)

    def between(self, start: int, stop: int) -> Iterator[str]:
        """Yields the characters from one place to another."""
        place = 0
        for piece in self.pieces():
            cut = piece[max(0, start - place) : max(0, stop - place)]
            if cut:
                yield cut
            place += len(piece)
            if place >= stop:
                return

    @functools.cached_property
    def _looked_at(self) -> tuple[int, str]:
        count, digest = 0, hashlib.blake2b(digest_size=16)
        for piece in self.pieces():
            count += len(piece)
            digest.update(piece.encode("utf-8", "surrogatepass"))
        return count, digest.hexdigest()

    @property
    def characters(self) -> int:
        """How many code points there are."""
        return self._looked_at[0]

    @property
    def fingerprint(self) -> str:
        """A digest of the text, whatever it is encoded in."""
        return self._looked_at[1]
