"""Scenes of real handwritten digits on textured, noisy ground.

Semantic segmentation that needs no download: scikit-learn's digits at
random place, scale and rotation, 64x64 pixels, a class per pixel. The digits
are split before scenes are composed, so that no test scene shows a digit
that was trained on. Each scene is a pure function of its part and number.
"""

import functools

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning import labels
from kerasnotes.data.memory import fingerprint
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.problems import Problems
from kerasnotes.data.sets.digits import digit_images
from kerasnotes.data.spec import Spec

SIDE = 64
COUNTS = {"train": 2000, "validation": 200, "test": 300}
CLASSES = ("background", *(str(digit) for digit in range(10)))
SEED = 20150518
"""The set is the same everywhere; the date of the U-Net's paper."""

_ZOOM = 6
"""Fine pixels per pixel of a source digit, which is 8 pixels high."""
_EDGE = (0.35, 0.65)
"""Source intensities, 0 to 1, between which a stroke's edge rises."""
_OVERLAP = 0.03
"""Largest part of a digit's strokes that may cover earlier ones."""
_SIZES = (14.0, 30.0)
"""Height of a digit, pixels."""
_TURN = 15.0
"""Largest rotation either way, degrees."""
_TRIES = 8
"""Places tried for a digit before it is made smaller."""
_MARGIN = 16
"""Pixels round a scene that the empty corners of a stamp may reach into."""


@functools.cache
def _digit_parts() -> dict[str, tuple[Array, Array]]:
    """Returns enlarged digits `(N, 60, 60)`, 0 to 1, and labels by part."""
    # Here, as below: SciPy takes longer to import than an outline to make.
    from scipy import ndimage

    images, digits = digit_images()
    padded = np.pad(images / 16.0, ((0, 0), (1, 1), (1, 1)))
    large = ndimage.zoom(padded, (1, _ZOOM, _ZOOM), order=3)
    # Cubic steps of 6 pixels leave ripples along the strokes.
    large = ndimage.gaussian_filter(large, (0, 2.0, 2.0))
    low, high = _EDGE
    strokes = np.clip((large - low) / (high - low), 0, 1).astype("float32")
    where = splitting.assign(
        {"all": digits}, DataConfig.model_validate({}), Problems()
    )
    return {part: (strokes[rows], digits[rows]) for part, rows in where.items()}


@functools.cache
def _bumps(count: int) -> Array:
    """Returns `count` smooth bumps along one axis, `(64, count)`."""
    centres = np.linspace(0, SIDE - 1, count)
    width = SIDE / count
    return np.exp(-0.5 * ((np.arange(SIDE)[:, None] - centres) / width) ** 2)


def scene(part: str, index: int) -> tuple[Array, Array]:
    """Composes one scene.

    Args:
        part: `train`, `validation` or `test`: whose digits to draw from.
        index: The scene's number, 0 or more.

    Returns:
        Image `(64, 64, 1)`, uint8, and mask `(64, 64)`, int32.
    """
    rng = np.random.default_rng([SEED, splitting.PARTS.index(part), index])
    large, digits = _digit_parts()[part]
    ink = np.zeros((SIDE, SIDE), "float32")
    mask = np.zeros((SIDE, SIDE), "int32")
    for _ in range(rng.integers(2, 6)):
        pick = int(rng.integers(len(digits)))
        strokes = _place(large[pick], mask > 0, rng)
        if strokes is None:
            continue
        covers = strokes > 0.5
        # The later digit lies on top: where it is, nothing shines through.
        ink = np.where(covers, strokes, np.maximum(ink, strokes))
        mask[covers] = digits[pick] + 1
    return _paint(ink, rng)[..., None], mask


def _place(
    digit: Array, taken: Array, rng: np.random.Generator
) -> Array | None:
    """Returns one digit's strokes `(64, 64)` at a place that is mostly free."""
    size = rng.uniform(*_SIZES)
    angle = np.deg2rad(rng.uniform(-_TURN, _TURN))
    taken = np.pad(taken, _MARGIN)
    for smaller in (1.0, 0.8, 0.6):
        height = max(_SIZES[0], smaller * size)
        stamp = _stamp(digit, height, angle)
        covers = stamp > 0.1
        corner = _MARGIN - (len(stamp) - height) / 2
        for _ in range(_TRIES):
            top, left = (corner + rng.uniform(0, SIDE - height, 2)).astype(int)
            box = np.s_[top : top + len(stamp), left : left + len(stamp)]
            if (covers & taken[box]).sum() <= _OVERLAP * covers.sum():
                strokes = np.zeros(taken.shape, "float32")
                strokes[box] = stamp
                return strokes[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return None


def _stamp(digit: Array, size: float, angle: float) -> Array:
    """Samples a digit, `size` pixels high, turned by `angle` radians."""
    from scipy import ndimage

    step = 8 * _ZOOM / size
    cos, sin = np.cos(angle) * step, np.sin(angle) * step
    matrix = np.array([[cos, -sin], [sin, cos]])
    # Room for the frame of 10 source pixels, turned by up to `_TURN`.
    turn = np.deg2rad(_TURN)
    side = int(np.ceil(1.25 * size * (np.cos(turn) + np.sin(turn))))
    middle = (np.array(digit.shape) - 1) / 2
    stamp: Array = ndimage.affine_transform(
        digit,
        matrix,
        middle - matrix @ np.full(2, (side - 1) / 2),
        output_shape=(side, side),
        order=1,
    )
    return stamp


def _paint(ink: Array, rng: np.random.Generator) -> Array:
    """Lays ink on a ground of smooth blotches and noise.

    The ink is brighter by 80 to 150 of 255 grey levels.
    """
    contrast = rng.uniform(80, 150)
    level = rng.uniform(25, 230 - contrast)
    ground = rng.uniform(4, 12) * _blotches(rng, 5)
    ground += rng.uniform(3, 9) * _blotches(rng, 16)
    shade = 1 + 0.1 * _blotches(rng, 6)
    image = level + ground + contrast * shade * ink
    image += rng.normal(0, rng.uniform(3, 10), image.shape)
    return np.clip(np.rint(image), 0, 255).astype("uint8")


def _blotches(rng: np.random.Generator, count: int) -> Array:
    """Returns a smooth random field `(64, 64)`, mean 0, deviation 1."""
    bumps = _bumps(count)
    field = bumps @ rng.normal(size=(count, count)) @ bumps.T
    smooth: Array = (field - field.mean()) / max(float(field.std()), 1e-9)
    return smooth


@functools.cache
def _compose(part: str) -> tuple[Array, Array]:
    scenes = [scene(part, index) for index in range(COUNTS[part])]
    images, masks = zip(*scenes, strict=True)
    return np.stack(images), np.stack(masks)


def outline(config: DataConfig) -> tuple[Spec, range]:
    """Returns the scenes' description, and as many training rows."""
    shape, names = (SIDE, SIDE, 1), labels.rename(CLASSES, config.classes)
    spec = Spec(
        name="digit-scenes",
        inputs=(fields.image(shape, "uint8"),),
        targets=(fields.mask(shape, names, tuple(range(len(CLASSES)))),),
    )
    return spec, range(COUNTS["train"])


def load(config: DataConfig, problems: Problems) -> Dataset:
    """Returns 2,000 training, 200 validation and 300 test scenes."""
    spec, _ = outline(config)
    parts = {part: _compose(part) for part in splitting.PARTS}
    splits = {part: MemorySplit(x, y) for part, (x, y) in parts.items()}
    arrays = [array for pair in parts.values() for array in pair]
    return Dataset(
        spec=spec,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=fingerprint(*arrays),
    )
