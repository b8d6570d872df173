"""What a user should know of rows before they are answered for."""

from collections.abc import Iterator, Sequence

import numpy as np

from kerasnotes.data.spec import Spec
from kerasnotes.tasks.inputs import Input, read_examples


def check_rows(inputs: Sequence[Input], spec: Spec) -> Iterator[str]:
    """Yields a sentence for each column with categories that are unknown.

    Args:
        inputs: Tables.
        spec: What the model was trained on.

    Raises:
        DataError: If one cannot be read.
    """
    places = list(spec.input.categorical)
    if not places:
        return
    unknown, rows = np.zeros(len(places), "int64"), 0
    for one in inputs:
        codes = np.stack(read_examples(one, spec))[:, places]
        unknown += (codes == 0).sum(axis=0)
        rows += len(codes)
    for place, count in zip(places, unknown.tolist(), strict=True):
        if count:
            name = spec.input.names[place]
            yield (
                f"{count:,} of {rows:,} rows have a `{name}` that the training "
                "did not show: it counts as unknown."
            )
