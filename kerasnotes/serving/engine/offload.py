"""Work on large bodies and arrays, kept off the event loop."""

import asyncio
from collections.abc import Callable
from typing import Any

LARGE = 2**18
"""Bytes from which something is worth the hop to another thread."""


async def offload(size: int, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a function, in another thread if `size` bytes are many.

    So small requests are not slowed by the hop, nor kept waiting by large
    ones.
    """
    if size < LARGE:
        return function(*args)
    return await asyncio.to_thread(function, *args)
