"""Batches for `Model.fit`: a pure function of seed, epoch and step.

Nothing here remembers what was drawn before, so a resumed run sees the
batches the uninterrupted run would have seen.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from kerasnotes.data.augmentation.augment import Vary
from kerasnotes.data.augmentation.mixing import Mixing
from kerasnotes.data.dataset import Array, ArraySplit, Split
from kerasnotes.data.inputs import as_fed, stack
from kerasnotes.data.language.language_split import LanguageSplit
from kerasnotes.data.patches import PatchGrid
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec

Batch = tuple[Any, ...]


class Batches(keras.utils.PyDataset):
    """A split, batch by batch: batch `i` whatever was asked for before.

    Shuffled, it has no end: batch `i` is step `i % steps` of epoch
    `i // steps`, to be used with `fit(steps_per_epoch=...)`. Keras restarts
    and peeks into data as it likes; nothing here can get out of step.

    An epoch of images larger than `patch` is as many random patches as
    cover the training pixels once.

    Args:
        split: The examples.
        spec: Their description.
        batch_size: Examples per optimizer step.
        seed: Seed of order, patches and augmentation.
        parts: Into how many smaller batches each batch is cut (gradient
            accumulation).
        patch: Side of square patches, pixels, or `None` for whole images.
        augment: Varies a batch, or `None`.
        mixing: Mixes a batch of classified images, or `None`.
        varied: Epochs that are augmented and mixed, from the first on; all
            of them if `None`.
        class_weights: Of each class in the loss, `(K,)`, or `None`.
        pixel_weight: From a mask `(H, W)` to its weights, or `None`.
        labelled: Whether the inputs are `{"x": ..., "y": ...}`, for networks
            that are told the target as well.
        streams: Whether the examples are windows of one text, read on row by
            row: `LanguageSplit.streams`.
        passes: Passes over the whole images of the split that are an epoch;
            more than one for small data, so that an epoch is worth its end.
        shuffle: If false, it is the split once, in its order; patches lie
            on a grid, and the last batch may be smaller.
        start: Optimizer steps already done: batch 0 is the one after them.

    Attributes:
        steps: Batches of one epoch, accumulated parts counted as one.
        failure: The exception that reading a batch ended with, or `None`;
            frameworks hand on its text only.
    """

    def __init__(
        self,
        split: Split,
        spec: Spec,
        *,
        batch_size: int,
        seed: int = 0,
        parts: int = 1,
        patch: int | None = None,
        augment: Vary | None = None,
        mixing: Mixing | None = None,
        varied: int | None = None,
        class_weights: Array | None = None,
        pixel_weight: Callable[[Array], Array] | None = None,
        labelled: bool = False,
        streams: bool = False,
        passes: int = 1,
        shuffle: bool = True,
        start: int = 0,
    ) -> None:
        super().__init__()
        self.split, self.spec, self.seed = split, spec, seed
        self.parts, self.start, self.shuffle = parts, start, shuffle
        self.augment, self.pixel_weight = augment, pixel_weight
        self.mixing, self.varied = mixing, varied
        self.class_weights = class_weights
        self.labelled, self.passes = labelled, passes if shuffle else 1
        self.streams = streams
        self.patches = PatchGrid(split, spec, patch) if patch else None
        self.examples = len(split)
        if self.patches is not None:
            grid = self.patches
            self.examples = len(grid) if shuffle else grid.covering
        self.batch_size = min(batch_size, self.examples)
        if self.streams:
            self.examples -= self.examples % self.batch_size
        if self.patches is None:
            self.examples *= self.passes
        self.steps = self.examples // self.batch_size
        if not shuffle:
            self.steps = -(-self.examples // self.batch_size)
        self.failure: Exception | None = None
        self._order: tuple[int, Array] = (-1, np.arange(0))
        slow = any(x is not None for x in (augment, pixel_weight, mixing))
        in_memory = isinstance(split, ArraySplit) or hasattr(split, "x")
        self._ahead = ReadAhead(self._make) if slow or not in_memory else None

    @property
    def num_batches(self) -> int | None:
        return None if self.shuffle else self.steps

    def __getitem__(self, index: int) -> Batch:
        try:
            if self._ahead is None:
                return self._make(index)
            return self._ahead[index]
        except Exception as error:
            self.failure = error
            raise

    def _make(self, index: int) -> Batch:
        step, part = divmod(index + self.start * self.parts, self.parts)
        epoch, step = divmod(step, self.steps)
        first = step * self.batch_size
        last = min(first + self.batch_size, self.examples)
        where = np.array_split(np.arange(first, last), self.parts)[part]
        x, y = self._read(epoch, where)
        x = as_fed(x)
        key = (epoch * self.steps + step) * self.parts + part
        varied = self.varied is None or epoch < self.varied
        if self.augment is not None and varied:
            masks = y if self.spec.target.kind == "mask" else None
            x, masks = self.augment(x, masks, key)
            y = y if masks is None else masks
        if self.mixing is not None:
            mix = self.mixing if varied else self.mixing.leave
            x, y = mix(x, y, key)
        if self.labelled:
            return {"x": x, "y": y}, y
        if self.class_weights is not None:
            # Of a mixture, each class's by its part.
            weights = self.class_weights
            return x, y, y @ weights if y.ndim > 1 else weights[y]
        if self.pixel_weight is None:
            return x, y
        # What is left out counts as ground here; the loss drops it.
        pixels = [self.pixel_weight(np.maximum(mask, 0)) for mask in y]
        return x, y, np.stack(pixels)

    def _read(self, epoch: int, where: Array) -> tuple[Any, Array]:
        if self.patches is None:
            order = self._epoch_order(epoch, self.passes)
            return read_batch(self.split, order[where])
        if not self.shuffle:
            return stack(self.patches.grid(int(i)) for i in where)
        order = self._epoch_order(epoch, self.patches.passes)
        return stack(
            self.patches.random(
                int(order[i]), np.random.default_rng([self.seed, epoch, i])
            )
            for i in where
        )

    def _epoch_order(self, epoch: int, passes: int) -> Array:
        if not self.shuffle:
            return np.arange(len(self.split))
        cached, order = self._order
        if cached != epoch:
            rng = np.random.default_rng([self.seed, epoch])
            orders = [self._pass_order(rng) for _ in range(passes)]
            order = orders[0] if passes == 1 else np.concatenate(orders)
            # One assignment: another thread sees the old pair or the new.
            self._order = (epoch, order)
        return order

    def _pass_order(self, rng: np.random.Generator) -> Array:
        if self.streams and isinstance(self.split, LanguageSplit):
            return self.split.streams(rng, self.batch_size)
        return self.split.order(rng)


class ReadAhead:
    """Makes the next batches in threads while one is in use.

    Args:
        make: Returns batch `index`; safe to call from several threads.
        depth: How many batches are made ahead.
    """

    def __init__(self, make: Callable[[int], Batch], depth: int = 3) -> None:
        self.make, self.depth = make, depth
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="batches")
        self.waiting: dict[int, Future[Batch]] = {}
        self.lock = threading.Lock()

    def __getitem__(self, index: int) -> Batch:
        with self.lock:
            wanted = range(index, index + 1 + self.depth)
            for old in [i for i in self.waiting if i not in wanted]:
                self.waiting.pop(old).cancel()
            for i in wanted:
                if i not in self.waiting:
                    self.waiting[i] = self.pool.submit(self.make, i)
            batch = self.waiting.pop(index)
        return batch.result()
