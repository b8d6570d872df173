"""In-painting and super-resolution: what is known, learnt and kept."""

import keras
import numpy as np
import pydantic
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.notes.ddpm.bound import Bound
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.known_image import KnownImage
from kerasnotes.notes.ddpm.note import DDPM
from tests.checks import to_numpy
from tests.specs import reflat

from .test_note import IMAGES, SMALL, TABLE, UNET, make, make_inputs

CONDITIONS = ("inpaint", "superres")
COLOUR = reflat(IMAGES, shape=(8, 8, 3))


def scaled(inputs):
    return (inputs["x"] - 8) / 8


def encoded(condition, x, mask):
    """The channels, written out."""
    if condition == "inpaint":
        return np.concatenate([x * mask, mask], axis=-1)
    small = (
        x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]
    ) / 4
    return np.kron(small, np.ones((1, 2, 2, 1)))


def make_conditional(condition, count=4, **settings):
    model = make(condition=condition, parameterization="noise", **settings)
    inputs = make_inputs(count=count)
    mask = np.random.default_rng(2).integers(0, 2, (count, 8, 8, 1))
    return model, {**inputs, "mask": mask.astype("float32")}


@pytest.mark.parametrize(
    ("condition", "settings"),
    [
        ("inpaint", SMALL),
        pytest.param("inpaint", UNET, marks=pytest.mark.once),
        ("superres", SMALL),
    ],
)
def test_the_loss_against_numpy(condition, settings):
    model, inputs = make_conditional(condition, **settings)
    x, noise, t = scaled(inputs), inputs["noise"], inputs["t"]
    ac = make_schedule("cosine", 50).alphas_cumprod[t][:, None, None, None]
    x_t = np.sqrt(ac) * x + np.sqrt(1 - ac) * noise
    known = encoded(condition, x, inputs["mask"])
    given = [x_t.astype("float32"), t.astype("float32"), inputs["y"]]
    answer = to_numpy(model.denoiser([*given, known.astype("float32")]))
    right = np.square(answer - noise).mean(axis=(1, 2, 3))
    result = to_numpy(model(inputs, training=False)["loss"])
    np.testing.assert_allclose(result, right, rtol=2e-4)
    # And it looks at it: another known image, another answer.
    other = model.denoiser([*given, (known + 1).astype("float32")])
    assert np.abs(to_numpy(other) - answer).max() > 1e-3


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_known_image_is_hidden_in_training_only(condition):
    model, inputs = make_conditional(condition, drop=0.25)
    inputs["keep_known"] = np.array([0.1, 0.3, 0.24, 0.25], "float32")
    x = scaled(inputs).astype("float32")
    right = encoded(condition, x, inputs["mask"])
    result = to_numpy(model._known(x, inputs, training=False))
    np.testing.assert_allclose(result, right, atol=1e-6)
    result = to_numpy(model._known(x, inputs, training=True))
    right[[0, 2]] = 0
    np.testing.assert_allclose(result, right, atol=1e-6)


def test_masks_hide_a_rectangle_or_a_half():
    known = KnownImage("inpaint", 2, reflat(IMAGES, shape=(8, 12, 1)))
    seed = keras.random.SeedGenerator(1)
    masks = to_numpy(known.draw_mask(400, seed))
    assert masks.shape == (400, 8, 12, 1)
    assert set(np.unique(masks)) == {0.0, 1.0}
    gaps = masks[..., 0] == 0
    rows, columns = gaps.any(axis=2).sum(1), gaps.any(axis=1).sum(1)
    # A rectangle: as many pixels as rows times columns.
    np.testing.assert_array_equal(gaps.sum(axis=(1, 2)), rows * columns)
    assert rows.min() >= 2
    assert columns.min() >= 3
    halves = [
        np.s_[:4, :],
        np.s_[4:, :],
        np.s_[:, :6],
        np.s_[:, 6:],
    ]
    share = []
    for half in halves:
        picture = np.zeros((8, 12), bool)
        picture[half] = True
        share.append((gaps == picture).all(axis=(1, 2)).mean())
    # Each half is an eighth of the draws; three deviations are 0.05.
    np.testing.assert_allclose(share, 0.125, atol=0.05)
    assert 0.1 < gaps.mean(axis=0).min()


def test_masks_are_drawn_where_none_is_given():
    model, inputs = make_conditional("inpaint")
    del inputs["mask"]
    one, two = (to_numpy(model(inputs)["loss"]) for _ in range(2))
    assert not np.allclose(one, two)


def test_known_pixels_come_back_as_they_were():
    model, inputs = make_conditional("inpaint")
    values = inputs["x"].copy()
    values[0, :4] = np.nan
    values[1, 2:5, 3:7] = np.nan
    values[2] = np.nan
    restored = model.restore(values, 3)
    assert restored.shape == values.shape
    assert np.isfinite(restored).all()
    gap = np.isnan(values)
    np.testing.assert_array_equal(restored[~gap], values[~gap])
    assert restored.min() >= 0
    assert restored.max() <= 16
    np.testing.assert_array_equal(model.restore(values, 3), restored)
    assert np.abs(model.restore(values, 4) - restored)[gap].max() > 0.1
    # What fills the gap depends on what is known around it.
    values[0, 4:] = 16 - values[0, 4:]
    other = model.restore(values, 3)
    assert np.abs(other[0, :4] - restored[0, :4]).max() > 1e-3
    np.testing.assert_allclose(other[1], restored[1], atol=1e-3)


def test_small_images_are_enlarged():
    keras.utils.set_random_seed(0)
    config = DDPMConfig(**SMALL, condition="superres", superres_factor=4)
    model = DDPM(config, COLOUR, [1.0] * 3, [4.0] * 3)
    assert model.damaged_spec().input.shape == (2, 2, 3)
    small = np.random.default_rng(0).uniform(0, 16, (3, 2, 2, 3))
    restored = model.restore(small, 0)
    assert restored.shape == (3, 8, 8, 3)
    with pytest.raises(ValueError, match="Received"):
        model.restore(restored, 0)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_restoring_knows_what_training_knew(condition):
    model, inputs = make_conditional(condition)
    seen = {}

    def generate(request, known):
        seen["known"] = known
        return model.drawing.__class__.generate(
            model.drawing, request, known=known
        )

    values = inputs["x"].copy()
    values[inputs["mask"] == 0] = np.nan
    if condition == "superres":
        values = to_numpy(model.known.shrink(inputs["x"]))
    model.drawing.generate = generate
    model.restore(values, 0)
    right = encoded(condition, scaled(inputs), inputs["mask"])
    np.testing.assert_allclose(seen["known"], right, atol=1e-6)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_it_still_draws_measures_saves_and_exports(condition, tmp_path):
    model, inputs = make_conditional(condition)
    request = Request(3, steps=2, guidance=2.0, label=1)
    drawn = model.generate(request).values
    assert drawn.shape == (3, 8, 8, 1)
    split = ArraySplit(inputs["x"], inputs["y"])
    assert not model.read_scaled(split, np.arange(4))["known"].any()
    bound = Bound(model.process, model.read_scaled)
    assert np.isfinite(bound.terms(split, np.arange(4), 1)).all()
    assert np.isfinite(bound.deviation)
    model.save(tmp_path / "model.keras")
    twin = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(twin.generate(request).values, drawn)
    noise = np.stack(
        [
            np.random.default_rng([5, i]).standard_normal((8, 8, 1), "float32")
            for i in range(3)
        ]
    )
    label = np.arange(3, dtype="int32")
    served = model.serving_model()([noise, label, model.known.nothing(3)])
    right = model.generate(Request(3, seed=5)).values
    np.testing.assert_allclose(to_numpy(served), right, atol=2e-3)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_damage_is_what_restore_takes(condition):
    model, inputs = make_conditional(condition, count=5)
    damaged = model.damage(inputs["x"])
    assert damaged.shape[1:] == model.damaged_spec().input.shape
    assert model.restore(damaged, 0).shape == (5, 8, 8, 1)
    if condition == "superres":
        right = encoded("superres", inputs["x"], None)[:, ::2, ::2]
        np.testing.assert_allclose(damaged, right, rtol=1e-6)
        return
    gaps = np.isnan(damaged)
    halves = (np.s_[:4], np.s_[4:], np.s_[:, :4], np.s_[:, 4:], np.s_[:4])
    for gap, half in zip(gaps, halves, strict=True):
        assert gap[half].all()
        assert gap.sum() == 32
    np.testing.assert_array_equal(damaged[~gaps], inputs["x"][~gaps])


WRONG = {
    "table": (TABLE, {"condition": "inpaint"}),
    "factor": (IMAGES, {"condition": "superres", "superres_factor": 3}),
}


@pytest.mark.once
@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit(name):
    spec, settings = WRONG[name]
    with pytest.raises(UsageError) as caught:
        DDPM(DDPMConfig(**SMALL, **settings), spec, [0.0], [1.0])
    assert caught.value.received


@pytest.mark.once
def test_a_condition_must_be_hidden_at_times():
    with pytest.raises(pydantic.ValidationError, match="`drop` above 0"):
        DDPMConfig(condition="inpaint", drop=0)


@pytest.mark.once
def test_without_a_condition_nothing_is_restored():
    with pytest.raises(UsageError, match="whole images") as caught:
        make().restore(np.zeros((1, 8, 8, 1)), 0)
    assert "condition=inpaint" in caught.value.hint
