"""The entry point: verbs, laziness, and how it ends."""

import errno
import importlib
import json
import subprocess
import sys

import click
import pytest

from kerasnotes_cli import list as list_verb
from kerasnotes_cli.main import VERBS
from tests.cli.conftest import imported_by, run_kn

pytestmark = pytest.mark.once

HEAVY = ("numpy", "keras", "tensorflow", "jax", "torch", "h5py", "pydantic")


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb(verb):
    module = importlib.import_module(f"kerasnotes_cli.{verb}")
    assert isinstance(module.command, click.Command)
    ended = run_kn(verb, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: kn {verb} ")
    assert "--json" in ended.out


@pytest.mark.parametrize(
    "args", [["--help"], ["list"], ["fit", "--help"], ["fit", "nosuch"]]
)
def test_nothing_heavy_is_imported(args):
    done, found = imported_by(args, HEAVY)
    assert done.returncode == 0
    assert found == [], done.stderr


@pytest.mark.parametrize(("words", "code"), [("list", 0), ("fit nosuch", 2)])
def test_ctrl_c_at_the_very_end_changes_nothing(words, code):
    program = (
        "import atexit, os, signal, sys\n"
        "from kerasnotes_cli.main import main\n"
        "kill = os.kill, os.getpid(), signal.SIGINT\n"
        "class Late:\n"
        "    def __del__(self, kill=kill):\n"
        "        kill[0](*kill[1:])\n"
        # One in the first steps of the end, one in the last.
        "atexit.register(signal.raise_signal, signal.SIGINT)\n"
        "sys.late = Late()\n"
        f"sys.argv = ['kn', *{words.split()!r}]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.returncode == code
    assert "KeyboardInterrupt" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "info mlp",
        "info unet --size 64",
        "config mlp",
        "config mlp --schema",
        "data digits --out sheet.png",
    ],
)
def test_json_is_all_there_is(words, place):
    ended = run_kn(*words.split(), "--json")
    assert (ended.code, ended.err) == (0, "")
    assert isinstance(json.loads(ended.out, parse_constant=pytest.fail), dict)


def test_json_has_null_for_nan(capsys):
    from kerasnotes_cli.shared.output import print_json

    print_json({"a": [float("nan"), 1.5], "b": float("inf")})
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5], "b": None}


def test_config_reads_its_own_output(place):
    first = run_kn("config", "mlp", "--set", "widths=[7]")
    (place / "own.yaml").write_text(first.out)
    assert run_kn("config", "mlp", "--config", "own.yaml").out == first.out


ENDS = [
    (OSError(errno.ENOSPC, "No space left on device", "x"), 5, "free some"),
    (RuntimeError("write: No space left on device"), 5, "disk is full"),
    (MemoryError(), 4, "does not fit into memory"),
    (RuntimeError("out of memory: 9 TiB"), 4, "9 TiB"),
    (KeyboardInterrupt(), 130, "Interrupted"),
]


@pytest.mark.parametrize(("error", "code", "told"), ENDS)
def test_limits_of_the_machine(error, code, told, monkeypatch):
    monkeypatch.setattr(list_verb.command, "callback", _raiser(error))
    ended = run_kn("list")
    assert ended.code == code
    assert told in ended.err


def test_a_bug_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(list_verb.command, "callback", _raiser(KeyError("x")))
    with pytest.raises(KeyError):
        run_kn("list")


def _raiser(error):
    def fail(**options):
        raise error

    return fail


def test_reader_that_leaves():
    kn = [sys.executable, "-m", "kerasnotes_cli.main"]
    with subprocess.Popen(
        [*kn, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait() == 0
    assert told == b""
