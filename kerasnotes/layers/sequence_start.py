"""The beginning of a network that reads sequences: series or texts."""

from collections.abc import Sequence

from keras import initializers, layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.missing_rows import Blank, Present
from kerasnotes.layers.series_inputs import SeriesInputs
from kerasnotes.layers.standardization import standardization
from kerasnotes.layers.tokens import embed


def begin(
    spec: Spec,
    units: int,
    mean: Sequence[float],
    variance: Sequence[float],
    rate: float = 0.0,
) -> tuple[SeriesInputs, Tensor, Tensor | None]:
    """Returns inputs, the steps they hold, and which of them are no padding.

    Args:
        spec: The data: a series `(T, D)`, a text or a language `(T,)`.
        units: Numbers that a token becomes.
        mean: Per column of a series, of raw training values.
        variance: Per column of a series, of raw training values.
        rate: Of dropout of what tokens become.

    Returns:
        The inputs; a tensor `(B, T, D)`; and, of texts and of series that
        differ in length, one `(B, T)`, bool.
    """
    given = SeriesInputs.of(spec)
    if spec.input.kind == "text":
        return given, *embed(given.series, spec.input, units, rate)
    if spec.input.kind == "tokens":
        # None of a language's tokens is padding. Of order one, as the states
        # beside them: 2.05 nats a character after an epoch, against 2.42 of
        # Keras' start between -0.05 and 0.05.
        x = layers.Embedding(
            spec.input.vocabulary,
            units,
            embeddings_initializer=initializers.RandomNormal(stddev=1.0),
            name="embedding",
        )(given.series)
        return given, dropout(rate, "embedding_dropout")(x) if rate else x, None
    x = standardization(mean, variance, "standardize")(given.series)
    if not spec.input.varied:
        return given, x, None
    present = Present(name="present")(given.series)
    return given, Blank(name="blank")(x), present
