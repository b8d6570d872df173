"""A request's turn to hold what only one request may hold at a time."""

import asyncio

from kerasnotes.serving.engine.errors import Code, ServingError


class Turn:
    """One request's place in a line; it has the turn once at most.

    Args:
        line: Shared by all requests of the line.
        patience: Seconds to wait for the turn.
    """

    __slots__ = ("_held", "_line", "_patience")

    def __init__(self, line: asyncio.Semaphore, patience: float) -> None:
        self._line, self._patience = line, patience
        self._held = False

    async def take(self) -> None:
        """Waits for the turn, unless the request has it.

        Raises:
            ServingError: If it does not come in time.
        """
        if self._held:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._line.acquire()
        except TimeoutError as error:
            raise ServingError(
                Code.DEADLINE_EXCEEDED, "Too many large bodies wait."
            ) from error
        self._held = True

    def give_back(self) -> None:
        """Lets the next request have it; does nothing without it."""
        if self._held:
            self._held = False
            self._line.release()
