"""Pairs of texts: how they are divided, and read as numbers."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.pairs.pair_making import Pairs, learn, make_pairs, read_as
from kerasnotes.data.pairs.pair_split import PairSplit
from kerasnotes.data.problems import Problems
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json

pytestmark = pytest.mark.once


def pairs(sources, targets=None):
    targets = targets or [text.upper() for text in sources]
    return Pairs(
        sources, targets, [f"line {n + 1}" for n in range(len(sources))]
    )


def make(parts, **settings):
    config = DataConfig(source="x", **settings)
    problems = Problems()
    data = make_pairs(parts, config, problems, name="x")
    if data is not None:
        data = learn(data, config, problems)
    return data, problems


def texts_of(data, part):
    split = data.split(part)
    return [split.text(n) for n in range(len(split))]


def test_pairs_of_one_source_stay_in_one_part():
    sources = [f"s{n % 40}" for n in range(100)]
    data, problems = make(
        {"all": pairs(sources, [f"t{n}" for n in range(100)])}
    )
    found = [set(texts_of(data, part)) for part in PARTS]
    assert all(found)
    assert not (found[0] & found[1] | found[0] & found[2] | found[1] & found[2])
    assert sum(len(texts_of(data, part)) for part in PARTS) == 100
    assert any("60 of 100 pairs have a source" in n for n in problems.notes)


def test_parts_on_disk_stay_and_what_training_shows_is_told():
    parts = {
        "train": pairs(["a b", "c d"] * 6),
        "validation": pairs(["f g"]),
        "test": pairs(["a b", "e"]),
    }
    data, problems = make(parts)
    assert texts_of(data, "test") == ["a b", "e"]
    told = "1 of 2 sources of the test part are in the training part"
    assert any(told in note for note in problems.notes)
    data, problems = make(parts, repeats="drop")
    assert texts_of(data, "test") == ["e"]
    assert any("left out: 11." in note for note in problems.notes)


def test_empty_sides_are_left_out_with_their_lines():
    data, problems = make({"all": pairs(["a", " ", "b", "c"] * 3)})
    assert sum(map(len, (data.train, data.validation, data.test))) == 9
    assert any("3 pairs lack a text" in note for note in problems.notes)
    assert any("(line 2, line 6, line 10)" in note for note in problems.notes)
    _, problems = make({"all": pairs(["", " "])})
    assert [problem.kind for problem in problems.fatal] == ["empty"]


def test_tokens_are_learned_from_the_training_part():
    parts = {"train": pairs(["ab", "ba"] * 5), "test": pairs(["axb"])}
    data, _ = make(parts, tokenizer="character", validation=0.2)
    x, y = data.test[0]
    source, target = data.spec.input, data.spec.target
    known = open_json(source.tokenizer)
    assert [known.token(n) for n in x] == ["a", "[UNK]"]  # two fit: cut
    assert source.vocabulary == known.size == 4
    # One number more: it ends a text, here behind the third place.
    assert target.vocabulary == open_json(target.tokenizer).size + 1
    assert target.shape == (3,)
    assert y.tolist()[1] == UNKNOWN


def test_a_target_ends_and_a_cut_one_does_not():
    data, problems = make(
        {"train": pairs(["abc", "ab", "a"] * 4)},
        tokenizer="character",
        length=2,
        validation=0,
        test=0,
    )
    end = data.spec.target.vocabulary - 1
    rows = {
        data.train.text(n): data.train[n][1] for n in range(len(data.train))
    }
    assert data.spec.target.shape == (3,)
    assert rows["ab"][2] == end
    assert rows["a"].tolist()[1:] == [end, 0]
    assert end not in rows["abc"].tolist()
    told = "in the train part: 4 of 12 sources, 4 targets."
    assert any(told in note for note in problems.notes)


def test_taken_rows_read_as_before(rng):
    data, _ = make({"all": pairs([f"{n} abc" for n in range(30)])})
    rows = np.array([3, 3, 0])
    some = data.train.take(rows)
    for before, after in zip(
        data.train.read(rows), some.read(np.arange(3)), strict=True
    ):
        np.testing.assert_array_equal(before, after)
    assert some.translation(0) == data.train.translation(3)
    assert sorted(data.train.order(rng)) == list(range(len(data.train)))


def test_a_model_reads_other_pairs_by_its_own_tokens():
    model, _ = make({"all": pairs([f"{n} abc" for n in range(30)])})
    other, _ = make({"all": pairs([f"xyz {n}" for n in range(30)])})
    read = read_as(other, model.spec)
    assert read.spec.input.tokenizer == model.spec.input.tokenizer
    assert (read.train.read(np.arange(3))[0] == UNKNOWN).sum() >= 9
    assert isinstance(read.test, PairSplit)


def test_kinds_are_guessed_by_what_is_written():
    told = {
        "dates": ["4 Sep 2019", "5 Oct 1999"],
        "sentences": ["two men walk", "a dog runs"],
        "chinese": ["我们去吧。", "你好吗?"],
    }
    for name, kind in (
        ("dates", "Split"),
        ("sentences", "ByteLevel"),
        ("chinese", "Split"),
    ):
        data, _ = make({"all": pairs(told[name] * 10)})
        assert f'"{kind}"' in data.spec.input.tokenizer, name


@pytest.mark.parametrize(
    "settings", [{"classes": ("a", "b")}, {"units": "m"}, {"labels": "values"}]
)
def test_what_says_nothing_of_texts_is_refused(settings):
    with pytest.raises(UsageError, match="pairs of texts"):
        make({"all": pairs(["a b", "c"] * 5)}, **settings)


def test_too_few_tokens_are_refused():
    with pytest.raises(UsageError, match="258 different tokens"):
        make({"all": pairs(["a b", "c"] * 5)}, tokenizer="bpe", vocabulary=9)
