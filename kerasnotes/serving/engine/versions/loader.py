"""The one thread in which models look at their folders and load versions."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from kerasnotes.serving.engine.versions.lifecycle import Versions
from kerasnotes.serving.engine.versions.model_source import ModelSource

log = logging.getLogger("kerasnotes.serving")


class Loader:
    """Refreshes models, one at a time, beside the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "kn-loader")

    async def look(
        self, model: Versions, patient: bool, source: ModelSource | None = None
    ) -> None:
        """Refreshes a model; what goes wrong is logged.

        Args:
            model: Whose folder is looked at.
            patient: Whether what still changes is left for the next look.
            source: Another policy and other labels for it.
        """
        try:
            await self._call(model, patient, source)
        except Exception:
            # One model's trouble is not the others'.
            log.exception("model %s cannot be loaded", model.source.name)

    async def refresh(self, model: Versions) -> None:
        """Refreshes a model at a client's wish; what goes wrong is raised."""
        await self._call(model, False, None)

    async def _call(
        self, model: Versions, patient: bool, source: ModelSource | None
    ) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, model.refresh, patient, source)

    async def close(self) -> None:
        """Ends the thread; a load that is under way ends first."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
