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
TARGET = "target_tokenizer.json"
TOLD = (
    "It takes numbers of tokens, 0 behind the end of a text and 1 for what "
    f"training did not show. {TOKENIZER}, of the library `tokenizers`, makes "
    "them (`Tokenizer.from_file`, without its special tokens; a text of none "
    "is a single 1); `kn serve` does it itself, and takes texts."
)
WRITTEN = (
    " It answers by numbers of tokens, found by a greedy search, 0 from the "
    f"end on: {TARGET} makes texts of them; `kn serve` gives texts."
)


def reads_texts(spec: Spec | None) -> bool:
    """Returns whether a model is given texts."""
    return spec is not None and any(f.kind == "text" for f in spec.inputs)


def writes_texts(spec: Spec | None) -> bool:
    """Returns whether a model answers by texts: it leaves with its search."""
    return spec is not None and spec.targets[0].kind == "sequence"


def describe(spec: Spec) -> str:
    """Returns what a client has to know."""
    return TOLD + WRITTEN if writes_texts(spec) else TOLD


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


def write_tokenizers(spec: Spec, folder: Path, prefix: str = "") -> None:
    """Writes a model's tokenizer, or both, for other programs.

    Args:
        spec: The data.
        folder: Where to.
        prefix: Of the files' names.

    Raises:
        StorageError: If they cannot be written.
    """
    fields = {TOKENIZER: spec.input}
    if writes_texts(spec):
        fields[TARGET] = spec.target
    for name, field in fields.items():
        known: Any = json.loads(field.tokenizer)
        text = json.dumps(known, ensure_ascii=False, indent=1)
        files.write_text(folder / f"{prefix}{name}", text)
