"""Memory of large work, given back once there is a pause."""

import asyncio

from kerasnotes.runtime.memory import return_freed_memory

PAUSE = 1.0
"""Seconds after the last large piece of work: the next one, if it comes
sooner, uses the same memory, which it would have to be given anew."""
_timers: list[asyncio.TimerHandle] = []


def give_back_soon() -> None:
    """Gives freed memory back after a pause; called on the event loop."""
    while _timers:
        _timers.pop().cancel()
    loop = asyncio.get_running_loop()
    _timers.append(loop.call_later(PAUSE, _give_back, loop))


def _give_back(loop: asyncio.AbstractEventLoop) -> None:
    _timers.clear()
    loop.run_in_executor(None, return_freed_memory)
