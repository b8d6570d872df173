"""`kn sample` from the command line: pictures, recipes, mistakes."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from kerasnotes.figures.sample_grid import save_png
from kerasnotes.runs import run, saving
from kerasnotes.use.recipe import KEY, read_recipe
from tests.cli.conftest import listing, run_kn
from tests.tasks.stub_generator import write_stub_run


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    return write_stub_run(tmp_path_factory.mktemp("runs") / "stub")


def untrained_ddpm(**settings):
    def make(spec):
        from kerasnotes.notes import find

        note = find("ddpm")
        config = note.config_class()(timesteps=30, network="mlp", **settings)
        return note.model_class()(config, spec, [0.0], [1.0])

    return make


@pytest.fixture(scope="module")
def ddpm(tmp_path_factory):
    """An untrained diffusion model that is told no class."""
    folder = tmp_path_factory.mktemp("runs") / "ddpm"
    return write_stub_run(folder, make=untrained_ddpm(conditional=False))


@pytest.fixture
def own(stub, tmp_path):
    """A copy of the run that a test may change."""
    folder = tmp_path / "own"
    shutil.copytree(stub, folder)
    return folder


def told(*args):
    ended = run_kn("sample", *args, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).copy()


def test_a_grid_by_default_and_what_to_do_next(stub, place):
    ended = run_kn("sample", stub)
    assert ended.code == 0, ended.err
    assert listing(place) == ["stub-samples.png"]
    assert "64 samples of" in ended.out
    assert ended.out.splitlines()[-1] == (
        f"Next     kn sample --from stub-samples.png   or   kn eval {stub}"
    )
    # Ten classes in turn: seven rows of ten.
    assert pixels(place / "stub-samples.png").shape == (352, 502)


def test_a_picture_is_repeated_bit_for_bit(stub, place):
    options = ("--seed", 4, "--class", "7", "--sampler", "own", "-n", 6)
    first = told(stub, *options, "--guidance", 2)
    again = told("--from", first["grid"])
    assert again["same"] is True
    assert first["same"] is None
    assert again["used"] == {"sampler": "own", "steps": None}
    assert again["class"] == "7"
    assert again["labels"] == [7] * 6
    one, other = (place / r["grid"] for r in (first, again))
    assert one.read_bytes() == other.read_bytes()
    recipe = read_recipe(one)
    assert (recipe.asked.seed, recipe.asked.guidance) == (4, 2.0)
    text = run_kn("sample", "--from", one).out
    assert "The same as before, bit for bit." in text


def test_options_change_a_recipe(stub, place):
    first = told(stub, "-n", 5)
    other = told("--from", first["grid"], "--seed", 1, "-n", 9)
    assert (other["seed"], other["count"], other["same"]) == (1, 9, None)
    with_way = told("--from", first["grid"], "--trajectory", "a.png")
    assert with_way["same"] is True
    # From a picture with a trajectory, too.
    assert told("--from", with_way["grid"])["same"] is True


def test_other_weights_are_an_error_unless_they_are_named(own, place):
    first = told(own, "-n", 3)
    made = run.Run(own)
    model = saving.load_model(made.model_path)
    model.network.set_weights([w + 1 for w in model.network.get_weights()])
    saving.save_model(model, made.model_path, made.read_record())
    ended = run_kn("sample", "--from", first["grid"])
    assert ended.code == 5
    assert "not those that drew" in ended.err
    ended = run_kn("sample", own, "--from", first["grid"], "--json")
    assert ended.code == 0
    assert "Warning" in ended.err
    assert json.loads(ended.out)["same"] is None
    shutil.rmtree(own)
    ended = run_kn("sample", "--from", first["grid"])
    assert ended.code == 5
    assert "no run" in ended.err


@pytest.mark.once
def test_a_record_written_later_leaves_the_weights_known(own, place):
    from kerasnotes.runs.archive import archive

    first = told(own, "-n", 3)
    made = run.Run(own)
    archive.write_record(made.model_path, {**made.read_record(), "more": 1})
    assert told("--from", first["grid"])["same"] is True


@pytest.mark.once
def test_a_file_for_each_and_raw_values(stub, place):
    answer = told(stub, "-n", 3, "-o", "out")
    names = ["00000.png", "00001.png", "00002.png", "grid.png"]
    assert sorted(p.name for p in (place / "out").iterdir()) == names
    assert len(answer["files"]) == 3
    assert pixels(place / "out/00001.png").shape == (8, 8)
    assert told("--from", "out/00001.png", "-o", "b.png")["same"] is True
    told(stub, "-n", 3, "-o", "raw.npz")
    with np.load(place / "raw.npz", allow_pickle=False) as raw:
        assert raw["x"].shape == (3, 8, 8, 1)
        assert raw["y"].tolist() == [0, 1, 2]
        shown = np.rint(raw["x"][1, ..., 0] * 255 / 16)
    # Bytes, but for values that lie on the border between two.
    assert np.abs(shown - pixels(place / "out/00001.png")).max() <= 1


@pytest.mark.once
def test_the_way_there(stub, place):
    answer = told(stub, "-n", 12, "--trajectory", "way.png")
    assert answer["way"] == "way.png"
    # Ten rows of eleven pictures, 48 pixels wide.
    assert pixels(place / "way.png").shape == (502, 552)
    told(stub, "-n", 2, "--trajectory", "way.gif")
    with Image.open(place / "way.gif") as film:
        assert film.n_frames == 11
    told(stub, "-n", 2, "--trajectory", "way.npz")
    with np.load(place / "way.npz", allow_pickle=False) as way:
        assert way["trajectory"].shape == (11, 2, 8, 8, 1)


@pytest.mark.once
def test_rows_of_a_table(tmp_path, place):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 3)).astype("float32")
    np.savez(tmp_path / "rows.npz", x=x, y=np.arange(60) % 2)
    folder = write_stub_run(tmp_path / "rows", tmp_path / "rows.npz")
    answer = told(folder, "-n", 4)
    assert answer["values"] == "rows-samples.csv"
    lines = (place / "rows-samples.csv").read_text().splitlines()
    assert lines[0] == "x0,x1,x2,class"
    assert len(lines) == 5
    assert told("--from", "rows-samples.png")["same"] is True


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--class", "11"), 2, "no class `11`"),
        (("--class", "-1"), 2, "no class `-1`"),
        (("--class", "sevn"), 2, "no class"),
        (("--eta", "1"), 2, "no option --eta"),
        (("--schedule", "karras"), 2, "no option --schedule"),
        (("--steps", "0"), 2, "--steps"),
        (("-n", "0"), 2, "--count"),
        (("-n", "100000000"), 2, "--count"),
        (("--seed", "-1"), 2, "--seed"),
        (("--guidance", "nan"), 2, "finite"),
        (("--guidance", "inf"), 2, "finite"),
        (("-o", "a.jpg"), 2, "not written as .jpg"),
        (("--trajectory", "a.avi"), 2, "trajectory"),
        (("-o", "no-grid.png", "--no-grid"), 2, "do not fit"),
        (("--from", "missing.png"), 5, "Cannot read"),
    ],
)
def test_mistakes_take_one_screen_and_leave_nothing(
    stub, place, options, code, message
):
    ended = run_kn("sample", stub, *options)
    assert ended.code == code
    assert message in ended.err
    assert len(ended.err.splitlines()) < 12
    assert not listing(place)


@pytest.mark.once
def test_what_is_no_generator_is_refused(trained, place):
    folder, _ = trained
    ended = run_kn("sample", folder)
    assert ended.code == 2
    assert "does not draw examples" in ended.err
    assert "kn predict" in ended.err
    assert run_kn("sample").code == 2
    assert run_kn("sample", "nowhere").code == 5


@pytest.mark.once
def test_a_recipe_from_a_stranger(stub, place):
    told(stub, "-n", 3)
    recipe = json.loads(read_recipe(place / "stub-samples.png").text()[KEY])
    black = np.zeros((4, 4), "uint8")
    for number, (change, code) in enumerate(
        [
            ({"run": "/etc"}, 5),
            ({"run": "/etc/passwd"}, 5),
            ({"asked": {"count": 3, "label": 99}}, 2),
            ({"asked": {"count": 3, "eta": 1.0}}, 2),
            ({"weights": "0" * 64}, 5),
        ]
    ):
        path = place / f"{number}.png"
        save_png(black, path, {KEY: json.dumps({**recipe, **change})})
        ended = run_kn("sample", "--from", path)
        assert ended.code == code, ended.err
        assert len(ended.err.splitlines()) < 12


@pytest.mark.once
def test_eval_of_a_generator(own, place, monkeypatch):
    from kerasnotes.metrics import feature_classifier

    monkeypatch.setattr(feature_classifier, "STEPS", 10)
    monkeypatch.setattr(feature_classifier, "EPOCHS", 1)
    ended = run_kn("eval", own, "-n", 40, "--steps", 3, "--seed", 2, "--json")
    assert ended.code == 0, ended.err
    answer = json.loads(ended.out)
    assert "40 samples: seed 2, sampler stub, steps 3." in answer["remarks"]
    assert answer["metrics"]["nn_two_sample"] > 0.9
    assert answer["metrics"]["frechet_pixels_floor"] > 0
    assert (own / "judge.keras").is_file()
    names = {path.name for path in own.glob("*.png")}
    assert {"eval-test-samples.png", "eval-test-classes.png"} <= names
    text = run_kn("eval", own, "-n", 40).out
    heads = [line.split() for line in text.splitlines()]
    assert ["samples", "real", "Gaussian"] in heads
    assert text.splitlines()[-1].startswith("Next     kn sample ")


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ood", "digits"), "--ood"),
        (("--eta", "0.5"), "no option --eta"),
        (("-n", "3"), "Too few samples"),
    ],
)
def test_eval_refuses_what_a_generator_has_no_use_for(stub, options, message):
    ended = run_kn("eval", stub, *options)
    assert ended.code == 2
    assert message in ended.err


@pytest.mark.once
@pytest.mark.parametrize(
    "options", [("--sampler", "ddim"), ("-n", "9"), ("--seed", "3")]
)
def test_eval_refuses_sampling_where_nothing_is_sampled(trained, options):
    ended = run_kn("eval", trained[0], *options)
    assert ended.code == 2
    assert options[0].replace("-n", "--samples") in ended.err


def test_a_diffusion_model_is_sampled_and_repeated(ddpm, place):
    options = ("--sampler", "dpmpp_2m", "--schedule", "karras", "--steps", 4)
    first = told(ddpm, "-n", 3, *options, "--trajectory", "way.png")
    assert first["used"]["sampler"] == "dpmpp_2m"
    assert first["used"]["steps"] == 4
    assert told("--from", first["grid"])["same"] is True


@pytest.mark.once
@pytest.mark.parametrize(
    "options",
    [
        ("--sampler", "dpmp"),
        ("--schedule", "karas"),
        ("--sampler", "ddpm", "--schedule", "karras"),
        ("--steps", "31"),
        ("--steps", "0"),
        ("--class", "3"),
        ("--guidance", "2"),
        ("--sampler", "ddim", "--eta", "2"),
        ("--sampler", "euler", "--eta", "0.5"),
    ],
)
def test_what_does_not_fit_a_diffusion_model(ddpm, place, options):
    ended = run_kn("sample", ddpm, "-n", 2, *options)
    assert ended.code == 2, ended.out
    assert len(ended.err.splitlines()) < 12
    assert not listing(place)
