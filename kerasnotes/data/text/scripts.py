"""Scripts whose words no spaces part."""

import unicodedata
from collections.abc import Iterable

_NAMES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
"""How the names of their letters begin."""
_FIRST = 0xE00
"""Of their code points."""


def is_unparted(text: Iterable[str]) -> bool:
    """Returns whether most letters are of scripts without such spaces."""
    letters = [one for one in text if one.isalpha()]
    found = sum(
        ord(one) >= _FIRST and unicodedata.name(one, "").startswith(_NAMES)
        for one in letters
    )
    return 2 * found > len(letters)
