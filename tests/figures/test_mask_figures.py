"""The legend of masks: as many names as there is room for."""

import numpy as np
import pytest

from kerasnotes.figures import canvas, mask_figures
from kerasnotes.figures.mask_figures import LISTED, Shown, commonest, draw_masks

pytestmark = pytest.mark.once


def example(classes, side=32):
    """Class `k` has more pixels the greater `k` is; the ground has most."""
    mask = np.zeros((side, side), "int32")
    at = 0
    for number in range(1, classes):
        mask.ravel()[at : at + number % classes] = number
        at += number
    return Shown(np.zeros((side, side, 1), "uint8"), mask, mask)


def test_the_commonest_classes_are_named():
    named, more = commonest([example(30)], 30, ground=0)
    assert named == list(range(10, 30))
    assert (len(named), more) == (LISTED, 9)
    assert commonest([example(5)], 5, ground=0) == ([1, 2, 3, 4], 0)


@pytest.mark.parametrize("count", [2, 3, 21, 60])
def test_the_legend_stays_within_the_picture(monkeypatch, tmp_path, count):
    shown = example(min(count, 40), side=40)
    kept = []
    monkeypatch.setattr(
        mask_figures, "save", lambda figure, path: kept.append(figure)
    )
    names = [f"a long name of {n}" for n in range(count)]
    draw_masks([shown] * 4, names, tmp_path / "a.png")
    (figure,) = kept
    canvas.to_pixels(figure)
    (legend,) = figure.legends
    box, whole = legend.get_window_extent(), figure.bbox
    assert box.x0 >= 0
    assert box.x1 <= whole.x1
    assert box.y0 >= 0
    assert box.y1 <= whole.y1
    texts = [text.get_text() for text in legend.get_texts()]
    assert ("and 19 more" in texts) == (count == 60)
    lowest = min(axes.get_window_extent().y0 for axes in figure.axes)
    assert lowest > box.y1
