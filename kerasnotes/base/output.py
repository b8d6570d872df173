"""Standard output whose reader may leave: `| head`, a pager that is quit."""

import os
import sys


def tell(text: str) -> None:
    """Prints a line at once; what nobody reads any more is dropped.

    Long work goes on without its reader, and ends as it would have.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        leave_output()


def leave_output() -> None:
    """Sends what is printed from here on nowhere.

    Python would otherwise complain of the rest when it ends.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
