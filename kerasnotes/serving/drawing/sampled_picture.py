"""What a drawing looks like: one PNG of all examples, with its recipe."""

import base64
import hashlib
import io
from typing import Any

import numpy as np
import pydantic
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kerasnotes.figures.sample_grid import grid_columns, tile, to_bytes
from kerasnotes.serving.drawing.generator import ServedGenerator
from kerasnotes.serving.drawing.sampling_plan import SamplingPlan
from kerasnotes.use.recipe import Recipe, RecordedRequest

Array = np.ndarray[Any, Any]


def show(
    generator: ServedGenerator, plan: SamplingPlan, values: Array
) -> dict[str, Any]:
    """Returns examples as JSON values: `image`, a PNG, or `values`, rows.

    Args:
        generator: What drew them.
        plan: What was asked.
        values: Array `(N, ...)` in raw units.
    """
    if not generator.is_image:
        return {"values": np.round(values, 4).tolist()}
    return {"image": _base64(_png(generator, plan, values))}


def finish(
    generator: ServedGenerator, plan: SamplingPlan, values: Array
) -> dict[str, Any]:
    """Returns the finished examples, and how to draw them again."""
    recipe = make_recipe(generator, plan, values)
    result: dict[str, Any] = {
        "seed": plan.seed,
        "class": _class_name(generator, plan),
        "used": plan.settings,
        "recipe": None if recipe is None else recipe.model_dump(mode="json"),
    }
    if not generator.is_image:
        return {**result, "values": values.tolist()}
    text = {} if recipe is None else recipe.text()
    return {**result, "image": _base64(_png(generator, plan, values, text))}


def make_recipe(
    generator: ServedGenerator, plan: SamplingPlan, values: Array
) -> Recipe | None:
    """Returns what `kn sample --from` needs to draw the picture again.

    `None` where the model does not say which weights it has.
    """
    card, used = generator.card, plan.settings
    versions = card.get("versions") or {}
    try:
        return Recipe(
            run=str(card["source"]),
            weights=card["weights"],
            note=card["note"],
            asked=RecordedRequest(
                count=plan.count,
                seed=plan.seed,
                label=plan.label,
                **{k: v for k, v in used.items() if v is not None},
            ),
            label=_class_name(generator, plan),
            used=used,
            result=_digest(generator, values),
            versions={
                "kerasnotes": str(versions.get("kerasnotes", "")),
                "keras": str(versions.get("keras", "")),
                "backend": "tensorflow",
                "precision": "float32",
            },
        )
    except (KeyError, AttributeError, pydantic.ValidationError):
        return None


def _digest(generator: ServedGenerator, values: Array) -> str:
    """Returns the digest that `kn sample` compares; see `sampling.py`."""
    values = np.asarray(values, "<f4")
    if generator.is_image:
        values = to_bytes(values, generator.limits)
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def _class_name(generator: ServedGenerator, plan: SamplingPlan) -> str | None:
    classes = generator.spec.target.classes
    return None if plan.label is None else classes[plan.label]


def _png(
    generator: ServedGenerator,
    plan: SamplingPlan,
    values: Array,
    text: dict[str, str] | None = None,
) -> bytes:
    pictures = to_bytes(values, generator.limits)
    columns = grid_columns(
        len(pictures), plan.labels, generator.spec.target.num_classes
    )
    picture = tile(pictures, columns)
    chunks = PngInfo()
    for key, value in (text or {}).items():
        chunks.add_itxt(key, value)
    file = io.BytesIO()
    # Speed, not size: a picture of the trajectory is looked at once.
    Image.fromarray(picture).save(
        file, format="PNG", pnginfo=chunks, compress_level=1
    )
    return file.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
