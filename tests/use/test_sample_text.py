"""A language from a file to text: fit, eval, predict, sample."""

import pytest

import kerasnotes as kn
from kerasnotes.base.errors import UsageError

LINES = "the cat sat on the mat\nthe dog sat on the log\n" * 60


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    book = folder / "book.txt"
    book.write_text(LINES)
    settings = {"model.widths": [16], "model.embedding": 8, "data.window": 16}
    return kn.fit(
        "lstm",
        book,
        epochs=2,
        batch_size=8,
        learning_rate=0.02,
        settings=settings,
        out=folder / "run",
    )


def test_report(trained):
    metrics = trained.metrics
    names = ["unigram", "bigram", "trigram"]
    each = [metrics[f"nats_per_character_{name}"] for name in names]
    assert each == sorted(each, reverse=True)
    assert metrics["nats_per_character"] < each[0]
    bits = metrics["bits_per_character"] * 0.6931471805599453
    assert bits == pytest.approx(metrics["nats_per_character"])
    assert {"by-place", "predictions"} <= set(trained.figures)


def test_text_goes_on_from_a_prompt(trained):
    pieces = []
    wishes = {"prompt": "the ", "length": 30, "seed": 3}
    text = trained.sample(**wishes, tell=pieces.append)
    assert "".join(pieces) == str(text) == "the " + text.text
    assert len(text.text) == text.tokens == 30
    again = kn.sample(trained, **wishes)
    assert again.text == text.text
    assert kn.sample(trained, **wishes | {"seed": 4}).text != text.text
    odd = trained.sample(prompt="the \u732b", length=3)
    assert "\u732b" in odd.warnings[0]
    with pytest.raises(UsageError, match="--steps"):
        kn.sample(trained, steps=3)


@pytest.mark.once
def test_other_text_is_measured(trained, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(LINES[:200])
    strange = tmp_path / "strange.txt"
    strange.write_text(LINES[:200][::-1])
    known, odd = trained.predict([other, strange])
    key = "nats_per_character"
    assert known.row[key] < odd.row[key]


@pytest.mark.once
def test_a_transformer_writes_past_its_window(tmp_path):
    book = tmp_path / "book.txt"
    book.write_text(LINES)
    settings = {"model.width": 8, "model.heads": 2, "model.depth": 1}
    run = kn.fit(
        "transformer",
        book,
        epochs=1,
        settings={**settings, "data.window": 8},
        out=tmp_path / "run",
    )
    assert run.metrics["nats_per_character_windows"] > 0
    text = run.sample(prompt="the cat sat on", length=30)
    assert len(text.text) == 30
    assert "the last 4" in text.warnings[0]
    assert not run.sample(prompt="the cat", length=3).warnings
