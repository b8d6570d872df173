"""Standard output whose reader may leave: `| head`, a pager that is quit."""

import os
import sys

SMALL = 1e-3
"""Of a number, four decimals of which say too little."""


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


def show_number(value: float) -> str:
    """Returns a metric to four decimals, or to three digits if it is small.

    Example:
        ```pycon
        >>> show_number(0.98765), show_number(0.0000123)
        ('0.9877', '1.23e-05')
        ```
    """
    return f"{value:.2e}" if 0 < abs(value) < SMALL else f"{value:.4f}"
