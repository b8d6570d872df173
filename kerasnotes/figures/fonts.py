"""Fonts for names in any script: found among those that are installed."""

import contextlib
import functools
import logging
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

PREFERRED = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC"),
    *("Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans GB", "Hiragino Sans", "WenQuanYi Zen Hei"),
    *("WenQuanYi Micro Hei", "SimHei", "Malgun Gothic", "Apple SD Gothic Neo"),
    *("Yu Gothic", "Meiryo", "Noto Sans Devanagari", "Noto Sans Thai"),
    *("Nirmala UI", "Leelawadee UI", "Noto Emoji", "Segoe UI Symbol"),
    *("Symbola", "Arial Unicode MS", "Unifont"),
)
"""Families that are looked at first, those with an even look before others."""

_UPRIGHT = (400, 500, "normal", "regular", "medium")
"""Weights of fonts for running text."""

_SCRIPTS = (
    # First and last code point, what to call it, a font that has it.
    (0x0900, 0x0DFF, "Indic letters", "Noto Sans Devanagari (fonts-noto-core)"),
    (0x0E00, 0x0E7F, "Thai letters", "Noto Sans Thai (fonts-noto-core)"),
    (0x1100, 0x11FF, "Korean letters", "Noto Sans CJK (fonts-noto-cjk)"),
    (0x2E80, 0xA4CF, "Chinese or Japanese", "Noto Sans CJK (fonts-noto-cjk)"),
    (0xAC00, 0xD7FF, "Korean letters", "Noto Sans CJK (fonts-noto-cjk)"),
    (0xF900, 0xFFEF, "Chinese or Japanese", "Noto Sans CJK (fonts-noto-cjk)"),
    (0x20000, 0x3FFFF, "Chinese or Japanese", "Noto Sans CJK (fonts-noto-cjk)"),
    (0x1F000, 0x1FAFF, "emoji", "Symbola (fonts-symbola)"),
)
_OTHER = ("characters", "GNU Unifont (fonts-unifont)")


@contextlib.contextmanager
def told_in_words() -> Iterator[None]:
    """Keeps matplotlib from telling of fonts: `use_fonts` has done so."""
    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            yield
    finally:
        log.setLevel(before)


def use_fonts(figure: Any) -> None:
    """Gives every text of a figure the fonts that its characters need.

    Says once in a process which characters no installed font has.

    Args:
        figure: A matplotlib figure, ready to be drawn.
    """
    for text in _texts(figure):
        families, missing = choose_fonts(text.get_text())
        if families:
            text.set_fontfamily([*text.get_fontfamily(), *families])
        _tell_missing(missing)


def _texts(artist: Any) -> Iterator[Any]:
    """Yields what is written in a figure, or in a part of it.

    Numbers need no font of their own: making every tick to look for texts
    would take a third of the drawing.
    """
    from matplotlib.axis import Axis
    from matplotlib.table import Table
    from matplotlib.text import Text
    from matplotlib.ticker import ScalarFormatter

    if isinstance(artist, Text):
        yield artist
    if isinstance(artist, Axis):
        yield artist.label
        if not isinstance(artist.get_major_formatter(), ScalarFormatter):
            yield from artist.get_ticklabels()
        return
    if isinstance(artist, Table):
        yield from (cell.get_text() for cell in artist.get_celld().values())
    for child in artist.get_children():
        yield from _texts(child)


@functools.lru_cache(maxsize=1024)
def choose_fonts(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Chooses families to draw a text with, beside the usual one.

    Returns:
        The families, and the characters that none of them has.
    """
    from matplotlib.font_manager import FontProperties, findfont

    wanted = {c for c in text if not c.isspace()}
    missing = wanted - _characters(findfont(FontProperties()))
    families: list[str] = []
    for family, path in _installed() if missing else ():
        found = missing & _characters(path)
        if found:
            families.append(family)
            missing -= found
        if not missing:
            break
    return tuple(families), frozenset(missing)


@functools.cache
def _installed() -> tuple[tuple[str, str], ...]:
    """Returns families and files of upright fonts, preferred ones first."""
    from matplotlib.font_manager import fontManager

    fonts = {
        font.name: font.fname
        for font in reversed(fontManager.ttflist)
        # Bold and slanted ones would stand out.
        if font.style == "normal"
        and font.weight in _UPRIGHT
        # Comes with matplotlib, and draws a box for whatever is asked for.
        and not font.name.startswith("Last Resort")
    }
    rank = {name: number for number, name in enumerate(PREFERRED)}
    order = sorted(fonts, key=lambda name: (rank.get(name, len(rank)), name))
    return tuple((name, fonts[name]) for name in order)


@functools.cache
def _characters(path: str) -> frozenset[str]:
    """Returns what a font can draw: nothing if matplotlib cannot use it."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
        # Colour emoji are pictures of one size; matplotlib wants outlines.
        if not font.scalable:
            return frozenset()
        return frozenset(map(chr, font.get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


_told: set[str] = set()


def _tell_missing(missing: Iterable[str]) -> None:
    new = sorted(set(missing) - _told)
    if not new:
        return
    known = {_script(c) for c in _told}
    _told.update(new)
    for what, font in sorted({_script(c) for c in new} - known):
        shown = "".join(c for c in new if _script(c) == (what, font))[:10]
        logging.getLogger(__name__).warning(
            "Note: no installed font draws %s (%s): pictures show boxes "
            "instead. Next: install %s, then remove matplotlib's fontlist "
            "cache if it is not found",
            what,
            shown,
            font,
        )


def _script(character: str) -> tuple[str, str]:
    code = ord(character)
    for first, last, what, font in _SCRIPTS:
        if first <= code <= last:
            return what, font
    return _OTHER
