"""The signature of a table with categories: numbers apart from texts."""

import unicodedata

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.data.fields import Field
from kerasnotes.data.meaning.categories import (
    POINT_ZERO,
    SPACE,
    encode,
    spellings,
)
from kerasnotes.export.endpoint import Endpoint
from kerasnotes.export.examples import Array
from kerasnotes.export.signature import BYTES, Port, Tensors

NUMBERS, TEXTS = "features", "categories"


def with_texts(base: Endpoint, field: Field) -> Endpoint:
    """Returns the endpoint that takes categories as texts.

    Their numbers are of no use to a client: it would have to know the order
    of the training's categories, and a wrong one would go unnoticed.

    Args:
        base: The endpoint that takes one `features`, `(B, D)`.
        field: The table.
    """
    texts = list(field.categorical)
    numeric = [n for n in range(len(field.columns)) if n not in texts]
    inputs = [
        Port(NUMBERS, (None, len(numeric)), "float32"),
        Port(TEXTS, (None, len(texts)), BYTES),
    ]
    categories = [field.columns[place].categories for place in texts]
    known = [spellings(each) for each in categories]

    def serve(tensors: Tensors) -> Tensors:
        import tensorflow as tf

        columns = [None] * len(field.columns)
        for number, place in enumerate(numeric):
            columns[place] = tensors[NUMBERS][:, number]
        for number, place in enumerate(texts):
            cells = tf.strings.regex_replace(
                tensors[TEXTS][:, number], SPACE, ""
            )
            cells = tf.strings.regex_replace(cells, POINT_ZERO, r"\1")
            written, codes = zip(*known[number].items(), strict=True)
            same = tf.equal(cells[:, None], tf.constant(written)[None])
            # At most one is the same; none is an unknown category, 0.
            code = tf.linalg.matvec(
                tf.cast(same, "float32"), tf.constant(codes, "float32")
            )
            columns[place] = code
        return base.serve({NUMBERS: tf.stack(columns, axis=1)})

    def expect(tensors: Tensors) -> Tensors:
        rows = len(tensors[TEXTS])
        x = np.zeros((rows, len(field.columns)), "float32")
        for number, place in enumerate(numeric):
            x[:, place] = tensors[NUMBERS][:, number]
        for number, place in enumerate(texts):
            x[:, place] = encode(tensors[TEXTS][:, number], categories[number])
        return base.expect({NUMBERS: x})

    requests = [
        _split(r[NUMBERS], numeric, texts, categories) for r in base.requests
    ]
    ports = [port for port in inputs if port.shape[1]]
    return Endpoint(
        base.name, tuple(ports), serve, expect, requests, base.tracked
    )


def _split(
    x: Array,
    numeric: list[int],
    texts: list[int],
    categories: list[tuple[str, ...]],
) -> Tensors:
    """Returns a request of random rows; every third text is unknown."""
    named = np.empty((len(x), len(texts)), object)
    for number, each in enumerate(categories):
        for row in range(len(x)):
            text = each[(row + number) % len(each)]
            # Ideographic and no-break spaces around it are none of it; marks
            # may be characters of their own.
            text = unicodedata.normalize("NFD", text) if row % 3 else text
            spaced = f"\u3000{text}\xa0\n"
            named[row, number] = b"?" if row % 3 == 2 else spaced.encode()
    request = {NUMBERS: x[:, numeric], TEXTS: named}
    return request if numeric else {TEXTS: named}


def check_format(field: Field, format: str) -> None:
    """Refuses categories in a format that knows no texts.

    Raises:
        UsageError: Names the columns.
    """
    names = [field.names[place] for place in field.categorical]
    if names:
        raise UsageError(
            f"A model of categories cannot be exported as {format}: it knows "
            "no texts.",
            expected="--format saved_model or keras",
            received="categories: " + ", ".join(names[:10]),
        )
