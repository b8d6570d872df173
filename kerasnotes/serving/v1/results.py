"""Answers of TensorFlow Serving's `:classify` and `:regress`.

Reference:
    TensorFlow Serving, `g3doc/api_rest.md`.
"""

import numpy as np
import orjson

from kerasnotes.serving.engine.classification import read_classes, read_values
from kerasnotes.serving.engine.signature import Tensors
from kerasnotes.serving.http.tensor_text import tensor_text


def write_results(method: str, outputs: Tensors, examples: int) -> bytes:
    """Returns the body that answers `:classify` or `:regress`."""
    if method == "regress":
        values = read_values(outputs, examples).astype(np.float32)
        return b'{"results":' + tensor_text("", values) + b"}"
    rows = []
    for row in read_classes(outputs, examples):
        scores = np.array([score for _, score in row], np.float32)
        texts = tensor_text("", scores)[1:-1].split(b",") if row else []
        pairs = [
            b"[" + orjson.dumps(label) + b"," + text + b"]"
            for (label, _), text in zip(row, texts, strict=True)
        ]
        rows.append(b"[" + b",".join(pairs) + b"]")
    return b'{"results":[' + b",".join(rows) + b"]}"
