"""The chart of a cross-validation shows every fold, and their mean."""

import numpy as np
import pytest

from kerasnotes.figures import fold_figures
from kerasnotes.figures.fold_figures import Validated, draw_folds

pytestmark = pytest.mark.once


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    monkeypatch.setattr(
        fold_figures, "save", lambda figure, path: figures.append(figure)
    )
    return figures


def test_points_mean_and_deviation(drawn, tmp_path):
    values = np.array([0.9, 0.7, 0.8])
    draw_folds([Validated("1: mlp", [1, 2, 3], {"accuracy": values})], tmp_path)
    [axes] = drawn[0].axes
    points, mean, *_ = axes.get_lines()
    np.testing.assert_allclose(points.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(points.get_ydata(), values)
    assert mean.get_ydata()[0] == pytest.approx(0.8)
    [bar] = axes.containers
    [[(_, low), (_, high)]] = bar.lines[2][0].get_segments()
    assert (high - low) / 2 == pytest.approx(np.std(values, ddof=1))


def test_groups_stand_beside_each_other(drawn, tmp_path):
    scores = {name: np.arange(4.0) for name in "abcde"}
    groups = [
        Validated("1: mlp", [1, 1, 2, 2], scores),
        Validated("2: cnn", [1, 2, 1, 2], scores),
    ]
    draw_folds(groups, tmp_path)
    panels = [axes for axes in drawn[0].axes if axes.axison]
    assert len(panels) == fold_figures.PANELS
    labels = [text.get_text() for text in panels[0].get_xticklabels()]
    assert labels == ["1", "2", "mean"]
    [legend] = drawn[0].legends
    told = [text.get_text() for text in legend.get_texts()]
    assert told == ["1: mlp", "2: cnn"]
