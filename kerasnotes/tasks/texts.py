"""Texts that a trained model is asked about: read, and made numbers of.

The tokenizer is the one that the model keeps: what it was trained on, what it
is measured on and what a server is sent become numbers by the same function.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.readers.tables.prose_table import column_of_texts
from kerasnotes.data.readers.tables.table_file import open_table
from kerasnotes.data.readers.tables.table_rows import SUFFIXES
from kerasnotes.data.readers.text_folder import read_text
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json


def to_numbers(texts: Sequence[str], spec: Spec) -> Array:
    """Returns texts as the model is given them, `(N, T)`, int32."""
    field = spec.input
    return open_json(field.tokenizer).encode(texts, int(field.shape[0] or 1))


def read_texts(path: Any, spec: Spec) -> list[str]:
    """Returns the texts of a file, or of an array in memory.

    Args:
        path: A `.txt` file, which is one, or, to be translated, one a line;
            or a table, a text a row; or
            texts in memory, with `values` and a `name`.
        spec: What the model was trained on.

    Raises:
        DataError: If there are none.
    """
    if not isinstance(path, Path):
        return _strings(path.values, str(path))
    if path.suffix.lower() in SUFFIXES:
        table = open_table(path)
        return column_of_texts(table, str(path), spec.input.column)
    text = read_text(path)
    if spec.target.kind == "sequence":
        # Others than `\n` end no line: U+2028 stands in many corpora.
        return text.removesuffix("\n").split("\n")
    return [text]


def _strings(values: Array, name: str) -> list[str]:
    flat = np.asarray(values, object).reshape(-1).tolist()
    texts = [_decoded(value) for value in flat]
    wrong = [v for v in texts if not isinstance(v, str)]
    if wrong or not texts:
        raise DataError(
            f"The {name} does not fit the model.",
            expected="texts, in bytes those of UTF-8",
            received=f"{type(wrong[0]).__name__}: {wrong[0]!r:.80}"
            if wrong
            else "none",
        )
    return texts


def _decoded(value: Any) -> Any:
    """Returns bytes as text if they are UTF-8; all else as it is."""
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def tell_texts(texts: Sequence[str], spec: Spec) -> Iterator[str]:
    """Yields what a user should know of texts before answers are read.

    Args:
        texts: What is asked about.
        spec: What the model was trained on.
    """
    if spec.target.kind == "sequence":
        # An empty line is answered by one.
        texts = [text for text in texts if text.strip()]
    length = int(spec.input.shape[0] or 1)
    found = open_json(spec.input.tokenizer).numbers(texts)
    cut = sum(len(one) > length for one in found)
    strange = sum(all(n == UNKNOWN for n in one[:length]) for one in found)
    if cut:
        yield (
            f"{cut:,} of {len(texts):,} texts have more than {length:,} "
            "tokens: the rest is not read."
        )
    if strange:
        yield (
            f"{strange:,} of {len(texts):,} texts hold nothing that training "
            "showed: their answers say little."
        )
