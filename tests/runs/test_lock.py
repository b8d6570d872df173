"""One process at a time trains a run, whatever became of the last."""

import json
import os
import signal
import subprocess
import sys

import pytest

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.lock import NAME, check_free, is_locked, locked

pytestmark = pytest.mark.once

HOLD = (
    "import sys; from pathlib import Path; "
    "from kerasnotes.runs.lock import locked\n"
    "with locked(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of `tmp_path`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_by_name(holder, tmp_path):
    assert is_locked(tmp_path)
    with (
        pytest.raises(StorageError, match=f"process {holder.pid} on ") as error,
        locked(tmp_path),
    ):
        pytest.fail("both trained")
    assert error.value.exit_code == 5
    with pytest.raises(StorageError, match="is being trained by"):
        check_free(tmp_path)


def test_it_ends_with_the_process_that_is_killed(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / NAME).is_file()
    assert not is_locked(tmp_path)
    check_free(tmp_path)
    with locked(tmp_path):
        told = json.loads((tmp_path / NAME).read_text())
        assert told["process"] == os.getpid()


def test_nothing_is_left_behind_and_it_can_be_taken_again(tmp_path):
    def interrupted():
        with locked(tmp_path):
            assert is_locked(tmp_path)
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert list(tmp_path.iterdir()) == []


def test_a_file_that_says_nothing_is_no_obstacle(tmp_path):
    (tmp_path / NAME).write_text("{")
    with locked(tmp_path):
        (tmp_path / NAME).write_text("{")
        with pytest.raises(StorageError, match="another process"):
            check_free(tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    with (
        pytest.raises(StorageError, match="Cannot write"),
        locked(tmp_path / "nowhere"),
    ):
        pytest.fail("there is no such folder")
