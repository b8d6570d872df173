import pytest
import yaml

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.notes import find
from kerasnotes.training import settings
from tests.specs import flat

pytestmark = pytest.mark.once
UNET = find("unet")


def gather(*texts, config=None, **train):
    return settings.gather(config, texts, {"train": train}, UNET)


def test_own_fields_need_no_block():
    blocks = gather("width=64", "train.ema=0.99", "data.patch=96", epochs=3)
    made = settings.make(UNET, blocks)
    assert made.model.width == 64
    assert made.train.ema == 0.99
    assert made.train.epochs == 3
    assert made.data.patch == 96
    assert made.data.source == "digit-scenes"


@pytest.mark.parametrize("text", ["1e-3", "0.001", "1.0E-3"])
def test_numbers_as_people_write_them(text):
    made = settings.make(UNET, gather(f"train.learning_rate={text}"))
    assert made.train.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("widht=3", "did you mean `width`"),
        ("train.epoch=3", "did you mean `train.epochs`"),
        ("epochs=3", "did you mean `train.epochs`"),
        ("zzzzzz=3", "kn config"),
        ("width", "NAME=VALUE"),
        ("width=[", "cannot be read"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(text, words):
    with pytest.raises(UsageError, match=words.replace("(", "")):
        gather(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("width=0", "at least 1, at most 512"),
        ("width=lots", "integer"),
        ("padding=some", "one of same, valid"),
        ("dropout=1", "below 1"),
        ("train.learning_rate=-1", "above 0"),
        ("train.seed=1.5", "seed"),
    ],
)
def test_a_wrong_value_is_answered_with_the_range(text, words):
    with pytest.raises(UsageError) as caught:
        settings.make(UNET, gather(text))
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_yaml_is_read_back_and_options_win(tmp_path):
    made = settings.make(UNET, gather("width=8", epochs=7))
    path = tmp_path / "unet.yaml"
    path.write_text(yaml.safe_dump(made.to_json()))
    again = settings.make(UNET, gather("width=9", config=path))
    assert again.train == made.train
    assert again.data == made.data
    assert again.model.width == 9


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("note: mlp", UsageError),
        ("modle: {}", UsageError),
        ("model: 3", UsageError),
        ("3", UsageError),
        ("a: [", UsageError),
        (None, StorageError),
    ],
)
def test_a_wrong_file(text, error, tmp_path):
    path = tmp_path / "unet.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error):
        gather(config=path)


def test_what_the_user_named_beats_the_note_s_defaults():

    spec = flat("s", "image", (64, 64, 1), "uint8", "mask", ("a", "b"))
    made = settings.make(UNET, gather(batch_size=3)).resolve(spec, 1600)
    assert made.train.batch_size == 3
    assert made.train.learning_rate == 3e-3
    free = settings.make(UNET, gather()).resolve(spec, 1600)
    assert free.train.batch_size == 16
    assert free.train.epochs == 10
