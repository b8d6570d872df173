"""The network drawn with its curves."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.contracts.edge_curves import EdgeCurves
from kerasnotes.figures.edge_figures import draw_edges

pytestmark = pytest.mark.once


def curves(inputs, units, strength):
    x = np.linspace(-np.ones(inputs), np.ones(inputs), 20)
    y = np.repeat(x[:, :, None] ** 2, units, axis=2)
    return EdgeCurves(x, y, np.full((inputs, units), strength))


def ink(path):
    """How dark the picture is, 0 to 1, below and above its middle."""
    with Image.open(path) as image:
        dark = 1 - np.asarray(image.convert("L"), "float64") / 255
    half = len(dark) // 2
    return dark[half:].sum(), dark[:half].sum()


def test_weak_edges_are_faint(tmp_path):
    layers = [curves(2, 3, 1.0), curves(3, 1, 1.0)]
    draw_edges(layers, ["x", "y"], ["f"], tmp_path / "strong.png")
    below, above = ink(tmp_path / "strong.png")
    first = layers[0].strength
    first[:, 1:] = 0.0
    draw_edges(layers, ["x", "y"], ["f"], tmp_path / "weak.png")
    fainter, same = ink(tmp_path / "weak.png")
    assert fainter < 0.7 * below
    assert same == pytest.approx(above, rel=0.02)


def test_two_sums_that_are_multiplied_make_one_node(tmp_path):
    # Of four sums the last two: three nodes.
    layers = [curves(2, 4, 1.0), curves(3, 1, 1.0)]
    draw_edges(layers, ["x", "y"], ["f"], tmp_path / "product.png")
    layers[0] = curves(2, 3, 1.0)
    draw_edges(layers, ["x", "y"], ["f"], tmp_path / "sums.png")
    # Eight curves below in place of six.
    below, _ = ink(tmp_path / "product.png")
    assert below > 1.05 * ink(tmp_path / "sums.png")[0]


def test_of_a_wide_layer_the_first_nodes_stand_for_all(tmp_path):
    layers = [curves(40, 30, 0.0), curves(30, 2, 1.0)]
    draw_edges(layers, [], ["p", "q"], tmp_path / "wide.png")
    with Image.open(tmp_path / "wide.png") as image:
        assert image.width <= 22 * 130 + 1
