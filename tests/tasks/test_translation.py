"""Translation from a table to answers: trained, measured, asked, served."""

import json

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.errors import UsageError
from kerasnotes.export.export import export_model
from kerasnotes.inference.translating.translator import (
    make_translator,
    to_texts,
    translate,
)
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.served_texts import TOKENS
from kerasnotes.tasks.texts import to_numbers

pytestmark = pytest.mark.once
LETTERS = "abcdef"


def spelt(rng):
    word = "".join(rng.choice(list(LETTERS), rng.integers(2, 5)))
    return word, " ".join(word.upper())


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    rows = dict(spelt(rng) for _ in range(600))
    path = tmp_path_factory.mktemp("pairs") / "spelling.tsv"
    lines = ["word\tletters", *("\t".join(pair) for pair in rows.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    return kn.fit(
        "lstm",
        str(table),
        out=tmp_path_factory.mktemp("run") / "lstm",
        epochs=6,
        settings={
            "data.labels": "texts",
            "data.tokenizer": "character",
            "widths": [48],
            "embedding": 16,
            "dropout": 0.0,
            "train.learning_rate": 0.02,
            "train.batch_size": 16,
        },
    )


def test_the_report(run):
    found = run.metrics
    names = ["exact_match", "bleu", "chrf", "token_accuracy"]
    assert list(found)[:4] == names
    assert {f"{n}_beam" for n in names[:3]} <= set(found)
    assert {f"{n}_nearest" for n in names[:3]} <= set(found)
    # Words that training did not show.
    assert found["exact_match"] > 0.8
    assert found["exact_match_beam"] > 0.8
    assert found["exact_match_nearest"] == 0
    assert found["token_accuracy"] > 0.95
    told = json.loads((run.path / "run.json").read_text())
    assert told["task"] == "translation"
    for figure in ("alignment", "mistakes", "predictions", "curves"):
        assert (run.path / f"{figure}.png").stat().st_size > 5_000


def test_answers_are_texts(run, tmp_path):
    [one] = run.predict("abc")
    assert isinstance(one.translation, str)
    assert set(one.translation) <= set("ABCDEF ")
    (tmp_path / "some.txt").write_text("abc\n\nfed\n")
    [searched] = run.predict("abc", beam=3)
    decoder = run.model.step_decoder()
    by_hand = translate(
        make_translator(decoder, 3), to_numbers(["abc"], run.spec), 1
    )
    assert searched.translation == to_texts(by_hand, run.spec.target)[0]
    assert run.predict("abc")[0] == one
    with pytest.raises(UsageError, match="no search"):
        run.predict("abc", beam=0)
    found = run.predict(tmp_path / "some.txt")
    assert [a.row["source"] for a in found] == ["abc", "", "fed"]
    assert found[0].translation == one.translation
    assert found[1].translation == ""


def test_it_is_measured_again_as_after_training(run, table):
    found = kn.evaluate(run).metrics
    for name in ("exact_match", "bleu", "token_accuracy"):
        assert found[name] == pytest.approx(run.metrics[name])
    other = kn.evaluate(run, data=str(table), split="all").metrics
    assert 0 <= other["exact_match"] <= 1


def test_served_it_takes_texts_and_gives_texts(run):
    folder = export_model(run.path)
    servable = Servable("spelling", 1, folder)
    texts = np.array([b"abc", b"fade", b"b\xc3\xa4d"], object)
    answer = servable.run("serving_default", {"source": texts})["target"]
    expected = [a.translation for a in run.predict(["abc", "fade", "bäd"])]
    assert [text.decode() for text in answer] == expected
    info = servable.signatures["serving_default"]
    assert (
        info.inputs["source"].dtype == info.outputs["target"].dtype == "bytes"
    )
    numbers = servable.texts.tokenizer.encode(["abc"], servable.texts.length)
    ids = servable.run(TOKENS, {"source": numbers})["target"]
    assert ids.dtype == np.int32
    learned = servable.texts.written.tokenizer
    assert learned.text([n for n in ids[0] if n]) == expected[0]
    assert (folder / "assets.extra" / "target_tokenizer.json").is_file()
    with pytest.raises(UsageError, match="as a SavedModel"):
        export_model(run.path, format="onnx")
