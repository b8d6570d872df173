"""The linear path begins as a ridge regression of the training part.

Of few rows a line often says all there is; a network that must first find
it by gradient steps is worse than the line when it stops.
"""

from typing import Any

import keras
import numpy as np

from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch, spread

ROWS = 20_000
"""Training rows that it is fitted on, at most."""
WIDEST = 1_024
"""Entries of a row, at most: the work grows with their square."""
PENALTIES = np.logspace(-3, 6, 19)


def start_at_ridge(model: Any, train: Split) -> bool:
    """Sets the weights of `wide`, and the bias beside them, in closed form.

        V = (Z^T Z + a I)^-1 Z^T T,  Z the centred rows as `wide` sees them,
        T the targets in units of their deviation

    The penalty `a` is chosen by leave-one-out errors (Hastie et al., 2009,
    The Elements of Statistical Learning, eq. 3.44 and 7.52).

    Args:
        model: With layers `wide` and `deep`, as it is when it is built.
        train: The training part.

    Returns:
        Whether it was done: not of rows that are too wide, nor of one alone.
    """
    from sklearn.linear_model import RidgeCV

    wide, deep = model.get_layer("wide"), model.get_layer("deep")
    columns = model.spec.target.columns
    if wide.kernel.shape[0] > WIDEST or len(train) < 2:
        return False
    x, y = read_batch(train, spread(len(train), ROWS))
    given = wide.input
    # Layers of intervals are given ends too.
    row = keras.Model(
        model.inputs, given[0] if isinstance(given, list) else given
    )
    z = row.predict(np.asarray(x, "float32"), batch_size=1_024, verbose=0)
    mean = [column.mean for column in columns]
    deviation = [column.deviation for column in columns]
    targets = (y.astype("float64") - mean) / deviation
    found = RidgeCV(PENALTIES).fit(z.astype("float64"), targets)
    kernel, bias = np.atleast_2d(found.coef_), np.atleast_1d(found.intercept_)
    wide.kernel.assign(kernel.T.astype("float32"))
    deep.bias.assign(bias.astype("float32"))
    return True
