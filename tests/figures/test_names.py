"""Users' names in pictures: short, harmless, and in a font that has them."""

import logging

import numpy as np
import pytest
from matplotlib.font_manager import fontManager

from kerasnotes.figures import class_figures, fonts
from kerasnotes.figures.names import plain, shorten

pytestmark = pytest.mark.once

STRANGE = [
    *("背景", "한국어", "שלום", "مرحبا", "a $x$ b", "$", "$\\frac$", ""),
    *("line\nbreak", "😀", "\udce9", "x" * 300, "नमस्ते", "\u200b", "{}%s"),
]


@pytest.mark.parametrize(
    ("text", "longest", "told"),
    [
        ("cell.png", 24, "cell.png"),
        ("IMG_20240131_102030_0173.png", 18, "IMG_20240…0173.png"),
        ("abcdef", 5, "ab…ef"),
        # Two columns each: four of them and the sign are nine.
        ("一二三四五六", 9, "一二…五六"),
        ("e\u0301" * 6, 5, "e\u0301" * 2 + "…" + "e\u0301" * 2),
    ],
)
def test_the_middle_is_taken_out(text, longest, told):
    assert shorten(text, longest) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cost in $", r"cost in \$"),
        ("two\n  lines\t", "two lines"),
        ("", "(no name)"),
        ("\u200b", "(no name)"),
        ("caf\udce9", "caf?"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_names_are_harmless(text, told):
    assert plain(text) == told


def test_every_figure_draws_strange_names(tmp_path, caplog):
    fonts._told.clear()
    count = len(STRANGE)
    class_figures.draw_confusion(np.eye(count), STRANGE, tmp_path / "a.png")
    rows = [(name, name, STRANGE[0], 0.5) for name in STRANGE]
    class_figures.draw_answers(rows, STRANGE[0], tmp_path / "b.png")
    scores = {"score": np.linspace(0, 1, count)}
    class_figures.draw_bars(scores, STRANGE, tmp_path / "c.png")
    told = [record.getMessage() for record in caplog.records]
    # Once for a script, whatever is installed here.
    assert len(told) == len(set(told)) <= 6


def test_what_no_font_has_is_told_once(monkeypatch, caplog):
    monkeypatch.setattr(fonts, "_installed", lambda: ())
    fonts.choose_fonts.cache_clear()
    fonts._told.clear()
    for text in ("背景", "细胞"):
        figure = class_figures.new_figure(2, 2)
        figure.suptitle(text)
        with caplog.at_level(logging.WARNING):
            fonts.use_fonts(figure)
    fonts.choose_fonts.cache_clear()
    (record,) = caplog.records
    told = record.getMessage()
    assert "Chinese or Japanese (景背)" in told
    assert "fonts-noto-cjk" in told


CHINESE = {"WenQuanYi Zen Hei", "Noto Sans CJK SC", "Noto Sans CJK JP"}


def test_chinese_is_drawn_in_a_font_that_has_it(tmp_path):
    if not CHINESE & {font.name for font in fontManager.ttflist}:
        pytest.skip("no Chinese font: install fonts-wqy-zenhei")
    families, missing = fonts.choose_fonts("背景 cell 细胞膜")
    assert not missing
    assert set(families) & CHINESE
    # Two characters of one width differ in a font; boxes would be equal.
    pictures = []
    for name in ("一", "膜"):
        class_figures.draw_answers([(name, "", "", 0)], "", tmp_path / name)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] != pictures[1]
