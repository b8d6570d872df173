"""The programs on the pages, run as they are printed."""

import os
import subprocess
import sys

import pytest

from tests import markdown
from tests.conftest import ROOT
from tests.test_recipes import VERBS

pytestmark = [pytest.mark.once, pytest.mark.large]


def read_blocks(page, language):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return markdown.blocks(text, language)


def run(place, program, *args):
    """Runs a program in `place`; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *args],
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_your_own_network_goes_through_the_verbs(tmp_path):
    file, _ = read_blocks("own_network.md", "python")
    (tmp_path / "my_net.py").write_text(file, encoding="utf-8")
    commands, *_ = read_blocks("own_network.md", "sh")
    said = run(tmp_path, "import sys\n" + VERBS, *commands.splitlines())
    assert said.count("=== end") == 4
    assert "ckpts/my_net on digits, test: 359 examples" in said
    assert (tmp_path / "ckpts/my_net/export/my_net.keras").is_file()


def test_arrays_are_trained_on_asked_and_gone_on_with(tmp_path):
    blocks = read_blocks("python.md", "python")
    _, first, frame, more, keras_alone, applications, sizes = blocks
    run(
        tmp_path,
        first + frame + more + keras_alone + "print(model.output_shape)",
    )
    run(tmp_path, "import keras\n" + applications)
    assert (tmp_path / "resnet50.keras").is_file()
    for line in sizes.splitlines():
        code, told, number = line.partition("  # ")
        if told:
            shown = sizes.partition(")\n")[0] + f")\nprint({code.strip()})"
            assert run(tmp_path, shown).strip() == number.strip()
    assert (tmp_path / "ckpts/mlp/run.json").is_file()
