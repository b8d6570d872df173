import keras
import numpy as np
import pytest

from kerasnotes.notes.unet.config import UNetConfig
from kerasnotes.notes.unet.note import UNet
from kerasnotes.use.inspection import layer_costs
from tests.checks import check_saving, to_numpy
from tests.specs import flat

SPEC = flat("s", "image", (64, 64, 1), "uint8", "mask", ("a", "b", "c"))
ONCE = pytest.mark.once
VARIANTS = [
    {},
    {"normalization": "group", "upsampling": "resize", "dropout": 0.5},
    {"padding": "valid", "normalization": "none"},
]


def make(spec=SPEC, **fields):
    config = UNetConfig(**{"width": 4, "depth": 2, **fields})
    return UNet(config, spec, [100.0], [400.0])


def pixels(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 255, shape).astype("float32")


@pytest.mark.parametrize(
    "fields",
    [VARIANTS[0], *(pytest.param(v, marks=ONCE) for v in VARIANTS[1:])],
)
def test_any_size_comes_out_at_its_own_size(fields, tmp_path):
    model = make(depth=1, **fields)
    for size in ((16, 16), (7, 10)):
        output = to_numpy(model(pixels(2, *size, 1), training=False))
        assert output.shape == (2, *size, 3)
        np.testing.assert_allclose(output.sum(-1), 1, atol=1e-5)
    check_saving(model, pixels(2, 7, 10, 1), tmp_path)


@pytest.mark.once
@pytest.mark.parametrize("fields", VARIANTS)
def test_one_pixel(fields):
    output = to_numpy(make(**fields)(pixels(1, 1, 3, 1), training=False))
    assert output.shape == (1, 1, 3, 3)


@pytest.mark.once
def test_the_paper_s_network_has_its_parameters():
    """Figure 1 added up: grey input, two classes, a bias everywhere."""
    spec = flat("s", "image", (572, 572, 1), "uint8", "mask", ("a", "b"))
    model = UNet(
        UNetConfig(width=64, padding="valid", normalization="none"),
        spec,
        [0.0],
        [1.0],
    )
    filters = [1, 64, 128, 256, 512, 1024]
    expected = 64 * 2 + 2
    for before, after in zip(filters[:-1], filters[1:], strict=True):
        expected += 9 * before * after + after + 9 * after * after + after
    for below, level in zip(filters[:1:-1], filters[-2:0:-1], strict=True):
        expected += 4 * below * level + level
        expected += 9 * 2 * level * level + level + 9 * level**2 + level
    assert model.count_params() == expected


@pytest.mark.once
def test_valid_convolutions_turn_572_into_388():
    model = make(padding="valid", depth=4, width=1, normalization="none")
    sizes = {c.name: c.shape[:2] for c in layer_costs(model, (388, 388, 1))}
    assert sizes["mirror"] == (572, 572)
    assert sizes["down0_conv2"] == (568, 568)
    assert sizes["bottom_conv2"] == (28, 28)
    assert sizes["up0_conv2"] == (388, 388)


def reach(model, side, where):
    """Returns how far from `where` a changed pixel is felt."""
    x = pixels(1, side, side, 1)
    y = to_numpy(model(x, training=False))
    x[0, where, where] += 100
    changed = np.abs(to_numpy(model(x, training=False)) - y).max(-1)[0] > 0
    rows = np.flatnonzero(changed.any(axis=1))
    return max(where - rows.min(), rows.max() - where)


@pytest.mark.once
@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("depth", [1, 2])
def test_context_is_the_reach_of_a_pixel(depth, upsampling):
    model = make(depth=depth, width=8, upsampling=upsampling)
    found = max(
        reach(model, 96, where) for where in range(40, 40 + model.stride)
    )
    # ReLUs may cut the outermost ring off; more than that would be a bug.
    assert model.context - 2 <= found <= model.context


def test_takes_raw_pixels():
    """The first convolution sees `(x - mean) / std`."""
    model = make()
    x = pixels(1, 8, 8, 1)
    layer = model.get_layer("standardize")
    np.testing.assert_allclose(to_numpy(layer(x)), (x - 100) / 20, rtol=1e-5)


def test_no_bias_before_a_normalization():
    model = make()
    assert not model.get_layer("bottom_conv1").use_bias
    assert make(normalization="none").get_layer("bottom_conv1").use_bias


def test_border_weights_are_an_option():
    assert UNetConfig().pixel_weight() is None
    mask = np.zeros((8, 8), "int32")
    mask[2:4, 2:4] = 1
    weigh = UNetConfig(border_weight=10).pixel_weight()
    assert weigh(mask).shape == (8, 8)


def test_flops_of_a_layer():
    costs = {c.name: c for c in layer_costs(make(), (64, 64, 1))}
    assert costs["down0_conv1"].flops == 2 * 9 * 1 * 4 * 64 * 64
    assert costs["up1_up"].flops == 2 * 4 * 16 * 8 * 16 * 16
    assert costs["logits"].shape == (64, 64, 3)


def test_output_stays_float32_in_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = make(depth=1)
        assert model.get_layer("bottom_conv1").compute_dtype == "bfloat16"
        output = model(pixels(1, 8, 8, 1), training=False)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
