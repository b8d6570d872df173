"""Modules run in a process of their own."""

import json

import pytest

from kerasnotes.base import errors
from kerasnotes.runtime import child

pytestmark = pytest.mark.once

ANSWER = """import json, os
print(json.dumps({"backend": os.environ["KERAS_BACKEND"]}))
"""


def test_the_current_folder_is_not_imported_from(tmp_path, monkeypatch):
    (tmp_path / "answering.py").write_text(ANSWER)
    monkeypatch.chdir(tmp_path)
    answer = child.ask("answering", backend="jax")
    assert "No module named answering" in answer["error"]


def test_the_users_python_path_is(tmp_path, monkeypatch):
    (tmp_path / "answering.py").write_text(ANSWER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert child.ask("answering", backend="jax") == {"backend": "jax"}


def test_an_error_keeps_its_class_and_so_its_exit_code(capsys):
    for error in (
        errors.DataError("no", hint="do"),
        errors.DivergedError("up", received="nan"),
        errors.UsageError("what"),
    ):
        child.answer_error(error)
        answered = json.loads(capsys.readouterr().out.strip())
        with pytest.raises(type(error)) as caught:
            child.reraise(answered)
        assert str(caught.value) == str(error)
