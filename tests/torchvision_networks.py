"""torchvision's networks, and their weights in ours.

Beside a PyTorch without CUDA, a torchvision that was built for CUDA cannot load
its compiled operators, and its import fails for the two that it describes
unasked, as does what imports it: `diffusers`. The networks are Python, and need
neither.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

OPERATORS = ("nms", "qnms")
_KEPT = []


def make_importable():
    """Declares the operators where torchvision's own cannot be loaded."""
    import torch

    found = importlib.util.find_spec("torchvision")
    if found is None or _KEPT:
        return
    [compiled, *_] = [
        *Path(found.origin).parent.glob("_C*.so"),
        *Path(found.origin).parent.glob("_C*.pyd"),
        None,
    ]
    try:
        if compiled is not None:
            torch.ops.load_library(str(compiled))
            return
    except OSError:
        pass  # Built for another PyTorch.
    library = torch.library.Library("torchvision", "FRAGMENT")
    # Kept: what a library has defined goes with it.
    _KEPT.append(library)
    for name in OPERATORS:
        arguments = "(Tensor dets, Tensor scores, float iou_threshold)"
        library.define(f"{name}{arguments} -> Tensor")


def import_models():
    """Returns `torchvision.models`; skips the test where there is none."""
    pytest.importorskip("torch")
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    make_importable()
    import torchvision.models

    return torchvision.models


def randomize(network, torch):
    """Sets biases and statistics of normalizations to what matters."""
    torch.manual_seed(0)
    for name, value in network.state_dict().items():
        if value.ndim == 1:
            value.copy_(0.5 + torch.rand(value.shape))
            if "running" not in name and "bias" in name:
                value.sub_(1)
    return network.eval()


def answer(network, x, torch):
    """Returns the logits of images `(B, H, W, C)`."""
    with torch.no_grad():
        return network(torch.tensor(x).permute(0, 3, 1, 2)).numpy()


def arrays(network):
    """Returns its weights by name, in the form of Keras' layers."""
    found = {}
    for name, value in network.state_dict().items():
        array = value.numpy()
        axes = {4: (2, 3, 1, 0), 2: (1, 0)}.get(array.ndim)
        found[name] = array.transpose(axes) if axes else array
    return found


def set_norm(layer, weights, name):
    """Sets a batch normalization."""
    names = ("weight", "bias", "running_mean", "running_var")
    layer.set_weights([weights[f"{name}.{part}"] for part in names])


def set_dense(layer, weights, name):
    """Sets a layer with a bias, dense or a convolution."""
    layer.set_weights([weights[f"{name}.weight"], weights[f"{name}.bias"]])


def copy_resnet(network, model):
    """Sets our residual network to the weights of theirs."""
    weights = arrays(network)

    def copy(theirs, norm, ours, own_norm):
        model.get_layer(ours).set_weights([weights[f"{theirs}.weight"]])
        set_norm(model.get_layer(own_norm), weights, norm)

    copy("conv1", "bn1", "stem", "stem_norm")
    for stage, count in enumerate(model.note_config.blocks, start=1):
        for block in range(count):
            theirs = f"layer{stage}.{block}"
            ours = f"stage{stage}_block{block + 1}"
            for number in (1, 2, 3) if model.note_config.bottleneck else (1, 2):
                copy(
                    f"{theirs}.conv{number}",
                    f"{theirs}.bn{number}",
                    f"{ours}_conv{number}",
                    f"{ours}_norm{number}",
                )
            if f"{theirs}.downsample.0.weight" in weights:
                copy(
                    f"{theirs}.downsample.0",
                    f"{theirs}.downsample.1",
                    f"{ours}_shortcut",
                    f"{ours}_shortcut_norm",
                )
    set_dense(model.get_layer("logits"), weights, "fc")


def copy_vgg16(network, model):
    """Sets our VGG16 to the weights of theirs.

    Theirs reads features channel by channel, ours place by place.
    """
    weights = arrays(network)
    places = sorted(
        int(name.split(".")[1])
        for name in weights
        if name.startswith("features") and name.endswith("weight")
    )
    names = [
        f"stage{stage}_conv{number}"
        for stage, count in enumerate(model.note_config.blocks, start=1)
        for number in range(1, count + 1)
    ]
    for place, name in zip(places, names, strict=True):
        set_dense(model.get_layer(name), weights, f"features.{place}")
    first = weights["classifier.0.weight"]
    height, width, channels = model.get_layer("stage5_pool").output.shape[1:]
    by_channel = first.reshape(channels, height, width, -1)
    weights["classifier.0.weight"] = np.moveaxis(by_channel, 0, 2).reshape(
        first.shape
    )
    for place, name in ((0, "dense1"), (3, "dense2"), (6, "logits")):
        set_dense(model.get_layer(name), weights, f"classifier.{place}")
