"""The inference server without any protocol: models, versions, requests."""

import asyncio
import functools
import logging
import time

from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.engine.batching import Batcher
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.images.encoded import weigh_encoded
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.metrics import Metrics
from kerasnotes.serving.engine.request_check import (
    check_tensors,
    find_signature,
)
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import SignatureInfo, Tensors
from kerasnotes.serving.engine.tiles import (
    Finish,
    ask_images,
    find_tiling,
)
from kerasnotes.serving.engine.versions.control import Control
from kerasnotes.serving.engine.versions.lifecycle import Versions, VersionStatus
from kerasnotes.serving.engine.versions.loader import Loader
from kerasnotes.serving.engine.versions.model_source import ModelSource
from kerasnotes.serving.engine.versions.warmup import load_warm

log = logging.getLogger("kerasnotes.serving")


class InferenceServer:
    """Serves models; every protocol asks this one.

    All methods run on one event loop.

    Args:
        sources: The models.
        batching: How requests are answered together.
        limits: What a request may ask for.
        poll: Seconds between two looks at the folders; 0 for one look only.
        strict: Whether to answer as TensorFlow Serving does even where that
            helps nobody (`GET /v1/models`).
        allow_control: Whether clients may load and unload models.
        cors: Whether pages of other origins may ask.
        control: Remembers what clients unloaded.

    Attributes:
        looked: Whether the first look at the folders is done.
        useless: Whether it found nothing that can be asked.
        draining: Whether the server is about to end.
    """

    def __init__(
        self,
        sources: list[ModelSource],
        *,
        batching: BatchOptions | None = None,
        limits: Limits | None = None,
        poll: float = 1.0,
        strict: bool = False,
        allow_control: bool = False,
        cors: bool = False,
        control: Control | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.strict, self.cors = strict, cors
        self.allow_control = allow_control
        self._control = control or Control()
        self.metrics = Metrics()
        self.batching = batching or BatchOptions()
        self._poll = poll
        self._batcher = Batcher(self.batching, self.metrics.observe_batch)
        self._loader = Loader()
        self._models = {
            source.name: self._versions(source) for source in sources
        }
        self._watcher: asyncio.Task[None] | None = None
        self.looked = self.useless = False
        self.draining = False

    def _versions(self, source: ModelSource) -> Versions:
        load = functools.partial(load_warm, batch_sizes=self.batching.sizes)
        return Versions(source, load)

    # === Models ===

    def names(self) -> list[str]:
        """Returns the names of all models, also of those not loaded."""
        return list(self._models)

    def find(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> Servable:
        """Returns what answers a request.

        Raises:
            ServingError: If there is none, in TensorFlow Serving's words.
        """
        model = self._models.get(name)
        if label is not None:
            return self._labelled(name, model, label)
        if version is None:
            servable = model.newest() if model else None
            request = f"Latest({name})"
        else:
            servable = model.available.get(version) if model else None
            request = f"Specific({name}, {version})"
        if servable is None:
            raise ServingError(
                Code.NOT_FOUND, f"Servable not found for request: {request}"
            )
        return servable

    def _labelled(
        self, name: str, model: Versions | None, label: str
    ) -> Servable:
        if model is None:
            raise ServingError(
                Code.NOT_FOUND,
                f"Servable not found for request: Latest({name})",
            )
        servable = model.labelled(label)
        if servable is None:
            raise invalid(f"Unrecognized servable version label: {label}")
        return servable

    def status(
        self, name: str, version: int | None = None
    ) -> list[VersionStatus]:
        """Returns the state of a model's versions, newest first.

        Raises:
            ServingError: If there is none, in TensorFlow Serving's words.
        """
        model = self._models.get(name)
        versions = dict(model.known) if model else {}
        if version is not None:
            if version not in versions:
                raise ServingError(
                    Code.NOT_FOUND,
                    f"Could not find version {version} of model {name}",
                )
            versions = {version: versions[version]}
        if not versions:
            raise ServingError(
                Code.NOT_FOUND, f"Could not find any versions of model {name}"
            )
        return [versions[number].status() for number in sorted(versions)[::-1]]

    def ready(
        self, name: str | None = None, version: int | None = None
    ) -> bool:
        """Tells whether a model, or every wanted one, can be asked."""
        if self.draining or not self.looked:
            return False
        if name is None:
            return all(m.available for m in self._models.values() if m.wanted)
        model = self._models.get(name)
        if model is None:
            return False
        return bool(model.available) and version in (None, *model.available)

    def errors(self) -> list[str]:
        """Returns why versions could not be loaded, one line each."""
        return [
            f"{model.source.name}: {version.error.message}"
            for model in self._models.values()
            for version in model.known.values()
            if version.error is not None
        ]

    # === Requests ===

    async def predict(
        self,
        servable: Servable,
        signature: str,
        tensors: Tensors,
        *,
        timeout: float | None = None,
        finish: Finish | None = None,
    ) -> Tensors:
        """Answers a request, together with others, off the event loop.

        Args:
            servable: From `find`.
            signature: Its signature; empty for `serving_default`.
            tensors: An array for each input.
            timeout: Seconds, below the server's own limit.
            finish: What becomes of each tile's answer, where large images
                are cut.

        Raises:
            ServingError: If the request does not fit the signature, the
                queue is full, the time is over, or the model fails.
        """
        info = find_signature(servable, signature)
        rows = check_tensors(info, tensors, self.limits.max_rows)
        longest = self.limits.timeout
        seconds = longest if timeout is None else min(timeout, longest)
        tiling = find_tiling(servable, info)
        if tiling is not None and rows:
            (images,) = tensors.values()
            if not tiling.takes(images.shape[1:]):
                end = time.monotonic() + seconds
                ask = functools.partial(self._ask_tile, servable, info, end)
                return await ask_images(ask, info, images, tiling, finish)
        weight = weigh_encoded(tensors, self.limits.max_pixels)
        weight += sum(array.size for array in tensors.values())
        return await self._batcher.submit(
            servable, info.name, tensors, rows, weight, seconds
        )

    async def _ask_tile(
        self,
        servable: Servable,
        info: SignatureInfo,
        end: float,
        tensors: Tensors,
    ) -> Tensors:
        """Answers one tile; until `end`, on the monotonic clock."""
        weight = sum(array.size for array in tensors.values())
        seconds = end - time.monotonic()
        return await self._batcher.submit(
            servable, info.name, tensors, 1, weight, seconds
        )

    # === Life ===

    async def start(self) -> None:
        """Loads every model, then watches the folders."""
        await self._refresh(patient=False)
        self.useless = not any(m.available for m in self._models.values())
        self.looked = True
        if self._poll:
            self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._poll)
            try:
                await self._refresh(patient=True)
            except Exception:
                # One look that fails must not end all looks.
                log.exception("looking for new versions failed")

    async def _refresh(self, patient: bool) -> None:
        models = list(self._models.values())
        for model in models:
            # Another process of this server may have been told.
            model.wanted = self._control.wants(model.source.name)
        for model in models:
            if not self.draining:
                await self._loader.look(model, patient)

    async def configure(self, sources: list[ModelSource]) -> None:
        """Serves these models from now on; what stays is not reloaded."""
        models = {}
        for source in sources:
            old = self._models.get(source.name)
            if old is None or old.source.base != source.base:
                old = self._versions(source)
            models[source.name] = old
            if old.source != source or not old.available:
                await self._loader.look(old, False, source)
        self._models = models

    async def load(self, name: str) -> None:
        """Loads a model, or looks again for its versions.

        Raises:
            ServingError: If there is no such model, or it does not load.
        """
        model = self._wish(name, True)
        await self._loader.refresh(model)
        if not model.available:
            errors = [v.error for v in model.known.values() if v.error]
            raise ServingError(
                Code.FAILED_PRECONDITION,
                errors[-1].message if errors else f"No version of {name}.",
            )

    async def unload(self, name: str) -> None:
        """Drops a model; requests that hold it are still answered.

        Raises:
            ServingError: If there is no such model.
        """
        model = self._wish(name, False)
        await self._loader.refresh(model)

    def _wish(self, name: str, wanted: bool) -> Versions:
        if name not in self._models:
            raise ServingError(Code.NOT_FOUND, f"Model not found: {name}")
        self._control.wish(name, wanted)
        self._models[name].wanted = wanted
        return self._models[name]

    async def stop(self) -> None:
        """Answers what waits, then ends the threads."""
        self.draining = True
        if self._watcher is not None:
            self._watcher.cancel()
        end = time.monotonic() + self.limits.timeout
        while self._batcher.busy and time.monotonic() < end:
            await asyncio.sleep(0.01)
        await self._loader.close()
        self._batcher.close()
