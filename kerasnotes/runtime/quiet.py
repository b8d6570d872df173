"""Hides the notices that TensorFlow prints while it starts.

They come from C++, before its log level is read, on every start. What a
failing import says reaches the user through the exception.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_start(backend: str) -> Iterator[None]:
    """Closes standard error to C++ while a framework is imported.

    Args:
        backend: Which; only TensorFlow is that loud.
    """
    if backend != "tensorflow":
        yield
        return
    # That a function is traced for a second shape is no news to a user.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        saved = os.dup(2)
    except OSError:  # standard error is closed: nothing to hide
        yield
        return
    sys.stderr.flush()
    try:
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
