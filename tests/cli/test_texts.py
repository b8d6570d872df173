"""A stranger's messages: looked at, trained on, measured, asked about."""

import csv
import io
import json

import pytest

from kerasnotes import api
from tests.cli.conftest import run_kn

pytestmark = pytest.mark.once

WORDS = {"ham": "see you at home tonight", "spam": "win a free prize now"}


HAM, SPAM = (f'{WORDS[label]} 5, "really' for label in ("ham", "spam"))


def rows(count=80):
    for n in range(count):
        label = ("ham", "spam")[n % 2]
        yield label, f'{WORDS[label]} {n}, "really'


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on messages with quotes of their own; it learns them by heart."""
    folder = tmp_path_factory.mktemp("texts")
    lines = [f"{label}\t{text}" for label, text in rows()]
    (folder / "sms.tsv").write_text("\n".join(lines) + "\n")
    words = ("--set", "widths=[8]", "--set", "embedding=8", "--epochs", 6)
    out = ("--out", folder / "run", "--set", "dropout=0")
    ended = run_kn("fit", "rnn", "--data", folder / "sms.tsv", *words, *out)
    assert ended.code == 0, ended.err
    assert "network  counted words\n" in ended.out
    return folder / "run"


def test_counted_words_stand_beside(run):
    metrics = json.loads((run / "run.json").read_text())["metrics"]
    assert metrics["accuracy"] == 1
    assert metrics["f1_spam"] == metrics["f1_spam_tfidf"] == 1
    assert (run / "mistakes.png").stat().st_size > 0


def test_texts_and_files_of_texts_are_asked_about(run, place):
    letter = place / "letter.txt"
    letter.write_bytes(SPAM.encode("utf-16"))
    table = place / "more.csv"
    table.write_text(f"id;column2\n1;{HAM}\n2;\n")
    ended = run_kn(
        *("predict", run, SPAM.upper(), letter, table, "--csv"),
        *("--out", place / "answers"),
    )
    assert ended.code == 0, ended.err
    found = list(csv.DictReader(io.StringIO(ended.out)))
    told = [(row["file"], row["row"], row["class"]) for row in found[:3]]
    assert told == [
        (SPAM.upper(), "", "spam"),
        (str(letter), "", "spam"),
        (str(table), "1", "ham"),
    ]
    assert len(found) == 4
    assert "1 of 4 texts hold nothing that training showed" in ended.err


def test_a_file_that_is_not_there_is_no_text(run):
    for name in ("letter.txt", "a/b.csv"):
        ended = run_kn("predict", run, name)
        assert ended.code == 3
        assert "There is no file" in ended.err


def test_others_are_measured_by_the_tokens_of_the_model(run, place):
    for n, (label, text) in enumerate(rows(12)):
        path = place / "folder" / label / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ended = run_kn(
        "eval", run, "--data", place / "folder", "--split", "all", "--json"
    )
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["metrics"]["accuracy"] == 1
    # Its own training part is none of the model's.
    assert not any("tfidf" in name for name in told["metrics"])


def test_python_takes_texts(run):
    found = api.predict(run, [HAM, SPAM])
    assert [answer.label for answer in found] == ["ham", "spam"]
    [one] = api.predict(run, HAM)
    assert one.label == "ham"
    assert one.source == HAM


def test_a_run_goes_on_with_its_tokens(run):
    before = json.loads((run / "run.json").read_text())["spec"]
    ended = run_kn("fit", "--resume", run, "--epochs", 7)
    assert ended.code == 0, ended.err
    after = json.loads((run / "run.json").read_text())
    assert after["spec"] == before
    assert after["metrics"]["accuracy"] == 1


def test_settings_of_texts_are_refused_elsewhere():
    ended = run_kn("fit", "mlp", "--set", "data.tokenizer=bpe")
    assert ended.code == 2
    assert "read as no texts" in ended.err


def test_a_sheet_shows_lengths_and_words(run, place):
    ended = run_kn("data", run.parent / "sms.tsv", "--out", place / "a.png")
    assert ended.code == 0, ended.err
    assert "tokens 9" in ended.out
    assert "kn fit lstm --data" in ended.out
    assert (place / "a.png").stat().st_size > 0
