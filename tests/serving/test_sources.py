"""What `kn serve` can be pointed at."""

import pytest

from kerasnotes.errors import StorageError, UsageError
from kerasnotes.serving import sources
from kerasnotes.serving.sources import check_unique, find_source

pytestmark = pytest.mark.once


def test_a_folder_of_versions_and_one_version(saved_models):
    base = saved_models / "two"
    found = find_source(str(base))
    assert (found.name, found.base) == ("two", base)
    single = find_source(str(base / "1"))
    assert (single.name, single.base) == ("two", base / "1")
    assert list(single.folders()) == [1]
    named = find_source(f"other={base}")
    assert (named.name, named.base) == ("other", base)


def test_a_run_is_exported_once(tmp_path, saved_models, monkeypatch):
    from kerasnotes.export import export

    run = tmp_path / "mlp-2"
    run.mkdir()
    (run / "run.json").write_text("{}")
    version = saved_models / "two" / "1"
    calls = []
    monkeypatch.setattr(export, "latest_export", lambda path: None)
    monkeypatch.setattr(
        export,
        "export_model",
        lambda path, **options: calls.append((path, options)) or version,
    )
    told = []
    found = find_source(str(run), told.append)
    assert (found.name, found.base) == ("mlp-2", version.parent)
    assert calls == [(run, {"format": "saved_model"})]
    assert len(told) == 1
    monkeypatch.setattr(export, "latest_export", lambda path: version)
    assert find_source(str(run)).base == version.parent
    assert len(calls) == 1


@pytest.mark.parametrize("what", ["missing", "empty", "file"])
def test_nothing_to_serve_is_said(tmp_path, what):
    path = tmp_path / "x"
    if what == "empty":
        path.mkdir()
    elif what == "file":
        path.write_text("x")
    with pytest.raises(StorageError, match="nothing to serve") as caught:
        find_source(str(path))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a\n"])
def test_names_that_no_request_can_hold_are_refused(saved_models, name):
    with pytest.raises(UsageError):
        find_source(f"{name}={saved_models / 'two'}")


def test_a_path_with_an_equals_sign_is_a_path(tmp_path, saved_models):
    link = tmp_path / "a=b"
    link.symlink_to(saved_models / "two")
    assert find_source(str(link)).base == link


def test_one_name_twice_is_refused(saved_models):
    two = find_source(str(saved_models / "two"))
    with pytest.raises(UsageError, match="called two"):
        check_unique([two, sources.ModelSource("two", saved_models)])
