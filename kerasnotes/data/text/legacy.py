"""Which encoding of the time before Unicode a text is in, if it tells.

East Asian encodings share their bytes, so one is taken only if its common
characters explain a text far better than those of the others.
"""

import codecs
import dataclasses
import math
import re
from collections.abc import Collection

SURE = math.log(5)
"""By how much the best must explain a text better than the next."""
USUAL = 0.75
"""Part of the different characters that must be common: names have others."""
WESTERN = 0.9
"""Part of the different words that must look Western."""
ALPHABETS = ("cp1251", "koi8-r", "cp1250", "cp1253", "cp1254", "cp1256")
"""Shown where nothing fits; nothing but sense tells them apart."""
_RARE = math.log(50_000)
_MARKS = "°µ€£¢§«»“”‘’–—…²³¹±·×÷½¼¾ªº©®™¿¡‰Ø"
_WORD = re.compile(r"(?:[^\W\d_]|[^\x00-\x7f])+")


@dataclasses.dataclass(frozen=True)
class Script:
    """An encoding of two bytes, and what is common in it.

    Args:
        encoding: Its name in Python.
        standard: Of the older one that orders characters by use.
        first: First bytes of the common ones there.
        common: How many these are.
    """

    encoding: str
    standard: str
    first: tuple[tuple[int, int], ...]
    common: int

    def cost(self, text: str) -> float | None:
        """Returns the logarithm of how unlikely a text's characters are.

        `None` if too few of them are common.
        """
        found = set(filter(_is_foreign, text))
        common = sum(map(self._is_common, found))
        if common < USUAL * len(found):
            return None
        rare = len(found) - common
        return common * math.log(self.common) + rare * _RARE

    def _is_common(self, character: str) -> bool:
        try:
            code = character.encode(self.standard)
        except UnicodeEncodeError:
            return False
        return any(low <= code[0] <= high for low, high in self.first)


SCRIPTS = (
    # GB 2312: punctuation, full width, level 1 of Chinese characters.
    Script("gb18030", "gb2312", ((0xA1, 0xA3), (0xB0, 0xD7)), 3755 + 188),
    # Big5: punctuation, level 1.
    Script("big5hkscs", "big5", ((0xA1, 0xA3), (0xA4, 0xC6)), 5401 + 188),
    # JIS X 0208: punctuation, kana, level 1.
    Script("cp932", "euc_jp", ((0xA1, 0xA5), (0xB0, 0xCF)), 2965 + 300),
    # KS X 1001: punctuation, syllables.
    Script("cp949", "euc_kr", ((0xA1, 0xA3), (0xB0, 0xC8)), 2350 + 188),
)


def guess(text: bytes) -> str | None:
    """Returns the encoding of a text that is not Unicode, or `None`.

    Args:
        text: Its lines that hold other bytes than ASCII, or many of them.
    """
    western = decode(text, "cp1252")
    if western is not None and _is_western(western):
        return "cp1252"
    costs = []
    for script in SCRIPTS:
        decoded = decode(text, script.encoding)
        cost = None if decoded is None else script.cost(decoded)
        if cost is not None:
            costs.append((cost, script.encoding))
    costs.sort()
    if not costs or (len(costs) > 1 and costs[1][0] - costs[0][0] < SURE):
        return None
    return costs[0][1]


def named(text: bytes, words: Collection[str]) -> str | None:
    """Returns an encoding in which a text holds all of some words, if any."""
    foreign = [word for word in words if not word.isascii()]
    if not foreign:
        return None
    for name, decoded in readings(text).items():
        if all(word in decoded for word in foreign):
            return name
    return None


def readings(text: bytes) -> dict[str, str]:
    """Returns all that a text might say, by encoding."""
    names = [script.encoding for script in SCRIPTS]
    decoded = {n: decode(text, n) for n in (*names, "cp1252", *ALPHABETS)}
    return {name: found for name, found in decoded.items() if found is not None}


def words(text: str, most: int) -> list[str]:
    """Returns different words with foreign letters, the first in a text."""
    found = re.findall(r"[^\s,;|\t\"\d]*[^\x00-\x7f][^\s,;|\t\"]*", text)
    return list(dict.fromkeys(word[:20] for word in found))[:most]


def decode(text: bytes, encoding: str) -> str | None:
    """Returns a text, but for half a character at its end.

    `None` if it is not in this encoding.
    """
    try:
        return codecs.getincrementaldecoder(encoding)().decode(text)
    except UnicodeDecodeError:
        return None


def _is_foreign(character: str) -> bool:
    return ord(character) > 127


def _is_western(text: str) -> bool:
    """Returns whether words are ASCII with an accent here and there."""
    found = {w for w in _WORD.findall(text) if any(map(_is_foreign, w))}
    fine = sum(map(_looks_western, found))
    return bool(found) and fine >= WESTERN * len(found)


def _looks_western(word: str) -> bool:
    if len(word) > 1 and all(map(_is_foreign, word)):
        return False
    letters = word.strip(_MARKS)
    return letters.isupper() or letters[1:].islower() or len(letters) < 2
