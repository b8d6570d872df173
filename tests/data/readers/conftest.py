"""Text tables on disk."""

import pytest


@pytest.fixture
def save(tmp_path):
    """Writes lines, or a text, as a file."""

    def write(*lines, name="set.csv", encoding="utf-8", end="\n"):
        text = end.join(lines) + end
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write
