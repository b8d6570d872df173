"""A framework's out-of-memory error, told as one a user can mend."""

import contextlib
from collections.abc import Iterator

from kerasnotes.base.errors import OutOfMemoryError
from kerasnotes.runtime.memory import is_out_of_memory


@contextlib.contextmanager
def explain_memory(batch_size: int) -> Iterator[None]:
    """Turns a framework's out-of-memory error into one screen."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(
            f"A batch of {batch_size} does not fit into memory.",
            hint=f"--batch-size {max(1, batch_size // 2)}"
            if batch_size > 1
            else "use a machine with more memory, or a smaller model",
        ) from error
