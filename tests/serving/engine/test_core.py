"""The server without a protocol: checks, texts, swaps under load."""

import asyncio
import shutil
import time

import numpy as np
import pytest

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.request_check import check_tensors
from kerasnotes.serving.engine.versions.control import Control
from kerasnotes.serving.engine.versions.model_source import ModelSource, Policy
from tests.serving.conftest import write_half_plus_two

pytestmark = pytest.mark.once


def make(root, **options):
    sources = [ModelSource(path.name, path) for path in sorted(root.iterdir())]
    return InferenceServer(sources, **options)


@pytest.fixture(scope="module")
def running(saved_models):
    """A started server and the loop it lives on."""
    loop = asyncio.new_event_loop()
    core = make(saved_models, poll=0, limits=Limits(max_rows=100))
    loop.run_until_complete(core.start())
    yield core, loop.run_until_complete
    loop.run_until_complete(core.stop())
    loop.close()


def test_answers_equal_the_functions(running):
    core, run = running
    x = np.linspace(-3, 3, 17, dtype="float32")
    answer = run(core.predict(core.find("half_plus_two"), "", {"x": x}))
    np.testing.assert_allclose(answer["y"], x / 2 + 2, atol=1e-6)
    v = np.array([1.0, 2.0, 4.0], "float32")
    answer = run(core.predict(core.find("two"), "total", {"v": v}))
    assert answer["total"] == 7


@pytest.mark.parametrize(
    ("ask", "code", "text"),
    [
        (
            lambda core: core.find("m"),
            Code.NOT_FOUND,
            "Servable not found for request: Latest(m)",
        ),
        (
            lambda core: core.find("two", 9),
            Code.NOT_FOUND,
            "Servable not found for request: Specific(two, 9)",
        ),
        (
            lambda core: core.find("two", label="x"),
            Code.INVALID_ARGUMENT,
            "Unrecognized servable version label: x",
        ),
        (
            lambda core: core.status("m"),
            Code.NOT_FOUND,
            "Could not find any versions of model m",
        ),
        (
            lambda core: core.status("two", 9),
            Code.NOT_FOUND,
            "Could not find version 9 of model two",
        ),
    ],
)
def test_texts_are_tensorflow_servings(running, ask, code, text):
    with pytest.raises(ServingError) as caught:
        ask(running[0])
    assert (caught.value.code, caught.value.message) == (code, text)


@pytest.mark.parametrize(
    ("tensors", "part"),
    [
        ({}, "inputs"),
        ({"a": 1}, "inputs"),
        ({"a": 1, "b": 1, "c": 1}, "inputs"),
        ({"a": ((1, 3), "f4"), "b": ((1, 2), "i4")}, "shape"),
        ({"a": ((2,), "f4"), "b": ((1, 2), "i4")}, "shape"),
        ({"a": ((1, 2), "f8"), "b": ((1, 2), "i4")}, "float64"),
        ({"a": ((101, 2), "f4"), "b": ((101, 2), "i4")}, "at most 100"),
    ],
)
def test_what_does_not_fit_is_refused(running, tensors, part):
    core, run = running
    arrays = {
        k: np.zeros(*v) if isinstance(v, tuple) else np.zeros(1)
        for k, v in tensors.items()
    }
    with pytest.raises(ServingError, match=part) as caught:
        run(core.predict(core.find("two"), "", arrays))
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_an_unknown_signature_is_named(running):
    core, run = running
    with pytest.raises(ServingError) as caught:
        run(core.predict(core.find("two"), "nope", {}))
    assert caught.value.message == (
        'Serving signature name: "nope" not found in signature def'
    )


def test_unequal_lengths_are_not_put_into_a_batch(running):
    core, _ = running
    info = core.find("two").signatures["serving_default"]
    a, b = np.zeros((2, 2), "float32"), np.zeros((3, 2), "int32")
    assert check_tensors(info, {"a": a, "b": b}, 9) is None
    assert check_tensors(info, {"a": a, "b": b[:2]}, 9) == 2
    assert check_tensors(info, {"a": a[:0], "b": b[:0]}, 9) is None


def test_an_empty_batch_is_answered_empty(running):
    core, run = running
    x = np.zeros(0, "float32")
    answer = run(core.predict(core.find("half_plus_two"), "", {"x": x}))
    assert answer["y"].shape == (0,)


def test_new_versions_are_swapped_in_under_load_without_a_failure(tmp_path):
    base = tmp_path / "m"
    write_half_plus_two(base / "1", offset=1.0)
    made = tmp_path / "made"
    write_half_plus_two(made, offset=0.0)
    answered = []

    async def main():
        core = InferenceServer([ModelSource("m", base)], poll=0.02)
        await core.start()
        ended = False

        async def client():
            x = np.zeros(1, "float32")
            while not ended:
                servable = core.find("m")
                await core.predict(servable, "", {"x": x})
                answered.append(servable.version)

        clients = [asyncio.create_task(client()) for _ in range(8)]
        for number in range(2, 6):
            await asyncio.to_thread(shutil.copytree, made, tmp_path / "x")
            (tmp_path / "x").rename(base / str(number))
            end = time.monotonic() + 20
            while number not in answered:
                assert time.monotonic() < end
                await asyncio.sleep(0.01)
        ended = True
        await asyncio.gather(*clients)
        states = {s.version: s.state for s in core.status("m")}
        await core.stop()
        return states

    states = asyncio.run(main())
    assert set(answered) == {1, 2, 3, 4, 5}
    assert answered == sorted(answered)
    assert states == {5: "AVAILABLE", 4: "END", 3: "END", 2: "END", 1: "END"}


def test_unloading_and_loading(saved_models, tmp_path):
    async def main():
        core = make(saved_models, poll=0, control=Control(tmp_path))
        assert not core.ready()
        await core.start()
        assert core.ready()
        held = core.find("two")
        await core.unload("two")
        with pytest.raises(ServingError):
            core.find("two")
        v = np.ones(3, "float32")
        answer = await core.predict(held, "total", {"v": v})
        assert answer["total"] == 3
        # Another process of the same server sees the wish.
        other = make(saved_models, poll=0, control=Control(tmp_path))
        await other.start()
        assert not other.ready("two")
        assert other.ready("half_plus_two")
        await core.load("two")
        assert core.ready("two")
        with pytest.raises(ServingError) as caught:
            await core.load("unknown")
        assert caught.value.code is Code.NOT_FOUND
        await core.stop()
        await other.stop()
        assert not core.ready()

    asyncio.run(main())


def test_a_model_that_cannot_be_loaded_does_not_stop_the_others(
    saved_models, tmp_path
):
    broken = tmp_path / "broken" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"\xff\xff")

    async def main():
        core = InferenceServer(
            [
                ModelSource("broken", tmp_path / "broken"),
                ModelSource("two", saved_models / "two"),
            ],
            poll=0,
        )
        await core.start()
        status = core.status("broken")[0]
        with pytest.raises(ServingError):
            await core.load("broken")
        ready = core.ready("two"), core.ready("broken"), core.ready()
        await core.stop()
        return status, ready

    status, ready = asyncio.run(main())
    assert (status.state, status.code) == ("END", "DATA_LOSS")
    assert ready == (True, False, False)


def test_configuring_anew_keeps_what_stays(saved_models):
    async def main():
        core = make(saved_models, poll=0)
        await core.start()
        servable = core.find("two")
        two = ModelSource(
            "two", saved_models / "two", Policy(every=True), (("new", 1),)
        )
        half = ModelSource("half", saved_models / "half_plus_two")
        await core.configure([two, half])
        assert core.names() == ["two", "half"]
        assert core.find("two") is servable
        assert core.find("two", label="new") is servable
        assert core.find("half").version == 123
        with pytest.raises(ServingError):
            core.find("half_plus_two")
        await core.stop()

    asyncio.run(main())


def test_limits_have_no_field_that_nobody_reads():
    names = set(Limits.model_fields)
    assert names == {
        "max_body",
        "max_pixels",
        "max_rows",
        "max_depth",
        "timeout",
    }
