"""What `kn serve` can be pointed at."""

import pytest

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.serving.process import sources
from kerasnotes.serving.process.sources import check_unique, find_source

pytestmark = pytest.mark.once


def test_a_folder_of_versions_and_one_version(saved_models):
    base = saved_models / "two"
    folder = find_source(str(base))
    assert (folder.name, folder.base) == ("two", base)
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
    monkeypatch.setattr(sources, "default_name", lambda path: "two")
    monkeypatch.setattr(export, "latest_export", lambda path: None)
    monkeypatch.setattr(
        export,
        "export_model",
        lambda path, **options: calls.append((path, options)) or version,
    )
    messages = []
    source = find_source(str(run), messages.append)
    assert (source.name, source.base) == ("mlp-2", version.parent)
    assert calls == [(run, {"format": "saved_model"})]
    assert len(messages) == 1
    monkeypatch.setattr(export, "latest_export", lambda path: version)
    assert find_source(str(run)).base == version.parent
    assert len(calls) == 1
    # Its export was given a name.
    monkeypatch.setattr(sources, "default_name", lambda path: "mlp")
    assert find_source(str(run)).name == "two"


def test_an_export_of_another_kind_above_it_is_not_served(
    tmp_path, saved_models, monkeypatch
):
    from kerasnotes.export import export

    run = tmp_path / "mlp"
    for number in (1, 2, 3):
        (run / "export" / "mlp" / str(number)).mkdir(parents=True)
    (run / "run.json").write_text("{}")
    base = run / "export" / "mlp"
    monkeypatch.setattr(sources, "default_name", lambda path: "mlp")
    monkeypatch.setattr(export, "latest_export", lambda path: base / "2")
    calls = []
    monkeypatch.setattr(
        export,
        "export_model",
        lambda path, **options: calls.append(path) or base / "4",
    )
    assert find_source(str(run)).base == base
    assert calls == [run]
    monkeypatch.setattr(export, "latest_export", lambda path: base / "3")
    find_source(str(run))
    assert calls == [run]


def test_advice_names_what_lies_near(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mlp", "unet"):
        folder = tmp_path / "ckpts" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("x")
    for text, hint, received in (
        ("nothing", "kn export RUN", "no such file"),
        ("ckpts", "kn serve ckpts/mlp ckpts/unet", "a folder"),
        ("notes.txt", "kn export RUN", "another kind"),
    ):
        with pytest.raises(StorageError) as caught:
            find_source(text)
        assert hint in caught.value.hint
        assert received in caught.value.received


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
