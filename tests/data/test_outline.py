"""What is known of a source before it is read is what reading it finds."""

import pytest

from kerasnotes.base.config import DataConfig, parse_setting
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.outline import BUILT_IN, known_outline, outline
from kerasnotes.data.words import option_words

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", [n for n in BUILT_IN if n != "digit-scenes"])
@pytest.mark.parametrize("parts", [{}, {"test": 0.33, "validation": 0.0}])
def test_outline_is_what_is_loaded(name, parts):
    config = DataConfig(source=name, **parts)
    data = load(config)
    spec, train = known_outline(config)
    assert spec == data.spec
    assert len(train) == len(data.train)


def test_scenes_use_their_outline(monkeypatch):
    from kerasnotes.data.sets import digit_scenes

    counts = {part: 2 for part in digit_scenes.COUNTS}
    monkeypatch.setattr(digit_scenes, "COUNTS", counts)
    digit_scenes._compose.cache_clear()
    config = DataConfig(source="digit_scenes")
    data = load(config)
    digit_scenes._compose.cache_clear()
    spec, train = outline(config)
    assert (spec, len(train)) == (data.spec, len(data.train))
    assert data.train[0][0].shape == spec.input.shape


def test_names_and_parts_are_checked():
    with pytest.raises(UsageError, match="names every class|every class"):
        known_outline(DataConfig(source="digits", classes=("a", "b")))
    with pytest.raises(UsageError, match="nothing to train on"):
        known_outline(DataConfig(source="ring", test=0.9, validation=0.1))


def test_options_repeat_a_configuration():
    config = DataConfig(source="x", classes=("a b", "c"), image_size=32)
    told = option_words(config)
    assert told == ["--classes", "a b,c", "--set", "data.image_size=32"]
    assert option_words(DataConfig(source="x", augment="none")) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("data.leave_out=null", ("null",)),
        ("data.leave_out=[null, 'a, b']", ("null", "a, b")),
        ("data.keep=[1,2.0,yes]", ("1", "2.0", "yes")),
        ("data.categories=1e3", ("1e3",)),
    ],
)
def test_names_of_columns_are_texts_whatever_they_look_like(written, read):
    name, value = parse_setting(written)
    field = name.removeprefix("data.")
    config = DataConfig(**{field: value})
    assert getattr(config, field) == read
    # And the words that repeat it mean the same.
    [_, again] = option_words(config)
    name, value = parse_setting(again)
    assert getattr(DataConfig(**{field: value}), field) == read
