"""What is done when a module is imported, and only then."""

import importlib.util
import sys

import pytest

from kerasnotes.runtime.after_import import call_after_import

pytestmark = pytest.mark.once


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Writes a module `watched` that can be imported; tidies up."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])

    def write(text):
        (tmp_path / "watched.py").write_text(text)
        importlib.invalidate_caches()

    yield write
    sys.modules.pop("watched", None)


def test_after_the_import_once(write_module):
    write_module("value = 3")
    seen = []
    call_after_import("watched", lambda: seen.append(sys.modules["watched"]))
    watchers = len(sys.meta_path)
    # A look is no import.
    assert importlib.util.find_spec("watched") is not None
    assert seen == []
    import watched

    assert watched.value == 3
    assert seen == [watched]
    assert len(sys.meta_path) == watchers - 1
    importlib.reload(watched)
    assert seen == [watched]


def test_now_if_it_is_there_already():
    seen = []
    before = list(sys.meta_path)
    call_after_import("sys", lambda: seen.append(1))
    assert seen == [1]
    assert sys.meta_path == before


def test_an_import_that_fails_is_none(write_module):
    write_module("raise OSError('lost')")
    seen = []
    call_after_import("watched", lambda: seen.append(1))
    with pytest.raises(OSError, match="lost"):
        import watched
    assert seen == []
    write_module("value = 12345")
    import watched

    assert watched.value == 12345
    assert seen == [1]


def test_what_does_not_exist_is_still_not_found(write_module):
    call_after_import("watched", lambda: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("watched")
