import json

import pytest

from kerasnotes.export import export
from kerasnotes.export.card import describe, make_card, read_card
from kerasnotes.runs import run
from tests.export.notes import DIGITS, make_record

pytestmark = pytest.mark.once
SIDE = {"shape": [None, 8, 8, 1], "dtype": "float32"}
ANSWER = {
    "spec": DIGITS.to_json(),
    "limits": [0.0, 16.0],
    "weights": "ab" * 32,
    "versions": {"keras": "3.15.1"},
    "signatures": {
        "serving_default": {
            "inputs": {"image": SIDE},
            "outputs": {
                "probabilities": {"shape": [None, 10]} | {"dtype": "x"}
            },
            "method": "predict",
        }
    },
}


@pytest.fixture
def card(tmp_path):
    record = make_record("bcnn")
    return make_card(record, ANSWER, name="digits", source=tmp_path)


def test_what_programs_read(card, tmp_path):
    read = json.loads(json.dumps(card, allow_nan=False))
    assert read["format"] == 1
    assert (read["name"], read["note"]) == ("digits", "bcnn")
    assert read["summary"].startswith("Bayesian CNN")
    assert read["task"] == "bayesian-classification"
    assert read["classes"] == list("0123456789")
    assert read["limits"] == [0, 16]
    assert read["metrics"] == {"accuracy": 0.5, "ece": None}
    assert read["source"] == tmp_path.name
    assert read["signatures"] == ANSWER["signatures"]


def test_what_people_read(card):
    text = describe(card)
    for part in (
        "# digits",
        "Classes: 10: 0, 1, 2",
        "Range of pixels: 0 to 16",
        "`serving_default`: image [null, 8, 8, 1] float32",
        "accuracy: 0.5000",
        "sha256 abab",
    ):
        assert part in text
    assert "None" not in text.replace("ece: None", "")


def test_a_class_name_begins_no_heading(card):
    card["classes"] = ["cat", "dog\n# Heading", *["x"] * 50]
    text = describe(card)
    assert "52: cat, dog # Heading, x" in text
    assert "\n# Heading" not in text


def test_a_record_of_another_program(tmp_path):
    record = {"metrics": ["a"], "note": ["b"], "task": None}
    answer = {**ANSWER, "spec": None, "limits": None}
    card = make_card(record, answer, name="x", source=tmp_path)
    assert card["metrics"] == {}
    assert card["classes"] == []
    assert describe(card).startswith("# x\n\nA Keras model.")


def test_damaged_descriptions_are_none(tmp_path):
    assert read_card(tmp_path) is None
    (tmp_path / "assets.extra").mkdir()
    path = tmp_path / "assets.extra" / "kerasnotes.json"
    for text in ("{", "[]", '"x"'):
        path.write_text(text)
        assert read_card(tmp_path) is None


@pytest.fixture
def place(files, tmp_path, monkeypatch):
    """A run, and exports of it that take no time."""

    def ask(request):
        folder = tmp_path / request["artefact"]
        folder.mkdir()
        (folder / "saved_model.pb").write_text("graph")
        fields = {"signature": {}, "checks": [], "size": request["size"]}
        return {**ANSWER, **fields, "tolerance": 1e-4}

    monkeypatch.setattr(export, "_ask", ask)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "model.keras").write_bytes(files["mlp"].read_bytes())
    run.Run(folder).write_record({"note": "mlp"})
    return folder


def test_the_latest_export_of_these_weights(place, files):
    assert export.latest_export(place) is None
    first = export.export_model(place)
    assert export.latest_export(place) == first
    for _ in range(9):
        last = export.export_model(place)
    assert last.name == "10"
    assert export.latest_export(place) == last
    # One for images of one size does not stand for the model.
    export.export_model(place, size=(8, 8))
    assert export.latest_export(place) == last
    (last / "assets.extra" / "kerasnotes.json").write_text("{")
    assert export.latest_export(place).name == "9"
    # Other weights, and the exports are of an older model.
    (place / "model.keras").write_bytes(files["unet"].read_bytes())
    assert export.latest_export(place) is None
    now = export.export_model(place)
    assert export.latest_export(place) == now


def test_a_version_appears_whole(place, monkeypatch):
    """A server that watches the folder never sees half of one."""
    renamed = []
    rename = type(place).rename

    def watch(self, target):
        if target.parent.name == "mlp":
            renamed.append((target, sorted(p.name for p in self.iterdir())))
            assert not target.exists()
        return rename(self, target)

    monkeypatch.setattr(type(place), "rename", watch)
    path = export.export_model(place)
    assert renamed == [(path, ["assets.extra", "saved_model.pb"])]
    assert {p.name for p in (path / "assets.extra").iterdir()} == {
        "kerasnotes.json",
        "model_card.md",
    }
    assert read_card(path)["weights"] == saving_digest(place)


def saving_digest(folder):
    from kerasnotes.runs.archive.weights_digest import weights_digest

    return weights_digest(folder / "model.keras")
