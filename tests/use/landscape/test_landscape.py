"""Surfaces have the gradients they say; losses around a run are its loss."""

import keras
import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import UsageError
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.tasks.catalog import make_task
from kerasnotes.use.landscape import paths
from kerasnotes.use.landscape.loss_surface import directions, measure
from kerasnotes.use.landscape.surfaces import SURFACES
from tests.checks import to_numpy
from tests.specs import flat


@pytest.mark.once
@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_differences(name):
    surface = SURFACES[name]
    places = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    found = surface.gradient(places)
    for axis in range(2):
        small = np.zeros(2)
        small[axis] = 1e-5
        ahead, back = (
            surface.value(places + small),
            surface.value(places - small),
        )
        np.testing.assert_allclose(
            found[:, axis], (ahead - back) / 2e-5, atol=1e-8
        )


@pytest.mark.once
def test_every_optimizer_comes_down(tmp_path):
    walked = paths.trace()
    for name, heights in paths.reached(walked).items():
        start = SURFACES[name].value(np.array(SURFACES[name].start))
        assert all(height < start for height in heights.values()), name
    paths.draw(walked, tmp_path / "paths.png")
    with Image.open(tmp_path / "paths.png") as picture:
        assert picture.width > 1_000
    with pytest.raises(UsageError, match="no path of `muon`"):
        paths.trace(["muon"])


@pytest.mark.once
def test_directions_are_as_long_as_each_filter():
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 4, 5)) * np.arange(1, 6)
    bias = rng.normal(size=5)
    one, none = directions([kernel, bias], rng)
    np.testing.assert_allclose(
        np.sqrt((one**2).sum(axis=(0, 1, 2))),
        np.sqrt((kernel**2).sum(axis=(0, 1, 2))),
    )
    np.testing.assert_array_equal(none, 0)


def test_the_middle_is_the_loss_and_weights_stay():
    spec = flat("t", "table", (3,), "float32", "class", ("a", "b"))
    keras.utils.set_random_seed(0)
    model = MLP(MLPConfig(widths=(6,)), spec, [0.0] * 3, [1.0] * 3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3)).astype("float32")
    split = ArraySplit(x, rng.integers(0, 2, 40))
    task = make_task("classification", spec)
    before = [to_numpy(v).copy() for v in model.variables]
    found = measure(model, task, split, points=5, reach=0.5)
    for one, other in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(one, to_numpy(other))
    p = to_numpy(model(x, training=False))
    expected = -np.log(p[np.arange(40), split.y]).mean()
    assert found.center == pytest.approx(expected, rel=1e-5)
    assert found.losses.shape == (5, 5)
    assert len(np.unique(found.losses.round(6))) > 20
    assert found.examples == 40


@pytest.mark.once
def test_generators_are_refused():
    with pytest.raises(UsageError, match="no loss of labelled"):
        measure(object(), None, None)
