"""Memory is given back after the last large piece of work, once."""

import asyncio

import pytest

from kerasnotes.runtime.memory import return_freed_memory
from kerasnotes.serving.engine import thrift
from kerasnotes.serving.engine.offload import LARGE, offload

pytestmark = pytest.mark.once


def test_one_pause_follows_much_work(monkeypatch):
    calls = []
    monkeypatch.setattr(thrift, "PAUSE", 0.05)
    monkeypatch.setattr(thrift, "return_freed_memory", lambda: calls.append(1))

    async def main():
        for _ in range(5):
            assert await offload(LARGE, len, b"four") == 4
        assert not calls
        await asyncio.sleep(0.2)

    asyncio.run(main())
    assert calls == [1]


def test_small_work_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(thrift, "PAUSE", 0)
    monkeypatch.setattr(thrift, "return_freed_memory", lambda: 1 / 0)

    async def main():
        await offload(LARGE - 1, len, b"four")
        await asyncio.sleep(0.02)

    asyncio.run(main())


def test_the_system_is_asked_at_most():
    assert return_freed_memory() in (True, False)
