import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kerasnotes.base.errors import UsageError
from kerasnotes.data.inspect import inspect

pytestmark = pytest.mark.once


@pytest.fixture
def kn_data(tmp_path, monkeypatch):
    """Runs `kn data` in this process, in an empty folder."""
    from kerasnotes_cli.data import command

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*args):
        return CliRunner().invoke(command, [str(arg) for arg in args])

    return run


def test_counts_shapes_and_balance(pairs, config):
    found = inspect(config(pairs, classes=("ground", "square")))
    assert not found.problems
    assert {n: p.count for n, p in found.parts.items()} == {
        "train": 7,
        "validation": 1,
        "test": 2,
    }
    train = found.parts["train"]
    assert train.balance.tolist() == [7 * (24 * 32 - 64), 7 * 64]
    assert train.low == train.high == [24, 32]
    x = np.stack([found.data.train[i][0] for i in range(7)])
    assert (train.minimum, train.maximum) == (x.min(), x.max())
    np.testing.assert_allclose(found.mean, x.mean())
    np.testing.assert_allclose(found.deviation, x.std())


def test_it_does_not_stop_at_the_first_problem(pairs, config, png_header):
    (pairs / "masks" / "01.png").unlink()
    (pairs / "images" / "02.png").unlink()
    Image.new("L", (9, 9)).save(pairs / "masks" / "03.png")
    (pairs / "images" / "04.png").write_text("text")
    png_header(pairs / "masks" / "05.png")
    mask = np.asarray(Image.open(pairs / "masks" / "06.png")).copy()
    mask[0, 0] = 9
    Image.fromarray(mask).save(pairs / "masks" / "06.png")
    found = inspect(config(pairs))
    kinds = {(p.kind, p.where) for p in found.problems}
    assert {
        ("image without mask", "images/01.png"),
        ("mask without image", "masks/02.png"),
        ("different size", "masks/03.png"),
        ("unreadable", "images/04.png"),
        ("unreadable", "masks/05.png"),
    } <= kinds
    unknown = [p for p in found.problems if p.kind == "unknown mask value"]
    assert "06.png" in unknown[0].where
    assert sum(part.count for part in found.parts.values()) >= 3


def test_damage_that_only_decoding_shows(class_folder, config):
    """The end marker is there; a block in the middle is gone."""
    good = np.random.default_rng(0).integers(0, 255, (90, 90), "uint8")
    for name in ("hurt1.png", "hurt2.png"):
        path = class_folder / "a" / name
        Image.fromarray(good).save(path)
        content = bytearray(path.read_bytes())
        content[200:4000] = bytes(3800)
        path.write_bytes(content)
    found = inspect(config(class_folder))
    assert {p.where for p in found.problems} == {"a/hurt1.png", "a/hurt2.png"}
    assert sum(part.count for part in found.parts.values()) == 20


def test_single_class_and_unreadable_are_both_told(pairs, config):
    for path in (pairs / "masks").iterdir():
        Image.new("L", (32, 24)).save(path)
    (pairs / "images" / "00.png").write_text("x")
    found = inspect(config(pairs))
    assert {p.kind for p in found.problems} == {"single class", "unreadable"}


def test_twins_across_parts_are_noted(class_folder, config):
    for i in range(9):
        shutil.copy(
            class_folder / "a" / "0.png", class_folder / "a" / f"t{i}.png"
        )
    found = inspect(config(class_folder))
    assert any("also in an earlier part" in note for note in found.notes)


def test_nan_is_named(tmp_path, config):
    x = np.random.default_rng(0).normal(size=(50, 3))
    x[17, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(50) % 2)
    found = inspect(config(tmp_path / "a.npz"))
    assert {(p.kind, p.where) for p in found.problems} == {
        ("not finite", "#17")
    }


def test_data_are_handed_on_before_they_are_read(pairs, config):
    opened = []
    found = inspect(config(pairs), opened=opened.append)
    assert opened == [found.data]
    inspect(config("no/such"), opened=opened.append)
    assert len(opened) == 1


def test_nothing_there_is_a_problem_and_a_wrong_name_an_error(config):
    assert inspect(config("no/such")).problems[0].kind == "not read"
    with pytest.raises(UsageError):
        inspect(config("nosuch"))


def test_the_command_prints_and_draws(kn_data, pairs, tmp_path):
    result = kn_data(pairs, "--classes", "ground, square")
    assert result.exit_code == 0, result.output
    assert "2 classes" in result.output
    assert "ground" in result.output
    assert "Next: kn fit unet" in result.output
    sheet = tmp_path / "here" / "pairs-contact-sheet.png"
    assert np.asarray(Image.open(sheet)).std() > 10


def test_the_command_as_json(kn_data, class_folder, tmp_path):
    out = tmp_path / "sheet.png"
    result = kn_data(class_folder, "--json", "--out", out, "--test", "0.5")
    found = json.loads(result.output)
    assert found["parts"]["test"]["count"] == 10
    assert found["parts"]["test"]["classes"] == {"a": 5, "b": 5}
    assert found["spec"]["targets"][0]["classes"] == ["a", "b"]
    assert found["problems"] == []
    assert found["contact_sheet"] == str(out)
    assert out.is_file()


def test_the_command_exits_with_3_on_problems(kn_data, class_folder):
    (class_folder / "a" / "text.png").write_text("x")
    result = kn_data(class_folder, "--set", "data.image_size=16")
    assert result.exit_code == 3
    assert "a/text.png" in result.output
    assert "16 x 16" in result.output
    assert kn_data("no/such").exit_code == 3


def test_the_command_refuses_wrong_settings(kn_data, class_folder):
    for args in (["--set", "train.epochs=3"], ["--test", "2"]):
        result = kn_data(class_folder, *args)
        assert isinstance(result.exception, UsageError)


def test_tables_and_many_classes_are_drawn(kn_data, tmp_path):
    x = np.random.default_rng(0).normal(size=(300, 5))
    np.savez(tmp_path / "t.npz", x=x, y=np.arange(300) % 30)
    result = kn_data(tmp_path / "t.npz")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "here" / "t-contact-sheet.png").is_file()


def test_a_question_says_how_it_is_answered(tmp_path, config):
    rng = np.random.default_rng(0)
    ages = rng.integers(18, 71, 200).tolist()
    rows = [f"{rng.normal():.3f},{age}" for age in ages]
    path = tmp_path / "ages.csv"
    path.write_text("\n".join(["height,age", *rows]))
    (problem,) = inspect(config(path)).problems
    assert "--set data.labels=values" in problem.text


def test_digits_lost_are_not_also_called_constant(tmp_path, config):
    rows = [f"{n / 3},{1_700_000_000 + n}" for n in range(50)]
    path = tmp_path / "time.csv"
    path.write_text("\n".join(["x,time", *rows]))
    found = inspect(config(path, target="time", labels="values"))
    assert [problem.kind for problem in found.problems] == ["lost digits"]


def test_a_table_by_the_name_that_uci_gives_it(tmp_path, config):
    path = tmp_path / "iris.data"
    path.write_text("5.1,3.5,setosa\n7.0,3.2,virginica\n" * 8)
    found = inspect(config(path))
    assert found.data.spec.target.classes == ("setosa", "virginica")


def test_rows_that_are_not_finite_are_told_once(tmp_path, config):
    x = np.random.default_rng(0).random((40, 4, 4))
    x[:25, 1, 1] = np.nan
    np.savez(tmp_path / "set.npz", x=x, y=np.arange(40) % 2)
    found = inspect(config(tmp_path / "set.npz"))
    assert [p.where for p in found.problems] == [f"#{i}" for i in range(25)]


def test_files_cut_off_are_one_line_in_the_order_of_names(
    class_folder, kn_data
):
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), "uint8")
    for number in (10, 9, 2, 11):
        path = class_folder / "a" / f"cut{number}.jpg"
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[: -400 - 7 * number])
    told = kn_data(class_folder).output
    line = next(line for line in told.splitlines() if "truncated" in line)
    assert "a/cut2.jpg, a/cut9.jpg, a/cut10.jpg and 1 more: " in line
    assert told.count("truncated") == 1


def test_labels_that_are_missing_have_a_way_out(tmp_path, kn_data):
    rows = [f"{i % 7 / 2},{'ab'[i % 2] if i % 5 else 'n/a'}" for i in range(40)]
    path = tmp_path / "set.csv"
    path.write_text("\n".join(["x,label", *rows]))
    told = kn_data(path).output
    assert "Expected (missing label): a label in every row; leave these" in told
    assert "--classes" in told


@pytest.mark.parametrize("large", [1.7e12, 1e18])
def test_arrays_of_large_equal_numbers_are_told_and_drawn(
    kn_data, tmp_path, large
):
    rng = np.random.default_rng(0)
    x = np.stack([rng.normal(size=60), large + rng.integers(0, 9, 60)], 1)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(60) % 2)
    ended = kn_data(tmp_path / "x.npz")
    assert ended.exit_code == 3, ended.output
    assert "column x1" in ended.output
    assert (tmp_path / "here" / "x-contact-sheet.png").is_file()
