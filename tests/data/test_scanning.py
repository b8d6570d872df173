import time

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.meaning.twins import Twins
from kerasnotes.data.problems import Problems
from kerasnotes.data.scanning import BATCH, Scan
from tests.specs import flat

pytestmark = pytest.mark.once


class Slow(ArraySplit):
    """The first batch comes last; the third is damaged."""

    def read(self, indices):
        if indices[0] == 0:
            time.sleep(0.05)
        if indices[0] == 2 * BATCH:
            raise DataError("cut off", expected="all of it", received="half")
        return self.x[indices], self.y[indices]


def test_batches_read_at_once_are_told_in_order_and_summed():
    x = np.random.default_rng(0).normal(size=(4 * BATCH, 2, 3, 1))
    x = x.astype("float32")
    x[[5, 3 * BATCH]] = np.nan
    y = np.arange(len(x)) % 3
    problems = Problems()
    spec = flat("x", "image", (2, 3, 1), "float32", "class", ("a", "b", "c"))
    said = []
    found = Scan("train", Slow(x, y), spec, problems, Twins()).run(
        lambda *told: said.append(told)
    )
    kept = np.delete(y, np.s_[2 * BATCH : 3 * BATCH])
    assert found.count == 3 * BATCH
    assert found.balance.tolist() == np.bincount(kept).tolist()
    assert (found.low, found.high) == ([2, 3], [2, 3])
    assert [(p.kind, p.where) for p in problems.fatal] == [
        ("not finite", "#5"),
        ("unreadable", f"#{2 * BATCH}"),
        ("not finite", f"#{3 * BATCH}"),
    ]
    assert [done for _, done, _ in said] == [BATCH * k for k in range(1, 5)]
