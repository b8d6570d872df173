import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.base.config import DataConfig
from kerasnotes.data.problems import Problems
from kerasnotes.data.splitting import assign, stamp

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


RARE = {
    "one row": [[0] * 50 + [1] * 50 + [2]],
    "two classes of one row": [[0] * 40 + [1] * 40 + [2, 3]],
    "the first class": [[0] + [1] * 30 + [2] * 60],
    "in the middle": [[0] * 30 + [1] + [2] * 60],
    "one that is one after the test": [[0] * 45 + [1] * 45 + [2, 2]],
    "ten of them": [[*[0] * 60, *[1] * 60, *range(2, 12)]],
}


@pytest.mark.parametrize("name", RARE)
def test_a_rare_class_leaves_the_others_stratified(name):
    labels = np.array(RARE[name][0])
    classes = tuple(f"c{i}" for i in range(labels.max() + 1))
    problems = Problems()
    where = assign({"all": labels}, DataConfig(), problems, classes)
    rows = np.sort(np.concatenate(list(where.values())))
    np.testing.assert_array_equal(rows, np.arange(len(labels)))
    counts = np.bincount(labels)
    single = np.flatnonzero(counts == 1)
    assert set(single) <= set(labels[where["train"]])
    for part, share in (("test", 0.2), ("validation", 0.1)):
        found = np.bincount(labels[where[part]], minlength=len(counts))
        common = counts > 2
        np.testing.assert_allclose(
            found[common], share * counts[common], atol=1.1
        )
    if len(single):
        (note,) = problems.notes
        assert all(f"`{classes[n]}`" in note for n in single)
        assert "trained on, and never tested" in note


def test_splits_of_before_are_as_they_were():
    """Fixed numbers: a run of then is measured on its own test part."""
    labels = np.arange(30) % 3
    where, problems = split({"all": labels})
    assert where["test"].tolist() == [0, 13, 15, 22, 23, 29]
    assert not problems.notes
    where, problems = split({"all": np.arange(8)})
    assert "stratified" in problems.notes[0]


def test_a_fingerprint_heeds_a_split_that_was_another_before():
    common = {"all": np.arange(30) % 3}
    rare = {"all": np.r_[np.arange(30) % 3, 9]}
    digests = []
    for parts in (common, rare, {"train": rare["all"], "test": common["all"]}):
        where = assign(parts, DataConfig(), Problems())
        digests.append(stamp("abc", parts, where))
    assert digests[0] == "abc"
    assert digests[1] != "abc"
    assert digests[2] != digests[1]


@pytest.mark.parametrize("part", ["test", "validation"])
def test_a_part_alone_is_that_part(part):
    where, problems = split({part: np.arange(9) % 3})
    assert where[part].tolist() == list(range(9))
    assert sum(map(len, where.values())) == 9
    assert [p.kind for p in problems.fatal] == ["no training part"]


def test_classes_of_one_example_are_all_told_of():
    problems = Problems()
    parts = {"all": np.arange(3)}
    where = assign(parts, DataConfig(), problems, ("a", "b", "c"))
    trained, held = (
        "abc"[where["train"][0]],
        "abc".replace("abc"[where["train"][0]], ""),
    )
    told = " ".join(problems.notes)
    assert f"Class `{trained}` has a single example: it is trained on" in told
    assert f"Classes `{held[0]}`, `{held[1]}` have a single example" in told
