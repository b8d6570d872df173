"""What the three quiet reporters print."""

import json
import re

import pytest

from kerasnotes.figures.curves import draw_curves, write_history
from kerasnotes.training.progress import (
    Bar,
    JsonLines,
    Plain,
    Quiet,
    make_reporter,
)

pytestmark = pytest.mark.once
ROWS = [
    {
        "epoch": float(number),
        "loss": 1.0 / number,
        "accuracy": 0.25 * number,
        "val_loss": 1.5 / number,
        "learning_rate": 1e-3,
        "seconds": 1.25,
    }
    for number in (1, 2, 3)
]


def report(reporter):
    reporter.say("Loading the data.")
    reporter.begin(3, 10, "val_accuracy")
    for epoch, row in enumerate(ROWS):
        for step in (1, 5, 10):
            reporter.step(epoch, step, {"loss": 0.5, "accuracy": 0.5})
        reporter.epoch(row)
    reporter.end()


def test_plain_prints_one_line_an_epoch(capsys):
    report(Plain())
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert lines[0] == "Loading the data."
    assert [line.split()[1] for line in lines[1:]] == ["1/3", "2/3", "3/3"]
    assert "loss 0.5000  accuracy 0.5000  val_loss 0.7500" in lines[2]
    assert "lr 1.00e-03" in lines[2]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", output)


def test_json_lines_are_json_and_nothing_else(capsys):
    report(JsonLines())
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.out.splitlines()]
    names = [event.pop("event") for event in events]
    assert names == ["message", "begin", "epoch", "epoch", "epoch"]
    assert events[1] == {
        "epochs": 3,
        "steps_per_epoch": 10,
        "monitor": "val_accuracy",
    }
    assert events[2:] == ROWS
    assert captured.err == ""


def test_quiet_prints_nothing(capsys):
    report(Quiet())
    assert capsys.readouterr() == ("", "")


def test_the_bar_ends_and_keeps_every_epochs_line(capsys):
    report(Bar())
    output = capsys.readouterr().out
    for number in (1, 2, 3):
        assert f"epoch {number}/3" in output


def test_the_reporter_fits_the_output():
    # Under a test run, standard output is no terminal.
    assert type(make_reporter(False, False)) is Plain
    assert type(make_reporter(True, True)) is JsonLines
    assert type(make_reporter(False, True)) is Quiet


def test_the_history_is_a_table(tmp_path):
    rows = [*ROWS[:1], {**ROWS[1], "val_accuracy": 0.5}]
    path = tmp_path / "history.csv"
    write_history(rows, path)
    lines = [line.split(",") for line in path.read_text().splitlines()]
    assert lines[0] == [*ROWS[0], "val_accuracy"]
    assert [len(line) for line in lines] == [7, 7, 7]
    assert float(lines[1][1]) == 1.0
    assert lines[1][6] == "nan"
    assert float(lines[2][6]) == 0.5


def test_the_curves_are_a_picture(tmp_path):
    from PIL import Image

    path = tmp_path / "curves.png"
    draw_curves(ROWS, path)
    with Image.open(path) as image:
        assert image.size == (3 * 440, 352)
        colours = image.convert("RGB").getcolors(2**20)
    assert len(colours) > 20


@pytest.mark.once
def test_training_goes_on_when_its_reader_leaves(tmp_path):
    import subprocess
    import sys

    program = (
        "from kerasnotes.training.progress import Plain\n"
        "from pathlib import Path\n"
        "reporter = Plain()\n"
        "for number in range(20_000):\n"
        "    reporter.say(f'line {number}')\n"
        f"Path({str(tmp_path / 'done')!r}).touch()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "line 0\n"
    child.stdout.close()
    complaint = child.stderr.read()
    child.stderr.close()
    assert child.wait(60) == 0
    assert complaint == ""
    assert (tmp_path / "done").exists()
