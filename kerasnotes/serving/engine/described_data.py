"""What a served model's description says of its data, if it can be believed.

The description is a file beside the graph; not only `kn export` writes files.
"""

import dataclasses
import functools
import math
from typing import Any

import pydantic

from kerasnotes.data.spec import Spec


@functools.cache
def _checker() -> pydantic.TypeAdapter[Spec]:
    return pydantic.TypeAdapter(Spec)


def read_spec(card: dict[str, Any]) -> Spec | None:
    """Returns the data that a model was trained on, or `None`.

    Args:
        card: A servable's description.
    """
    try:
        # Read first: it may be of a version before there were fields.
        plain = dataclasses.asdict(Spec.from_json(card["spec"]))
        spec = _checker().validate_python(plain)
        limits, _ = spec.input.limits, spec.target
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    ordered = all(map(math.isfinite, limits)) and limits[0] < limits[1]
    # One input and one answer are known, and what a forecast is told beside.
    single = all(field is spec.future for field in spec.inputs[1:])
    return spec if ordered and single and spec.input.shape else None
