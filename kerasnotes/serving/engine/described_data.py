"""What a served model's description says of its data, if it can be believed.

The description is a file beside the graph; not only `kn export` writes files.
"""

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
        spec = _checker().validate_python(card.get("spec"))
        limits = spec.limits
    except ValueError:
        return None
    ordered = all(map(math.isfinite, limits)) and limits[0] < limits[1]
    return spec if ordered and spec.shape else None
