"""Models of texts leave as models of numbers; their tokenizer beside them.

TensorFlow's own operations know neither Unicode's form NFC nor byte pairs, so
a lookup inside the graph would give other numbers for some texts. `kn serve`
takes texts; other servers are sent what `tokenizer.json` makes of them.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base import files
from kerasnotes.base.types import Array
from kerasnotes.data.spec import Spec
from kerasnotes.export.examples import BATCHES
from kerasnotes.export.signature import Tensors

TOKENIZER = "tokenizer.json"
TOLD = (
    "It takes numbers of tokens, 0 behind the end of a text and 1 for what "
    f"training did not show. {TOKENIZER}, of the library `tokenizers`, makes "
    "them (`Tokenizer.from_file`, without its special tokens; a text of none "
    "is a single 1); `kn serve` does it itself, and takes texts."
)


def reads_texts(spec: Spec | None) -> bool:
    """Returns whether a model is given texts."""
    return spec is not None and any(f.kind == "text" for f in spec.inputs)


def make_requests(spec: Spec) -> list[Tensors]:
    """Returns numbers of tokens by name, of texts of any length."""
    rng, field = np.random.default_rng(0), spec.input
    length = int(field.shape[0] or 1)
    return [
        {field.name: _draw(rng, rows, length, field.vocabulary)}
        for rows in BATCHES
    ]


def _draw(
    rng: np.random.Generator, rows: int, length: int, vocabulary: int
) -> Array:
    x = rng.integers(1, max(vocabulary, 2), (rows, length))
    ends = rng.integers(1, length + 1, rows)
    ends[0] = length
    x[np.arange(length) >= ends[:, None]] = 0
    return x.astype("int32")


def write_tokenizer(spec: Spec, path: Path) -> None:
    """Writes a model's tokenizer for other programs.

    Raises:
        StorageError: If it cannot be written.
    """
    known: Any = json.loads(spec.input.tokenizer)
    files.write_text(path, json.dumps(known, ensure_ascii=False, indent=1))
