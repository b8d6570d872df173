"""Work on large bodies and arrays, kept off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kerasnotes.runtime.machine import cpu_count
from kerasnotes.serving.engine.thrift import give_back_soon

LARGE = 2**18
"""Bytes from which something is worth the hop to another thread."""
_POOL = ThreadPoolExecutor(max(1, cpu_count() // 2), "kn-offload")
# Few: each holds the interpreter and a core, which small requests need, and
# the memory of what it works on.


async def offload(size: int, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a function, in another thread if `size` bytes are many.

    So small requests are not slowed by the hop, nor kept waiting by large
    ones.
    """
    if size < LARGE:
        return function(*args)
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_POOL, function, *args)
    finally:
        give_back_soon()
