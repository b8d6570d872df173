"""The row that dense layers read: numbers standardized, categories vectors."""

from collections.abc import Sequence

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.layers.categories import Categories, PickColumns
from kerasnotes.layers.standardization import standardization


def table_row(
    inputs: Tensor,
    spec: Spec,
    mean: Sequence[float],
    variance: Sequence[float],
    hidden: float,
) -> Tensor:
    """Returns numbers standardized, and a vector for every category.

    Args:
        inputs: Raw columns `(B, D)`, or pixels `(B, H, W, C)`.
        spec: The data.
        mean: Per column or channel, of raw training values.
        variance: Per column or channel, of raw training values.
        hidden: Part of the categories hidden in training.
    """
    categorical = spec.input.categorical
    if not categorical:
        return standardization(mean, variance, "standardize")(inputs)
    counts = [len(column.categories) for column in spec.input.columns]
    numeric = [place for place, count in enumerate(counts) if not count]
    vectors = Categories(counts, hidden, name="categories")(inputs)
    if not numeric:
        return vectors
    numbers = standardization(
        [mean[place] for place in numeric],
        [variance[place] for place in numeric],
        "standardize",
    )(PickColumns(numeric, name="numbers")(inputs))
    return layers.Concatenate(name="row")([numbers, vectors])
