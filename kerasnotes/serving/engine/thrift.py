"""Memory of large work, given back soon after it."""

import asyncio
import weakref

from kerasnotes.runtime.memory import return_freed_memory

PAUSE = 0.25
"""Seconds after a large piece of work: those that follow sooner use the same
memory, which they would have to be given anew."""
_waiting: "weakref.WeakSet[asyncio.AbstractEventLoop]" = weakref.WeakSet()


def give_back_soon() -> None:
    """Gives freed memory back after a pause; called on the event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _waiting:
        _waiting.add(loop)
        loop.call_later(PAUSE, _give_back, loop)


def _give_back(loop: asyncio.AbstractEventLoop) -> None:
    _waiting.discard(loop)
    loop.run_in_executor(None, return_freed_memory)
