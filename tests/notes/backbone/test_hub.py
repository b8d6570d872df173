"""A preset of KerasHub's as a body."""

import importlib.util
import json

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.notes import find
from kerasnotes.notes.backbone import hub, preset
from kerasnotes.notes.backbone.config import BackboneConfig
from kerasnotes.notes.backbone.note import Backbone
from kerasnotes.training.transfer import source as sources
from kerasnotes.training.transfer.freezing import choose_layers
from tests.checks import check_saving, to_numpy

SCALE, OFFSET = [1 / 50, 1 / 60, 1 / 70], [-2.0, -1.0, 0.0]
RESNET = {
    "input_conv_filters": [64],
    "input_conv_kernel_sizes": [3],
    "stackwise_num_filters": [64],
    "stackwise_num_blocks": [1],
    "stackwise_num_strides": [1],
    "block_type": "basic_block",
    "image_shape": [None, None, 3],
}
needs_hub = pytest.mark.skipif(
    importlib.util.find_spec("keras_hub") is None,
    reason="KerasHub is not installed",
)


@pytest.fixture
def folder(tmp_path):
    """A preset that KerasHub itself writes, and the backbone in it."""
    import keras_hub

    keras.utils.set_random_seed(0)
    backbone = keras_hub.models.ResNetBackbone(**RESNET)
    backbone.save_to_preset(str(tmp_path / "preset"))
    converter = keras_hub.layers.ResNetImageConverter(
        image_size=(16, 16), scale=SCALE, offset=OFFSET
    )
    converter.save_to_preset(str(tmp_path / "preset"))
    return tmp_path / "preset", backbone


@needs_hub
def test_the_body_answers_as_kerashubs_own(folder, tmp_path, monkeypatch):
    path, backbone = folder
    source = sources.absolute(f"keras_hub:{path}")
    own = sources.read_settings(source, find("backbone"))
    assert own["body"] == "keras_hub:ResNetBackbone"
    monkeypatch.setattr(BackboneConfig, "image_size", 32)
    config = BackboneConfig(**own)
    model = sources.open_source(source, find("backbone"), config)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (2, 32, 32, 3)).astype("float32")
    given = x * np.array(SCALE, "float32") + np.array(OFFSET, "float32")
    expected = to_numpy(backbone(given, training=False)).mean(axis=(1, 2))
    inner = keras.Model(model.input, model.get_layer("pool").output)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(
        to_numpy(inner(x, training=False)), expected, atol=1e-5
    )
    twin = check_saving(model, x, tmp_path)
    assert isinstance(twin, Backbone)
    # Its layers are known by name, as those of any other network.
    assert choose_layers(model, ["conv1_*", "stack0_*"], ())


@pytest.mark.once
@needs_hub
def test_what_is_no_backbone_for_images_is_refused():
    with pytest.raises(UsageError, match="no backbone called Nothing"):
        hub.build("Nothing", {})
    with pytest.raises(UsageError, match="no backbone called ImageClassifier"):
        hub.build("ImageClassifier", {})
    with pytest.raises(UsageError, match="cannot build"):
        hub.build("ResNetBackbone", {"depth": 3})
    text = {
        "vocabulary_size": 9,
        "num_layers": 1,
        "num_heads": 1,
        "hidden_dim": 4,
        "intermediate_dim": 4,
    }
    with pytest.raises(UsageError, match="not for images"):
        hub.build("BertBackbone", text)


@pytest.mark.once
@needs_hub
def test_weights_of_another_network_are_refused(folder):
    path, _ = folder
    (path / preset.WEIGHTS).write_bytes(b"nothing")
    source = f"keras_hub:{path}"
    config = BackboneConfig(**preset.read_preset(path))
    with pytest.raises(DataError, match="cannot be read"):
        Backbone.from_pretrained(source, config)


@pytest.mark.once
def test_without_kerashub_it_is_said(monkeypatch):
    monkeypatch.setattr(hub.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs KerasHub") as caught:
        hub.build("ResNetBackbone", RESNET)
    assert "pip install keras-hub" in str(caught.value)


@pytest.mark.once
def test_a_preset_is_read_without_any_framework(tmp_path):
    with pytest.raises(DataError, match="no preset"):
        preset.read_preset(tmp_path)
    (tmp_path / preset.CONFIG).write_text("[1]")
    with pytest.raises(DataError, match="no network"):
        preset.read_preset(tmp_path)
    config = {"class_name": "A", "config": {"depth": 3, "dtype": {}}}
    (tmp_path / preset.CONFIG).write_text(json.dumps(config))
    converter = {"config": {"scale": 0.5, "offset": None}}
    (tmp_path / preset.CONVERTER).write_text(json.dumps(converter))
    assert preset.read_preset(tmp_path) == {
        "body": "keras_hub:A",
        "architecture": {"depth": 3},
        "scale": [0.5] * 3,
    }
    mean = {"config": {"mean": [1.0]}}
    (tmp_path / preset.CONVERTER).write_text(json.dumps(mean))
    assert "scale" not in preset.read_preset(tmp_path)
