"""What a newcomer types: other tools' words, bare names, copied hints."""

import sys
from pathlib import Path

import pytest

from kerasnotes.base.spellings import OTHER_OPTIONS
from kerasnotes_cli.shared.hints import given_options, whole_command
from kerasnotes_cli.shared.suggestions import OTHER_VERBS
from tests.cli.conftest import imported_by, run_kn

pytestmark = pytest.mark.once

FRAMEWORKS = ("keras", "tensorflow", "jax", "torch")

QUICK = [
    ["list"],
    ["config", "unet"],
    ["config", "ddpm", "--set", "width=8"],
    ["config", "mlp", "--data", "table.csv"],
    ["config", "unet", "--schema"],
    ["info", "unet", "--set", "widht=3"],
    ["info", "unet", "--data", "digits"],
    ["fit", "unet", "--set", "widht=3"],
    ["fit", "unet", "--set", "width=0"],
    ["fit", "unet", "--epochs", "0"],
    ["fit", "unet", "--config", "nosuch.yaml"],
    ["fit", "unet", "--data", "digits"],
    ["fit", "mlp", "--data", "nosuch.csv"],
    ["fit", "mlp", "--out", "full"],
    ["fit", "--resume", "full", "--set", "width=3"],
]


@pytest.mark.parametrize("args", QUICK, ids=" ".join)
def test_no_framework_is_imported(args, place):
    rows = [f"{n / 7:.3f},{n % 2}" for n in range(40)]
    (place / "table.csv").write_text("a,label\n" + "\n".join(rows))
    (place / "full").mkdir()
    (place / "full" / "run.json").write_text("{}")
    done, found = imported_by(args, FRAMEWORKS)
    assert found == [], done.stderr


MEANT = [
    ("train unet --data 'my cells'", "Next: kn fit unet --data 'my cells'"),
    ("unet --epochs 3", "Next: kn fit unet --epochs 3"),
    ("summary x", "`show` or `info`"),
    ("infer ckpts/unet a.png", "Next: kn predict ckpts/unet a.png"),
    ("fit mlp --lr 3", "Did you mean '--learning-rate'?"),
    ("fit mlp --bs 3", "Did you mean '--batch-size'?"),
    ("fit mlp --batch_size 3", "Did you mean '--batch-size'?"),
    ("fit mlp --dataset x", "Did you mean '--data'?"),
    ("fit mlp --output x", "Did you mean '--out'?"),
    ("fit mlp --gpu 0", "used by itself"),
    ("fit mlp --device gpu", "used by itself"),
    ("fit --model unet", "name it without an option"),
    ("fit unet --width 32", "--set width=32"),
    ("fit unet --width=8", "--set width=8"),
    ("fit mlp --widths '[16, 8]'", "--set 'widths=[16, 8]'"),
    ("fit mlp --imgsz 32", "--set data.image_size=32"),
    ("fit mlp --cfg a.yaml", "Did you mean '--config'?"),
    ("sample gan --cfg 3", "Did you mean '--guidance'?"),
    ("fit unet --weight-decay 0", "--set train.weight_decay=0"),
    ("fit mlp --data digit-scenes", "kn fit unet --data digit-scenes"),
    ("data digits -n 3", "kn data digits --export DIR"),
]


@pytest.mark.parametrize(("words", "told"), MEANT, ids=lambda words: words)
def test_what_was_meant_is_said(words, told, place):
    import shlex

    ended = run_kn(*shlex.split(words))
    assert ended.code == 2
    assert told in ended.err
    assert len(ended.err.splitlines()) <= 12


def _verbs_with(option):
    from kerasnotes_cli.main import VERBS, cli

    verbs = {name: cli.get_command(None, name) for name in VERBS}
    return [
        name
        for name, verb in verbs.items()
        if any(option in parameter.opts for parameter in verb.params)
    ]


@pytest.mark.parametrize(
    ("option", "word"),
    [(name, word) for name, words in OTHER_OPTIONS.items() for word in words],
)
def test_every_other_word_for_an_option_is_understood(option, word, place):
    verbs = _verbs_with(option)
    assert verbs
    for verb in verbs:
        if verb not in _verbs_with(word):
            ended = run_kn(verb, word, "3")
            assert ended.code == 2
            assert f"No such option '{word}'. Did you mean " in ended.err
            assert f"'{option}'" in ended.err


OWN = Path(__file__).parents[1] / "notes" / "own_note.py"


def test_a_note_of_ones_own_gets_the_same_hints(place, monkeypatch):
    from kerasnotes import notes

    monkeypatch.setenv(notes.IMPORT, "")
    file = place / "own_note.py"
    file.write_text(OWN.read_text())
    ended = run_kn("own_note", "--epochs", 3, "--import", file)
    assert f"Next: kn --import {file} fit own_note --epochs 3" in ended.err
    ended = run_kn("fit", "own_note", "--width=8", "--import", file)
    sys.modules.pop("own_note", None)
    assert "--set width=8" in ended.err


def test_no_word_stands_for_what_exists():
    """A verb or option of ours is never explained as another's."""
    from kerasnotes_cli.main import VERBS

    assert set(OTHER_VERBS) == set(VERBS)
    words = [word for others in OTHER_VERBS.values() for word in others]
    assert not set(words) & set(VERBS)
    assert all(name.startswith("--") for name in OTHER_OPTIONS)


VALUED = {"--data", "--set", "--out", "--batch-size", "--learning-rate"}


def whole(hint, *words):
    return whole_command(hint, words, VALUED)


def test_a_hint_repeats_the_command():
    given = ("fit", "unet", "--data", "my cells", "--quiet", "--set", "depth=2")
    assert whole("--batch-size 8", *given) == (
        "kn fit unet --data 'my cells' --quiet --set depth=2 --batch-size 8"
    )
    assert whole("try again with --learning-rate 1e-3", *given).endswith(
        "try again with kn fit unet --data 'my cells' --quiet --set depth=2 "
        "--learning-rate 1e-3"
    )


def test_a_hint_replaces_what_it_changes():
    assert whole("--batch-size 8", "fit", "a", "--batch-size=16") == (
        "kn fit a --batch-size 8"
    )
    assert whole("--set b=2", "fit", "a", "--set", "b=1", "--set", "c=1") == (
        "kn fit a --set c=1 --set b=2"
    )


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("--batch-size 8", ("fit", "--resume", "run")),
        ("--size 64 64", ("fit", "unet")),
        ("name a data source with --data", ("fit", "unet")),
        ("--out x writes a file for each", ("sample", "gan")),
    ],
)
def test_a_hint_that_is_no_option_stays(hint, words):
    assert whole(hint, *words) == hint


def test_a_hint_names_a_free_folder(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    told = whole("--batch-size 8", "fit", "unet", "--out", str(tmp_path))
    assert told == f"kn fit unet --out {tmp_path}-2 --batch-size 8"


def test_given_options_are_quoted():
    told = given_options({"--data": "my cells", "--set": ("a=1", "b=2")})
    assert told == " --data 'my cells' --set a=1 --set b=2"
    assert given_options({"--data": None, "--set": ()}) == ""


def _make_run(folder):
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"task": "classification"}')


@pytest.mark.parametrize(
    "verb", ["eval", "show", "export", "sample", "predict"]
)
def test_a_bare_name_is_a_run_below_ckpts(verb, place):
    import os

    _make_run(place / "ckpts" / "unet")
    _make_run(place / "ckpts" / "unet-2")
    os.utime(place / "ckpts" / "unet" / "run.json", (1, 1))
    (place / "a.png").write_text("")
    rest = ["a.png"] if verb == "predict" else []
    ended = run_kn(verb, "unet", *rest)
    assert "`unet` is ckpts/unet here (newer: unet-2)." in ended.err
    assert "ckpts/unet" in ended.err.split("\n", 1)[1]


def test_a_run_under_the_name_itself_goes_first(place):
    _make_run(place / "ckpts" / "unet")
    _make_run(place / "unet")
    ended = run_kn("show", "unet")
    assert "ckpts" not in ended.err


def test_info_says_what_a_note_is_before_its_layers(place, monkeypatch):
    from kerasnotes.runtime import setup

    def fail(*names):
        raise KeyError("a framework starts")

    monkeypatch.setattr(setup, "setup", fail)
    monkeypatch.delitem(sys.modules, "kerasnotes.notes.unet.note", False)
    out = []
    monkeypatch.setattr("click.echo", lambda text, **_: out.append(text))
    with pytest.raises(KeyError, match="a framework starts"):
        run_kn("info", "unet")
    assert out[0].startswith("unet: ")
    assert "1505.04597" in out[0]
