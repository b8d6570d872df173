"""Requests for one model answered together, and no model waiting for another.

While a batch of a model is being computed, requests for it that arrive wait
and become the next batch. So one client waits for nothing, and many are
answered together, without a delay to be chosen; `delay` adds one where it
pays.

Each model computes in threads of its own: a request for a small one does not
wait behind another's large images. Only large batches, which need most of
the machine's memory and all of its cores, are computed one after the other,
and models take turns with them.

All of it runs on the event loop but the models themselves, so there is
nothing to lock.

Reference:
    TensorFlow Serving, `batching/README.md`: its queues, its fairness
    between models, its allowed sizes. Departs from it: a batch starts when
    its model is free, not when a timer ends.
"""

import asyncio
import collections
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from kerasnotes.serving.engine.batch import Task, compute, fail
from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors
from kerasnotes.serving.engine.thrift import give_back_soon

LARGE = 2**16
"""Numbers from which a batch is large."""
MOST_THREADS = 64
"""Batches of all models together that are computed at the same time."""
Watch = Callable[[str, float, float, int, int], None]
"""Told of each batch: model, seconds that its oldest request waited, seconds
of the model's call, examples, padding."""


class Batcher:
    """Queues in front of a few threads.

    Args:
        options: How requests are put together.
        watch: Told of each batch.
    """

    def __init__(self, options: BatchOptions, watch: Watch) -> None:
        self.options = options
        self._watch = watch
        self._queues: dict[str, collections.deque[Task]] = {}
        self._turn: collections.deque[str] = collections.deque()
        self._running: collections.Counter[str] = collections.Counter()
        self._large = 0
        # Threads are started when they are needed, not before.
        most = max(options.threads, MOST_THREADS)
        self._pool = ThreadPoolExecutor(most, "kn-model")
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether requests wait or are being answered."""
        return bool(self._queues) or self._running.total() > 0

    async def submit(
        self,
        servable: Servable,
        signature: str,
        tensors: Tensors,
        rows: int | None,
        weight: int,
        timeout: float,
    ) -> Tensors:
        """Answers a request, with others if it can.

        Args:
            servable: The version that is asked.
            signature: Its signature.
            tensors: Checked arrays.
            rows: Examples; `None` where the first axis does not count them.
            weight: About how many numbers the model will look at.
            timeout: Seconds until it is given up.

        Raises:
            ServingError: If the queue is full, the time is over, or the
                model refuses the values.
        """
        together = rows is not None and self._may_share(servable, signature)
        step = self._step(rows, weight) if rows and together else 0
        if not rows or not step or rows <= step:
            task = Task(
                servable, signature, tensors, rows or 1, weight, together
            )
            self._enqueue(servable.name, [task])
            self._pump()
            return await _wait(task, timeout)
        end = time.monotonic() + timeout
        tasks = []
        for first in range(0, rows, step):
            part = {k: v[first : first + step] for k, v in tensors.items()}
            count = min(step, rows - first)
            share = weight * count // rows
            tasks.append(Task(servable, signature, part, count, share, True))
        self._enqueue(servable.name, tasks)
        self._pump()
        answer = await _wait_all(tasks, end)
        if any(v.shape[:1] != (rows,) for v in answer.values()):
            # It was cut, and should not have been: asked again, whole.
            servable.alone.add(signature)
            rest = end - time.monotonic()
            return await self.submit(
                servable, signature, tensors, rows, weight, rest
            )
        return answer

    def _may_share(self, servable: Servable, signature: str) -> bool:
        options = self.options
        trusted = options.foreign or bool(servable.card)
        return options.size > 1 and trusted and signature not in servable.alone

    def _step(self, rows: int, weight: int) -> int:
        """Returns the examples of a request that are asked at once."""
        fit = self.options.values * rows // max(1, weight)
        return min(self.options.size, max(1, fit))

    def _enqueue(self, name: str, tasks: list[Task]) -> None:
        queue = self._queues.get(name)
        waiting = len(queue) if queue else 0
        if waiting + len(tasks) > max(self.options.queue, len(tasks)):
            raise ServingError(
                Code.RESOURCE_EXHAUSTED,
                f"The queue of {name} is full: {waiting} requests wait.",
            )
        if queue is None:
            queue = self._queues[name] = collections.deque()
            self._turn.append(name)
        queue.extend(tasks)

    def _pump(self) -> None:
        """Starts every batch whose model is free, in turn."""
        while name := self._next():
            batch = self._take(name)
            if batch:
                self._start(batch)

    def _next(self) -> str | None:
        """Returns the next model that is free and whose batch is due."""
        delay = self.options.delay
        now, soonest = time.monotonic(), float("inf")
        for name in self._turn:
            queue = self._queues[name]
            if not self._is_free(name, queue[0].weight):
                continue
            due = queue[0].since + delay
            if due <= now or _rows(queue) >= self.options.size:
                return name
            soonest = min(soonest, due)
        waits = soonest < float("inf")
        if waits and (self._timer is None or self._timer.cancelled()):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(soonest - now, self._wake)
        return None

    def _is_free(self, name: str, weight: int) -> bool:
        """Tells whether a model may compute a batch that weighs so much."""
        if self._running[name] >= self.options.threads:
            return False
        return self._running.total() < MOST_THREADS and weight <= self._room()

    def _room(self) -> float:
        """Returns the most numbers that the next batch may have."""
        return LARGE if self._large >= self.options.threads else float("inf")

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    def _take(self, name: str) -> list[Task]:
        """Returns the oldest requests of a model that fit together."""
        queue = self._queues[name]
        self._turn.remove(name)
        batch, passed = self._pick(queue)
        queue.extendleft(reversed(passed))
        if queue:
            # At the end: every other model comes first.
            self._turn.append(name)
        else:
            del self._queues[name]
        return batch

    def _pick(
        self, queue: collections.deque[Task]
    ) -> tuple[list[Task], list[Task]]:
        """Takes a batch out of a queue, and what it had to pass over."""
        rows = weight = 0
        batch: list[Task] = []
        passed: list[Task] = []
        while queue and rows < self.options.size:
            task = queue.popleft()
            if task.future.done():
                continue  # out of time, or its client left
            if batch and task.key != batch[0].key:
                passed.append(task)
                continue
            rows, weight = rows + task.rows, weight + task.weight
            alone = not batch and task.weight <= self._room()
            if not alone and not self._fits(rows, weight):
                passed.append(task)
                break
            batch.append(task)
            if task.key is None:
                break
        return batch, passed

    def _fits(self, rows: int, weight: int) -> bool:
        most = min(self.options.values, self._room())
        return rows <= self.options.size and weight <= most

    def _start(self, batch: list[Task]) -> None:
        loop = asyncio.get_running_loop()
        begin = time.monotonic()
        self._count(batch, 1)
        work = loop.run_in_executor(
            self._pool, compute, batch, self.options.sizes
        )
        work.add_done_callback(lambda done: self._finish(batch, begin, done))

    def _count(self, batch: list[Task], change: int) -> None:
        """Notes that a batch began, by 1, or ended, by -1."""
        self._running[batch[0].servable.name] += change
        if sum(task.weight for task in batch) > LARGE:
            self._large += change
            give_back_soon()

    def _finish(
        self,
        batch: list[Task],
        begin: float,
        done: "asyncio.Future[tuple[Any, int]]",
    ) -> None:
        self._count(batch, -1)
        self._pump()
        error = done.exception()
        if error is not None:
            fail(batch, error)
            return
        answers, padding = done.result()
        rows = sum(task.rows for task in batch)
        self._watch(
            batch[0].servable.name,
            begin - batch[0].since,
            time.monotonic() - begin,
            rows,
            padding,
        )
        for task, answer in zip(batch, answers, strict=True):
            if isinstance(answer, ServingError):
                fail([task], answer)
            elif not task.future.done():
                task.future.set_result(answer)

    def close(self) -> None:
        """Ends the threads once they are idle."""
        self._pool.shutdown(wait=True)


def _rows(queue: Iterable[Task]) -> int:
    return sum(task.rows for task in queue)


async def _wait(task: Task, timeout: float) -> Tensors:
    """Returns a task's answer; what nobody waits for is not computed."""
    # A timer, not `asyncio.timeout`, which costs as much as the rest here.
    timer = asyncio.get_running_loop().call_later(timeout, _expire, task)
    try:
        return await task.future
    finally:
        timer.cancel()


def _expire(task: Task) -> None:
    fail(
        [task],
        ServingError(
            Code.DEADLINE_EXCEEDED, "The time for this request is over."
        ),
    )


async def _wait_all(tasks: list[Task], end: float) -> Tensors:
    try:
        answers = [await _wait(task, end - time.monotonic()) for task in tasks]
    finally:
        for task in tasks:
            task.future.cancel()
    return {
        name: np.concatenate([answer[name] for answer in answers])
        for name in answers[0]
    }
