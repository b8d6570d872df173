"""`kn` in this process, and a small trained run to use it on."""

import contextlib
import dataclasses
import io
import subprocess
import sys

import pytest

from kerasnotes_cli.main import main


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a call of `kn` ended."""

    code: int
    out: str
    err: str


def run_kn(*args):
    """Runs `kn ARGS` as its entry point does; a bug's traceback gets out."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["kn", *map(str, args)])
        with pytest.raises(SystemExit) as end:
            main()
    return Ended(end.value.code, out.getvalue(), err.getvalue())


def imported_by(args, names):
    """Runs `kn ARGS` in a new process.

    Returns:
        The process as it ended, and which of `names` were imported.
    """
    program = (
        "import sys\n"
        "from kerasnotes_cli.main import main\n"
        f"sys.argv = ['kn', *{args!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        f"found = [name for name in {names!r} if name in sys.modules]\n"
        "sys.stderr.write('imported: ' + ' '.join(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert "imported: " in done.stderr, done.stderr
    return done, done.stderr.rpartition("imported: ")[2].split()


def listing(folder):
    """Returns every path below a folder, to see what a call left behind."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run of one epoch on the digits; tests only read it."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    ended = run_kn(
        *("fit", "mlp", "--epochs", 1, "--set", "widths=[16]"),
        *("--out", folder),
    )
    assert ended.code == 0, ended.err
    return folder, ended
