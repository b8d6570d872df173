"""Texts of any length to numbers of tokens, and back.

Characters are looked up in a table, a hundred times as fast as by the
library `tokenizers`, with the same numbers. Other tokens are those of whole
lines: it does not matter where a long text was cut into pieces.
"""

import codecs
import contextlib
import functools
import json
import mmap
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kerasnotes.base.config import Tokens
from kerasnotes.base.types import Array
from kerasnotes.data.text import tokenizer
from kerasnotes.data.text.tokenizer import SPECIAL, UNKNOWN, Tokenizer

CODES = 0x110000
"""Code points of Unicode."""
HELD = 2**27
"""Bytes of numbers that are held in memory; more lie in a file."""
_KINDS: dict[str, Tokens] = {"Split": "character", "ByteLevel": "bpe"}


def learn(
    pieces: Iterable[str], kind: Tokens, vocabulary: int | None
) -> Tokenizer:
    """Learns which tokens a long text is made of.

    Args:
        pieces: The text of the training part.
        kind: As of `data.text.tokenizer.train`.
        vocabulary: Most different numbers; by default as there.
    """
    if kind != "character":
        return tokenizer.train(_lines(pieces, kind), kind, vocabulary)
    counts = np.zeros(CODES, "int64")
    for piece in pieces:
        counts += np.bincount(_codes(piece), minlength=CODES)
    return tokenizer.of_characters(counts, vocabulary)


def kind_of(learned: Tokenizer) -> Tokens:
    """Returns what a text is divided into."""
    before = json.loads(learned.json)["pre_tokenizer"]
    return _KINDS.get(before["type"], "word")


def encode(pieces: Iterable[str], learned: Tokenizer) -> Array:
    """Returns the numbers of a text's tokens, `(N,)`.

    Their type is the smallest that holds the vocabulary. Many are not held
    in memory, but read from a file without a name, which is gone with the
    process.

    Args:
        pieces: The text.
        learned: What makes numbers of it.
    """
    dtype = np.min_scalar_type(learned.size - 1)
    held: list[Array] = []
    size, file = 0, None
    with contextlib.ExitStack() as stack:
        for numbers in _numbers(pieces, learned):
            small = numbers.astype(dtype)
            size += small.nbytes
            if file is None and size > HELD:
                # Without a name; the map below keeps it while it is used.
                file = stack.enter_context(tempfile.TemporaryFile())
                file.writelines(one.tobytes() for one in held)
                held.clear()
            if file is None:
                held.append(small)
            else:
                file.write(small.tobytes())
        if file is not None:
            file.flush()
            return np.memmap(file, dtype, "r")
    return np.concatenate([np.empty(0, dtype), *held])


def release(ids: Array) -> None:
    """Lets go of what was read of a file: it counts as the process' memory.

    Args:
        ids: As of `encode`; of those that are held in memory, nothing goes.
    """
    file = ids.base
    if isinstance(file, mmap.mmap) and hasattr(file, "madvise"):
        file.madvise(mmap.MADV_DONTNEED)


def _numbers(pieces: Iterable[str], learned: Tokenizer) -> Iterator[Array]:
    kind = kind_of(learned)
    if kind == "character":
        table = _table(learned.json)
        yield from (table[_codes(piece)] for piece in pieces)
        return
    for piece in pieces:
        lines = list(_lines([piece], kind))
        for found in learned.numbers(lines):
            yield np.asarray(found, "int32")


def _codes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@functools.lru_cache(maxsize=4)
def _table(json_text: str) -> Array:
    """Returns the number of every code point, `(CODES,)`."""
    known = json.loads(json_text)["model"]["vocab"]
    table = np.full(CODES, UNKNOWN, "int32")
    for token, number in known.items():
        if token not in SPECIAL:
            table[ord(token)] = number
    return table


def _lines(pieces: Iterable[str], kind: Tokens) -> Iterator[str]:
    """Yields lines with their ends; of words, those that hold one."""
    for piece in pieces:
        for line in piece.splitlines(keepends=True):
            if kind != "word" or line.strip():
                yield line


class Writer:
    """Makes text of tokens as they come.

    A byte pair may be part of a character: it is told with the one that
    ends it. What words were parted by is not known: a space stands there.

    Args:
        learned: What the numbers are of.
    """

    def __init__(self, learned: Tokenizer) -> None:
        self._learned, self._kind = learned, kind_of(learned)
        self._bytes = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, number: int) -> str:
        """Returns the text that a further token ends; it may be none."""
        token = self._learned.token(number)
        if self._kind == "word":
            return f"{token} "
        if self._kind == "character":
            return token
        return self._bytes.decode(bytes(_BYTES[sign] for sign in token))


def _byte_signs() -> dict[str, int]:
    """Returns the byte that each sign of byte-level tokens stands for.

    Reference:
        Radford et al., 2019, GPT-2, `bytes_to_unicode` in encoder.py.
    """
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    signs = {chr(byte): byte for byte in plain}
    return signs | {chr(256 + n): byte for n, byte in enumerate(others)}


_BYTES: dict[Any, int] = _byte_signs()
