import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.base.config import DataConfig
from kerasnotes.data.problems import Problems
from kerasnotes.data.splitting import assign

pytestmark = pytest.mark.once


def split(parts, **fields):
    problems = Problems()
    config = DataConfig(**fields)
    parts = {name: np.asarray(labels) for name, labels in parts.items()}
    return assign(parts, config, problems), problems


def test_thirty_give_six_three_and_twenty_one():
    where, _ = split({"all": np.zeros(30, int)})
    assert [len(where[p]) for p in ("test", "validation", "train")] == [
        6,
        3,
        21,
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=3, max_size=80),
    st.floats(0, 0.4),
    st.floats(0, 0.4),
    st.integers(0, 2**40),
)
def test_every_example_is_in_one_part(labels, validation, test, seed):
    where, problems = split(
        {"all": labels}, validation=validation, test=test, split_seed=seed
    )
    rows = np.concatenate(list(where.values()))
    assert sorted(rows) == list(range(len(labels)))
    assert len(where["train"]) >= 1
    if not problems.fatal:
        assert (len(where["test"]) > 0) == (test > 0)
        assert (len(where["validation"]) > 0) == (validation > 0)


def test_classes_keep_their_shares():
    labels = np.repeat([0, 1], [300, 100])
    where, _ = split({"all": labels})
    for rows in where.values():
        assert np.mean(labels[rows]) == pytest.approx(0.25, abs=0.02)


def test_given_parts_stay_and_missing_ones_come_from_train():
    where, _ = split({"train": np.zeros(20), "test": np.zeros(5)})
    assert where["test"].tolist() == list(range(20, 25))
    assert len(where["validation"]) == 2
    assert set(where["validation"]) <= set(range(20))


def test_too_few_examples_are_a_problem():
    where, problems = split({"all": np.zeros(2)})
    assert [p.kind for p in problems.fatal] == ["too few"]
    assert len(where["train"]) >= 1
