import numpy as np
import pytest

from kerasnotes.figures.example_figures import Answered, draw_examples
from kerasnotes.figures.series_lines import as_lines

pytestmark = pytest.mark.once
GONE = [np.nan, np.nan]


def test_lines_end_with_the_series_and_are_in_deviations():
    lines = as_lines(np.array([[1, 5], [3, 5], GONE], "float32"))
    np.testing.assert_array_equal(lines, [[-1, 0], [1, 0]])
    single = np.array([[2], [4]], "float32")
    np.testing.assert_array_equal(as_lines(single), single)


def test_series_are_drawn(tmp_path):
    x = np.array([[1, 5], [3, 5], GONE], "float32")
    draw_examples(
        [Answered("one", x, "a", "b", 0.5)], "title", tmp_path / "x.png"
    )
    assert (tmp_path / "x.png").stat().st_size > 5_000
