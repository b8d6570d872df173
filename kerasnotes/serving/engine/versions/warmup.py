"""Asking a new version once before clients do, as TensorFlow Serving does.

The first call of a graph takes many times as long as the next.

Reference:
    TensorFlow Serving, `g3doc/saved_model_warmup.md`.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from kerasnotes.base.errors import reason
from kerasnotes.export.card import EXTRA, RECORDS
from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.engine.servable import Servable, blank, read_records
from kerasnotes.serving.engine.signature import DEFAULT, Tensors

MOST = 1000
"""Records that are read, as TensorFlow Serving does."""
SIDE = 64
"""Length of free axes, such as height and width, where nothing is recorded."""
log = logging.getLogger("kerasnotes.serving")


def load_warm(
    name: str, version: int, path: Path, batch_sizes: tuple[int, ...]
) -> Servable:
    """Loads a version and warms it up.

    Raises:
        ServingError: If it cannot be loaded.
    """
    servable = Servable(name, version, path)
    warm_up(servable, batch_sizes)
    return servable


def warm_up(servable: Servable, batch_sizes: tuple[int, ...]) -> None:
    """Replays the recorded requests, and fills batches of each size.

    Failures are logged: a model that cannot be warmed up may still answer.

    Args:
        servable: A loaded version that no client knows yet.
        batch_sizes: What batches will be padded to.
    """
    replayed = 0
    for signature, tensors in _recorded(servable):
        replayed += _ask(servable, signature, tensors)
    if not replayed:
        _ask_blank(servable, 1)
    for size in batch_sizes:
        _ask_blank(servable, size)


def _ask_blank(servable: Servable, rows: int) -> None:
    signature = servable.signatures.get(DEFAULT)
    tensors = signature and blank(signature, rows, SIDE)
    if tensors:
        _ask(servable, DEFAULT, tensors)


def _ask(servable: Servable, signature: str, tensors: Tensors) -> int:
    try:
        servable.run(signature, tensors)
    except ServingError as error:
        log.warning(
            "warm-up of %s/%d %s: %s",
            servable.name,
            servable.version,
            signature,
            error.message,
        )
        return 0
    return 1


def _recorded(servable: Servable) -> Iterator[tuple[str, Tensors]]:
    """Yields the requests recorded beside the graph."""
    path = servable.path / EXTRA / RECORDS
    if not path.is_file():
        return
    try:
        for signature, tensors in read_records(path, MOST):
            if signature in servable.signatures:
                yield signature, tensors
    except Exception as error:
        # A damaged record must not keep a good model from being served.
        log.warning("cannot read %s: %s", RECORDS, reason(error))
