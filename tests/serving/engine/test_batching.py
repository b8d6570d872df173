"""Batches, turns, limits: with models that are plain functions."""

import asyncio
import threading
import time

import numpy as np
import pytest

from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.engine.batching import LARGE, Batcher
from kerasnotes.serving.engine.errors import Code, ServingError

pytestmark = pytest.mark.once


class Fake:
    """Doubles its input; remembers each batch, waits if told to."""

    def __init__(self, name="m", gate=None, seconds=0.0, bad=None):
        self.name, self.gate, self.seconds, self.bad = name, gate, seconds, bad
        self.batches, self.alone = [], set()
        self.card = {"name": name}

    def run(self, signature, tensors):
        x = tensors["x"]
        if self.gate is not None:
            self.gate.wait(5)
        time.sleep(self.seconds)
        self.batches.append((signature, x.shape))
        if self.bad is not None and (x == self.bad).any():
            raise ServingError(Code.INVALID_ARGUMENT, "bad value")
        return {"y": 2 * x}


class Bench:
    """A batcher, and what it told of its batches."""

    def __init__(self, **options):
        self.recorded = []
        self.batcher = Batcher(
            BatchOptions(**options), lambda *batch: self.recorded.append(batch)
        )

    async def ask(self, model, x, *, rows=..., timeout=5.0, signature="s"):
        x = np.asarray(x, "float32")
        count = len(x) if rows is ... else rows
        answer = await self.batcher.submit(
            model, signature, {"x": x}, count, x.size, timeout
        )
        return answer["y"]


def run(coroutine):
    return asyncio.run(coroutine)


def test_requests_that_wait_become_one_batch():
    async def main():
        gate, bench = threading.Event(), Bench(size=8)
        model = Fake(gate=gate)
        asks = [asyncio.create_task(bench.ask(model, [[i]])) for i in range(6)]
        await asyncio.sleep(0.05)
        gate.set()
        answers = await asyncio.gather(*asks)
        return answers, model.batches, bench.recorded

    answers, batches, recorded = run(main())
    assert [float(a[0, 0]) for a in answers] == [0, 2, 4, 6, 8, 10]
    # The first finds a free thread; the others wait for it.
    assert [shape[0] for _, shape in batches] == [1, 5]
    assert [entry[3] for entry in recorded] == [1, 5]


def test_a_batch_never_exceeds_its_size():
    async def main():
        gate, bench = threading.Event(), Bench(size=4)
        model = Fake(gate=gate)
        asks = [
            asyncio.create_task(bench.ask(model, [[i], [i]])) for i in range(6)
        ]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*asks)
        return model.batches

    assert [shape[0] for _, shape in run(main())] == [2, 4, 4, 2]


def test_a_large_request_is_cut_and_put_together_again():
    async def main():
        bench, model = Bench(size=4), Fake()
        answer = await bench.ask(model, np.arange(10.0)[:, None])
        return answer, model.batches

    answer, batches = run(main())
    np.testing.assert_array_equal(answer[:, 0], 2 * np.arange(10.0))
    assert [shape[0] for _, shape in batches] == [4, 4, 2]


def test_only_like_requests_share_a_batch():
    async def main():
        gate, bench = threading.Event(), Bench(size=8)
        model = Fake(gate=gate)
        asks = [
            bench.ask(model, [[0]]),
            bench.ask(model, [[1, 1]]),
            bench.ask(model, [[2]]),
            bench.ask(model, [[3]], signature="t"),
            bench.ask(model, [[4, 4]]),
        ]
        tasks = [asyncio.create_task(ask) for ask in asks]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*tasks), model.batches

    answers, batches = run(main())
    assert [a.ravel()[0] for a in answers] == [0, 2, 4, 6, 8]
    assert batches == [
        ("s", (1, 1)),
        ("s", (2, 2)),
        ("s", (1, 1)),
        ("t", (1, 1)),
    ]


@pytest.mark.parametrize(
    ("options", "rows"), [({"size": 1}, ...), ({"size": 8}, None)]
)
def test_requests_stay_alone(options, rows):
    """Without batching, or where the first axis counts no examples."""

    async def main():
        gate, bench = threading.Event(), Bench(**options)
        model = Fake(gate=gate)
        asks = [
            asyncio.create_task(bench.ask(model, [[i], [i]], rows=rows))
            for i in range(3)
        ]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*asks)
        return model.batches

    assert [shape for _, shape in run(main())] == [(2, 1)] * 3


def test_batches_are_filled_up_to_allowed_sizes():
    async def main():
        bench, model = Bench(size=8, sizes=(2, 8)), Fake()
        answers = [
            await bench.ask(model, np.full((rows, 1), 3.0))
            for rows in (1, 2, 3)
        ]
        return answers, model.batches, bench.recorded

    answers, batches, recorded = run(main())
    assert [a.tolist() for a in answers] == [[[6.0]] * n for n in (1, 2, 3)]
    assert [shape[0] for _, shape in batches] == [2, 2, 8]
    assert [entry[3:] for entry in recorded] == [(1, 1), (2, 0), (3, 5)]


def test_delay_waits_for_company_but_not_for_ever():
    async def main():
        bench, model = Bench(size=3, delay=0.2), Fake()
        begin = time.monotonic()
        first = asyncio.create_task(bench.ask(model, [[1]]))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, bench.ask(model, [[2]]))
        waited = time.monotonic() - begin
        begin = time.monotonic()
        await asyncio.gather(*(bench.ask(model, [[i]]) for i in range(3)))
        return waited, time.monotonic() - begin, model.batches

    waited, full, batches = run(main())
    assert [shape[0] for _, shape in batches] == [2, 3]
    assert 0.19 < waited < 1
    # A full batch waits for nobody.
    assert full < 0.15


def test_a_full_queue_answers_429_and_recovers():
    async def main():
        gate, bench = threading.Event(), Bench(size=1, queue=2)
        model = Fake(gate=gate)
        asks = [asyncio.create_task(bench.ask(model, [[i]])) for i in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(ServingError) as caught:
            await bench.ask(model, [[9]])
        gate.set()
        answers = await asyncio.gather(*asks)
        again = await bench.ask(model, [[9]])
        return caught.value, answers, again

    error, answers, again = run(main())
    assert error.code is Code.RESOURCE_EXHAUSTED
    assert error.code.http == 429
    assert len(answers) == 3
    assert again.item() == 18


def test_a_request_out_of_time_is_answered_504_and_not_computed():
    async def main():
        gate, bench = threading.Event(), Bench(size=1)
        model = Fake(gate=gate)
        first = asyncio.create_task(bench.ask(model, [[1]]))
        await asyncio.sleep(0.02)
        with pytest.raises(ServingError) as caught:
            await bench.ask(model, [[2]], timeout=0.05)
        gate.set()
        await first
        await bench.ask(model, [[3]])
        return caught.value, model.batches, bench.batcher.busy

    error, batches, busy = run(main())
    assert error.code is Code.DEADLINE_EXCEEDED
    assert len(batches) == 2
    assert not busy


def test_models_take_turns():
    """A model with a long queue does not keep another one waiting."""

    async def main():
        bench = Bench(size=1)
        order = []
        slow, quick = Fake("slow", seconds=0.01), Fake("quick")

        async def ask(model):
            await bench.ask(model, [[1]])
            order.append(model.name)

        asks = [asyncio.create_task(ask(slow)) for _ in range(20)]
        await asyncio.sleep(0)
        asks += [asyncio.create_task(ask(quick)) for _ in range(3)]
        await asyncio.gather(*asks)
        return order

    order = run(main())
    assert [i for i, name in enumerate(order) if name == "quick"][-1] <= 7


def test_a_model_does_not_wait_for_another():
    """Neither for its large batch, nor for its small ones."""

    async def main():
        gate, bench = threading.Event(), Bench(values=10**6)
        slow, quick = Fake("slow", gate=gate), Fake("quick")
        large = np.zeros((1, LARGE + 1))
        held = [asyncio.create_task(bench.ask(slow, large)) for _ in range(9)]
        await asyncio.sleep(0.02)
        answers = [await bench.ask(quick, [[i]]) for i in range(3)]
        waiting = not any(task.done() for task in held)
        gate.set()
        await asyncio.gather(*held)
        return answers, waiting, bench.batcher.busy

    answers, waiting, busy = run(main())
    assert [a.item() for a in answers] == [0, 2, 4]
    assert waiting
    assert not busy


def test_large_batches_of_all_models_are_computed_one_by_one():
    async def main():
        bench, running, most = Bench(values=10**6), [], []
        models = [Fake(name, seconds=0.02) for name in "abc"]
        for model in models:
            compute = model.run

            def run(signature, tensors, compute=compute):
                running.append(1)
                most.append(len(running))
                answer = compute(signature, tensors)
                running.pop()
                return answer

            model.run = run
        large = np.zeros((1, LARGE + 1))
        asks = [bench.ask(model, large) for model in models * 2]
        await asyncio.gather(*asks)
        large_ones = max(most)
        most.clear()
        # Small ones beside each other, but one of a model.
        await asyncio.gather(*(bench.ask(m, [[1]]) for m in models * 2))
        return large_ones, max(most)

    large, small = run(main())
    assert large == 1
    assert 1 < small <= 3


def test_small_requests_do_not_become_a_large_batch_beside_another():
    async def main():
        bench = Bench(size=8, values=10**6)
        gates = threading.Event(), threading.Event()
        slow, other = Fake("a", gate=gates[0]), Fake("b", gate=gates[1])
        first = asyncio.create_task(bench.ask(slow, np.zeros((1, LARGE + 1))))
        row = np.zeros((1, LARGE // 2))
        rest = [asyncio.create_task(bench.ask(other, row)) for _ in range(6)]
        await asyncio.sleep(0.05)
        gates[1].set()
        await asyncio.gather(*rest)
        gates[0].set()
        await first
        return [shape[0] for _, shape in other.batches]

    assert run(main()) == [1, 2, 2, 1]


def test_one_bad_request_does_not_take_its_batch_down():
    async def main():
        gate, bench = threading.Event(), Bench(size=16)
        model = Fake(gate=gate, bad=5)
        asks = [asyncio.create_task(bench.ask(model, [[i]])) for i in range(17)]
        await asyncio.sleep(0.05)
        gate.set()
        answers = await asyncio.gather(*asks, return_exceptions=True)
        return answers, model.batches

    answers, batches = run(main())
    assert isinstance(answers[5], ServingError)
    assert answers[5].message == "bad value"
    rest = [i for i in range(17) if i != 5]
    assert [float(answers[i][0, 0]) for i in rest] == [2 * i for i in rest]
    # By halves: 1 alone, 16, then 8 8, 4 4, 2 2, 1 1.
    assert len(batches) == 10


def test_any_other_error_reaches_every_client_and_ends_nothing():
    async def main():
        bench, model = Bench(size=8), Fake()

        def broken(signature, tensors):
            raise RuntimeError("no")

        works = model.run
        model.run = broken
        errors = await asyncio.gather(
            *(bench.ask(model, [[i]]) for i in range(3)),
            return_exceptions=True,
        )
        model.run = works
        return errors, await bench.ask(model, [[4]])

    errors, answer = run(main())
    assert [type(error) for error in errors] == [RuntimeError] * 3
    assert answer.item() == 8


def test_a_batch_holds_only_so_many_numbers():
    async def main():
        gate, bench = threading.Event(), Bench(size=8, values=100)
        model = Fake(gate=gate)
        large = np.zeros((1, 40))
        asks = [asyncio.create_task(bench.ask(model, large)) for _ in range(5)]
        asks.append(asyncio.create_task(bench.ask(model, np.zeros((3, 70)))))
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*asks)
        return [shape[0] for _, shape in model.batches]

    # Two of 40 fit; a row of 70 stays alone, whatever it came with.
    assert run(main()) == [1, 2, 2, 1, 1, 1]


def test_a_model_that_does_not_answer_row_by_row_is_asked_alone():
    async def main():
        gate, bench = threading.Event(), Bench(size=8)
        model = Fake(gate=gate)
        answer = model.run
        # Gives two rows for each, or the mean of all.
        model.run = lambda s, t: {"y": answer(s, t)["y"].repeat(2, axis=0)}
        asks = [asyncio.create_task(bench.ask(model, [[i]])) for i in range(4)]
        await asyncio.sleep(0.05)
        gate.set()
        answers = await asyncio.gather(*asks)
        again = await asyncio.gather(*(bench.ask(model, [[i]]) for i in (7, 8)))
        return answers, again, model

    answers, again, model = run(main())
    assert [a.ravel().tolist() for a in answers] == [
        [2 * i, 2 * i] for i in range(4)
    ]
    assert [a.ravel().tolist() for a in again] == [[14, 14], [16, 16]]
    assert model.alone == {"s"}
    # Once in vain, then each for itself.
    shapes = [shape[0] for _, shape in model.batches]
    assert shapes == [1, 3, 1, 1, 1, 1, 1]


def test_a_request_that_was_cut_in_vain_is_asked_whole():
    async def main():
        bench, model = Bench(size=4), Fake()
        answer = model.run
        # The sum of all rows, which says that it has rows.
        model.run = lambda s, t: {"y": answer(s, t)["y"].sum(0, keepdims=True)}
        return await bench.ask(model, np.ones((10, 1))), model.alone

    answer, alone = run(main())
    assert answer.tolist() == [[20.0]]
    assert alone == {"s"}


@pytest.mark.parametrize("foreign", [False, True])
def test_models_of_unknown_origin_are_batched_only_if_asked(foreign):
    async def main():
        gate, bench = threading.Event(), Bench(size=8, foreign=foreign)
        model = Fake(gate=gate)
        model.card = {}
        asks = [asyncio.create_task(bench.ask(model, [[i]])) for i in range(4)]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*asks)
        return [shape[0] for _, shape in model.batches]

    assert run(main()) == ([1, 3] if foreign else [1] * 4)
