"""Modules run in a process of their own."""

import pytest

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
