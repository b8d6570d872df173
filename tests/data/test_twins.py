import numpy as np
import pytest

from kerasnotes.data.meaning.twins import Twins, digests
from kerasnotes.data.problems import Problems

pytestmark = pytest.mark.once
SHAPES = {"float32": (500, 6), "uint8": (500, 6), "float64": (500, 4, 3, 1)}


@pytest.mark.parametrize("kind", SHAPES)
def test_equal_examples_are_found_and_no_others(kind):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 250, SHAPES[kind]).astype(kind)
    problems, twins = Problems(), Twins()
    for part, rows in (("train", x[:300]), ("test", x[[7, 300, 301, 299]])):
        for start in range(0, len(rows), 64):
            batch = rows[start : start + 64]
            twins.add(np.arange(start, start + len(batch)), digests(batch))
        twins.end(part, lambda index: f"#{index}", problems)
    assert problems.notes == [
        "#0 (test) equals #7 (train).",
        "#3 (test) equals #299 (train).",
        "2 examples of the test part are also in an earlier part: its "
        "metrics will flatter.",
    ]


@pytest.mark.parametrize(
    "x",
    [
        np.arange(4096, dtype="float32").reshape(-1, 1),
        np.eye(300, dtype="float32"),
        np.stack(np.meshgrid(*[np.arange(16.0)] * 3), -1).reshape(-1, 3),
        -np.eye(64, dtype="float32"),
        np.float32(2.0) ** np.arange(-100, 100)[:, None],
    ],
)
def test_simple_numbers_do_not_collide(x):
    found = digests(np.asarray(x, "float32"))
    assert len(np.unique(found)) == len(x)


def test_a_third_part_is_compared_with_both_before():
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    problems, twins = Problems(), Twins()
    parts = {"train": range(20), "validation": range(20, 30), "test": [25, 3]}
    for part, rows in parts.items():
        twins.add(np.arange(len(rows)), digests(x[list(rows)]))
        twins.end(part, lambda index: f"#{index}", problems)
    assert problems.notes[:2] == [
        "#0 (test) equals #5 (validation).",
        "#1 (test) equals #3 (train).",
    ]
