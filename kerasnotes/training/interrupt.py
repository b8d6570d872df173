"""Ctrl-C and SIGTERM as a flag, so that no step is cut in half."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupt:
    """Set by the first signal; the second one ends the process at once."""

    def __init__(self) -> None:
        self.received = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = True


@contextlib.contextmanager
def catch_interrupt() -> Iterator[Interrupt]:
    """Yields the flag; puts the former handlers back afterwards."""
    flag = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may set handlers (notebooks, servers).
        yield flag
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, flag.handle) for number in numbers]
    try:
        yield flag
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
