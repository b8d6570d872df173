"""What the page is told of a served model: which surface suits it.

A surface is chosen by the model's signatures first and by its description
second: a SavedModel of unknown origin gets the editor for JSON.
"""

import math
from typing import Any

from kerasnotes.data.spec import Spec
from kerasnotes.export.categories import TEXTS
from kerasnotes.serving.drawing.generator import find_generator
from kerasnotes.serving.drawing.sampling_plan import options
from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
)

ENCODED = "encoded_image"
UNCERTAINTY = "uncertainty"
PROBABILITIES, VALUES = "probabilities", "values"
OFFERED = 200
"""Categories of a column that a form offers."""


def describe(servable: Servable) -> dict[str, Any]:
    """Returns a model as the page shows it, JSON values only.

    Args:
        servable: What answers for the model now.
    """
    card, spec = servable.card, read_spec(servable.card)
    description: dict[str, Any] = {
        "name": servable.name,
        "version": servable.version,
        "surface": "json",
        "note": _text(card.get("note")),
        "summary": _text(card.get("summary")),
        "metrics": _numbers(card.get("metrics")),
        "signatures": {
            name: _signature(each) for name, each in servable.signatures.items()
        },
    }
    generator = find_generator(servable)
    if generator is not None:
        description |= {"surface": "generator", "sampling": options(generator)}
        description |= _data(generator.spec)
    elif spec is not None:
        surface = _surface(servable, spec)
        if surface is not None:
            description |= {"surface": surface, **_data(spec)}
            description["encoded"] = ENCODED in servable.signatures
            description["uncertainty"] = UNCERTAINTY in servable.signatures
            description["means"] = _means(
                card.get("means"), len(spec.input.names)
            )
    return description


def _surface(servable: Servable, spec: Spec) -> str | None:
    """Returns the surface of a model that answers for inputs."""
    signature = servable.signatures.get(DEFAULT)
    name = spec.input.name
    if signature is not None and spec.target.kind == "series":
        return "series" if _forecasts(signature, spec) else None
    if signature is not None and spec.input.kind == "table":
        return "table" if _fits_table(signature, spec) else None
    if signature is None or list(signature.inputs) != [name]:
        return None
    info = signature.inputs[name]
    answer = signature.outputs.get(PROBABILITIES)
    if spec.target.kind == "sequence":
        said = signature.outputs.get(spec.target.name)
        texts = said is not None and said.dtype == info.dtype == BYTES
        return "translation" if texts else None
    if spec.input.kind == "series" and not spec.input.picture:
        return "sequence" if _judges(signature, spec) else None
    if spec.input.kind == "text":
        return "text" if info.dtype == BYTES and _ranks(answer, spec) else None
    if (
        answer is None
        or not answer.shape
        or info.rank != len(spec.input.shape) + 1
    ):
        return None
    if answer.shape[-1] != len(spec.target.classes):
        return None
    sizes = (info.shape or ())[1:]
    if answer.rank == 4:
        result = servable.signatures.get(ENCODED)
        masks = result is not None and "mask_bytes" in result.outputs
        # Browsers read 8 bits a pixel.
        masks = masks and len(spec.target.classes) <= 256
        return "segmentation" if masks else None
    fixed = sizes == spec.input.shape and None not in sizes
    return "image" if fixed and answer.rank == 2 else None


def _ranks(answer: TensorInfo | None, spec: Spec) -> bool:
    """Tells whether an answer has a probability for each class."""
    return answer is not None and answer.shape == (
        None,
        len(spec.target.classes),
    )


def _fits_table(signature: SignatureInfo, spec: Spec) -> bool:
    """Tells whether rows of a described table can be asked in a form."""
    texts = len(spec.input.categorical)
    wanted = {spec.input.name: len(spec.input.names) - texts, TEXTS: texts}
    sides = {name: count for name, count in wanted.items() if count}
    if set(signature.inputs) != set(sides):
        return False
    if spec.target.kind == "values":
        answer, count = signature.outputs.get(VALUES), len(spec.target.columns)
    else:
        answer = signature.outputs.get(PROBABILITIES)
        count = len(spec.target.classes)
    pairs = [(signature.inputs[name], size) for name, size in sides.items()]
    return answer is not None and all(
        info.rank == 2 and (info.shape or ())[1:] == (size,)
        for info, size in [*pairs, (answer, count)]
    )


def _judges(signature: SignatureInfo, spec: Spec) -> bool:
    """Tells whether a signature answers described sequences, a row each."""
    (info,) = signature.inputs.values()
    values = spec.target.kind == "values"
    answer = signature.outputs.get(VALUES if values else PROBABILITIES)
    count = len(spec.target.columns if values else spec.target.classes)
    rows, width = spec.input.shape
    return (
        (info.shape or ())[1:] == (None if spec.input.varied else rows, width)
        and answer is not None
        and (answer.shape or ())[1:] == (count,)
    )


def _forecasts(signature: SignatureInfo, spec: Spec) -> bool:
    """Tells whether a signature takes and answers what is described."""
    sides = ((signature.inputs, spec.inputs), (signature.outputs, spec.targets))
    return all(
        {name: (info.shape or ())[1:] for name, info in tensors.items()}
        == {field.name: field.shape for field in fields}
        for tensors, fields in sides
    )


def _means(result: Any, count: int) -> list[float]:
    """Returns what a form starts with: numbers, or zeros."""
    if isinstance(result, list) and len(result) == count:
        if all(type(each) is float and math.isfinite(each) for each in result):
            return result
    return [0.0] * count


def _data(spec: Spec) -> dict[str, Any]:
    return {
        "data": spec.name,
        "input": spec.input.kind,
        "shape": list(spec.input.shape),
        "varied": spec.input.varied,
        "whole": spec.input.dtype.startswith("uint"),
        "limits": list(spec.input.limits),
        "classes": list(spec.target.classes),
        "features": list(spec.input.names),
        # A form offers the first ones; any text may be typed.
        "categories": [
            list(column.categories[:OFFERED]) for column in spec.input.columns
        ],
        "values": [column.title for column in spec.target.columns],
        "time": spec.input.time,
        **(_series(spec) if spec.target.kind == "series" else {}),
    }


def _series(spec: Spec) -> dict[str, Any]:
    """Returns what the page says of rows to forecast."""
    return {
        "horizon": spec.target.shape[0],
        "planned": list(spec.planned),
        "forecast": list(spec.target.names),
        "bands": [
            {"low": list(column.low), "high": list(column.high)}
            for column in spec.target.columns
        ],
    }


def _signature(info: SignatureInfo) -> dict[str, Any]:
    return {
        "method": info.method.rpartition("/")[2],
        "inputs": {k: _tensor(each) for k, each in info.inputs.items()},
        "outputs": {k: _tensor(each) for k, each in info.outputs.items()},
    }


def _tensor(info: TensorInfo) -> dict[str, Any]:
    shape = None if info.shape is None else list(info.shape)
    return {"dtype": info.dtype, "shape": shape}


def _text(value: Any) -> str:
    return value[:500] if isinstance(value, str) else ""


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    result = {}
    for name, number in value.items():
        # An integer of thousands of digits is no number for a page.
        if type(number) is float or (
            type(number) is int and abs(number) < 2**53
        ):
            if math.isfinite(number):
                result[str(name)] = float(number)
    return result
