import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, OutOfMemoryError, StorageError
from kerasnotes.data.load import load
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.notes.unet.config import UNetConfig
from kerasnotes.notes.unet.note import UNet
from kerasnotes.runs import run, saving
from kerasnotes.use.evaluate import evaluate
from kerasnotes.use.memory import explain_memory
from kerasnotes.use.trained import open_trained
from kerasnotes_cli.eval import command as kn_eval
from kerasnotes_cli.predict import command as kn_predict


def write_run(
    folder, model_class, config, source, task, mean=(8.0,), variance=(30.0,)
):
    """Writes what `kn fit` would, untrained."""
    data = DataConfig(source=str(source))
    dataset = load(data)
    model = model_class(config, dataset.spec, list(mean), list(variance))
    record = {
        "task": task,
        "spec": dataset.spec.to_json(),
        "config": {"data": data.model_dump(mode="json"), "train": {}},
        "data": {
            "fingerprint": dataset.fingerprint,
            "path": str(source) if Path(source).exists() else None,
        },
    }
    made = run.create(folder, "note")
    made.write_record(record)
    saving.save_model(model, made.model_path, record)
    return folder


@pytest.fixture(scope="module")
def masks(tmp_path_factory):
    """Images of 48x40 and masks 0 and 255, in a folder."""
    root = tmp_path_factory.mktemp("masks")
    rng = np.random.default_rng(0)
    for name in ("images", "masks"):
        (root / name).mkdir()
    for number in range(6):
        mask = np.zeros((48, 40), "uint8")
        top, left = rng.integers(2, 20, 2)
        mask[top : top + 20, left : left + 15] = 255
        noise = rng.integers(0, 60, mask.shape).astype("uint8")
        image = Image.fromarray(mask // 2 + noise)
        image.save(root / "images" / f"{number}.png")
        Image.fromarray(mask).save(root / "masks" / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def unet_run(tmp_path_factory, masks):
    config = UNetConfig(width=2, depth=2)
    folder = tmp_path_factory.mktemp("runs") / "unet"
    return write_run(folder, UNet, config, masks, "segmentation")


@pytest.fixture(scope="module")
def mlp_run(tmp_path_factory):
    config = MLPConfig(widths=(8,))
    folder = tmp_path_factory.mktemp("runs") / "mlp"
    return write_run(folder, MLP, config, "digits", "classification")


def invoke(command, *arguments):
    result = CliRunner().invoke(
        command, [str(a) for a in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result


def test_eval_prints_one_object_and_writes_figures(unet_run, masks):
    result = invoke(kn_eval, unet_run, "--json", "--split", "all")
    report = json.loads(result.stdout)
    assert list(report) == [
        "model",
        "data",
        "split",
        "examples",
        "metrics",
        "remarks",
        "figures",
    ]
    assert (report["data"], report["examples"]) == (str(masks), 6)
    for name in ("accuracy", "mean_iou", "dice_255", "adapted_rand_error"):
        assert 0 <= report["metrics"][name] <= 1
    names = sorted(path.name for path in unet_run.glob("eval-*.png"))
    assert [f"{unet_run}/{name}" for name in names] == sorted(report["figures"])
    assert "eval-all-predictions.png" in names


def test_eval_in_words_ends_with_what_to_do_next(mlp_run):
    result = invoke(kn_eval, mlp_run / "model.keras")
    assert "359 examples" in result.stdout
    assert "macro_f1" in result.stdout
    assert "--out" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Next ")


def test_eval_refuses_data_of_other_classes(unet_run, masks, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(masks, other)
    (other / "classes.txt").write_text("0 sky\n7 sea\n255 land\n")
    with pytest.raises(DataError, match="classes of `other`") as caught:
        evaluate(open_trained(unet_run), source=str(other))
    assert "sky, sea, land" in caught.value.received
    with pytest.raises(DataError, match="does not fit the model"):
        evaluate(open_trained(unet_run), source="digits")


def test_eval_takes_other_data_of_the_same_classes(unet_run, masks, tmp_path):
    other = tmp_path / "more"
    shutil.copytree(masks, other)
    (other / "classes.txt").write_text("0 gap\n255 object\n")
    trained = open_trained(unet_run)
    report = evaluate(trained, source=str(other), split="train")
    assert report.data == str(other)
    same = evaluate(trained, split="train")
    assert report.metrics == pytest.approx(same.metrics)


@pytest.fixture(scope="module")
def table_run(tmp_path_factory):
    """A perceptron of two columns and two classes, trained on `own.csv`."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "own.csv").write_text(rows(range(60)))
    config = MLPConfig(widths=(4,))
    run_folder = folder / "run"
    write_run(
        run_folder,
        MLP,
        config,
        folder / "own.csv",
        "classification",
        mean=[0.0, 0.0],
        variance=[1.0, 1.0],
    )
    return run_folder


def rows(numbers):
    """A table of numbered rows that look like no counter."""
    lines = [
        f"{np.sin(n):.4f},{np.cos(3 * n):.4f},{'ab'[n % 2]}" for n in numbers
    ]
    return "\n".join(["u,v,label", *lines]) + "\n"


@pytest.mark.once
def test_of_another_source_every_example_is_measured(table_run, tmp_path):
    trained = open_trained(table_run)
    new = tmp_path / "new.csv"
    new.write_text(rows(range(100, 140)))
    report = evaluate(trained, source=str(new))
    assert (report.split, report.examples) == ("all", 40)
    assert "all its examples are measured" in " ".join(report.remarks)
    assert not any("trained on: the metrics" in r for r in report.remarks)
    part = evaluate(trained, source=str(new), split="test")
    assert (part.split, part.examples) == ("test", 8)
    moved = tmp_path / "moved.csv"
    moved.write_text(rows(range(60)))
    own = evaluate(trained, source=str(moved))
    assert (own.split, own.examples) == ("test", 12)
    assert own.metrics == pytest.approx(evaluate(trained).metrics)


@pytest.mark.once
def test_rows_without_the_label_that_was_learned_are_refused(
    table_run, tmp_path
):
    bare = tmp_path / "bare.csv"
    bare.write_text("u,v\n" + "0.5,0.25\n0.1,0.7\n" * 8)
    trained = open_trained(table_run)
    with pytest.raises(DataError, match="no column `label`, which") as caught:
        evaluate(trained, source=str(bare))
    told = str(caught.value)
    assert f"kn predict {table_run} {bare}" in told
    assert "--target NAME" in told
    bare.write_text(rows(range(100, 140)).replace("label", "kind"))
    assert evaluate(trained, source=str(bare)).examples == 40


@pytest.mark.once
def test_without_its_data_the_label_s_name_is_not_claimed(table_run, tmp_path):
    moved = tmp_path / "run"
    shutil.copytree(table_run, moved)
    record = json.loads((moved / "run.json").read_text())
    record["data"]["path"] = record["config"]["data"]["source"] = "/gone.csv"
    (moved / "run.json").write_text(json.dumps(record))
    bare = tmp_path / "bare.csv"
    bare.write_text("u,v\n" + "0.5,0.25\n0.1,0.7\n" * 8)
    with pytest.raises(DataError, match="no column beside the model's inputs"):
        evaluate(open_trained(moved), source=str(bare))


@pytest.mark.once
def test_the_same_data_in_another_form_keep_their_parts(table_run, tmp_path):
    wider = tmp_path / "wider.csv"
    lines = rows(range(60)).splitlines()
    wider.write_text("\n".join(f"{n % 7}.5,{t}" for n, t in enumerate(lines)))
    wider.write_text(wider.read_text().replace("0.5,u", "w,u", 1))
    trained = open_trained(table_run)
    found = evaluate(trained, source=str(wider))
    assert (found.split, found.examples) == ("test", 12)
    assert "trained on 42 of these 60 examples" in found.remarks[0]
    assert found.metrics == pytest.approx(evaluate(trained).metrics)
    whole = evaluate(trained, source=str(wider), split="all")
    assert whole.examples == 60


@pytest.mark.once
def test_what_the_model_was_trained_on_is_counted(table_run, tmp_path):
    mixed = tmp_path / "mixed.csv"
    mixed.write_text(rows([*range(100, 110), *range(60)]))
    report = evaluate(open_trained(table_run), source=str(mixed))
    assert report.examples == 70
    seen = [r for r in report.remarks if r.startswith("42 of the 70 examples")]
    assert "the metrics flatter" in seen[0]


@pytest.mark.once
def test_a_class_that_other_data_lack_is_not_rare_in_training(
    table_run, tmp_path
):
    new = tmp_path / "new.csv"
    new.write_text(rows(range(100, 140, 2)))
    remarks = evaluate(open_trained(table_run), source=str(new)).remarks
    assert "The data measured hold no example of `b`." in remarks
    assert not any("Rare in training" in remark for remark in remarks)


@pytest.mark.once
def test_of_another_source_its_own_test_part_is_measured(tmp_path, mlp_run):
    x, y = load(DataConfig(source="digits")).arrays("train")
    path = tmp_path / "digits.npz"
    np.savez(
        path,
        x_train=x[:90],
        y_train=y[:90],
        x_test=x[90:120],
        y_test=y[90:120],
    )
    report = evaluate(open_trained(mlp_run), source=str(path))
    assert (report.split, report.examples) == ("test", 30)
    assert "the test part that comes with it" in " ".join(report.remarks)


def test_eval_says_that_the_data_changed(unet_run, masks, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(unet_run, folder)
    made = run.Run(folder)
    record = made.read_record()
    record["data"]["fingerprint"] = "another"
    made.write_record(record)
    report = evaluate(open_trained(folder))
    assert any("changed" in remark for remark in report.remarks)


def test_a_part_that_is_empty_is_an_error(mlp_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(mlp_run, folder)
    made = run.Run(folder)
    record = made.read_record()
    record["config"]["data"]["test"] = 0.0
    made.write_record(record)
    with pytest.raises(DataError, match="no test part"):
        evaluate(open_trained(folder))


@pytest.mark.once
def test_a_record_without_a_task_is_an_error(mlp_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(mlp_run, folder)
    run.Run(folder).write_record({})
    with pytest.raises(StorageError, match="trained on"):
        open_trained(folder)


@pytest.mark.once
def test_out_of_memory_asks_for_a_smaller_batch():
    with pytest.raises(OutOfMemoryError) as caught:
        with explain_memory(8):
            raise MemoryError
    assert caught.value.hint == "--batch-size 4"
    with pytest.raises(KeyError):
        with explain_memory(8):
            raise KeyError


def test_predict_writes_masks_that_can_be_fed_back(unet_run, masks, tmp_path):
    out = tmp_path / "out"
    result = invoke(kn_predict, unet_run, masks / "images", "-o", out, "--json")
    report = json.loads(result.stdout)
    assert len(report["predictions"]) == 6
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [f"{n}-{kind}.png" for n in range(6) for kind in ("mask", "overlay")]
        + ["predictions.csv"]
    )
    with Image.open(out / "3-mask.png") as mask:
        assert mask.size == (40, 48)
        assert set(np.unique(np.asarray(mask))) <= {0, 255}


def test_predict_in_words_and_as_csv(mlp_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (8, 8), 9).save("digit.png")
    result = invoke(kn_predict, mlp_run, "digit.png")
    assert "digit.png: " in result.stdout
    assert "digit-predictions/predictions.csv" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Next ")
    rows = invoke(kn_predict, mlp_run, "digit.png", "--csv").stdout
    assert rows.splitlines()[0].startswith("file,class,probability,p_0,")
    assert (tmp_path / "digit-predictions-2" / "predictions.csv").is_file()


def test_predict_leaves_nothing_behind_on_bad_input(
    unet_run, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.png").write_text("text")
    with pytest.raises(DataError, match="bad.png"):
        CliRunner().invoke(
            kn_predict,
            [str(unet_run), "bad.png"],
            catch_exceptions=False,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.png"]


@pytest.mark.once
def test_images_are_answered_for_beside_one_that_cannot_be(mlp_run, tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    for name in ("a", "c"):
        Image.new("L", (8, 8), 9).save(folder / f"{name}.png")
    deep = np.full((8, 8), 40_000, "uint16")
    Image.fromarray(deep).save(folder / "b.png")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        kn_predict, [str(mlp_run), str(folder), "-o", str(out)]
    )
    assert isinstance(result.exception, DataError)
    assert "1 of 3 images cannot be answered for" in str(result.exception)
    assert "b.png" in result.exception.received
    assert "convert the images" in result.exception.hint
    rows = (out / "predictions.csv").read_text().splitlines()
    assert [row.split(",")[0][-5:] for row in rows[1:]] == ["a.png", "c.png"]


def test_json_names_the_images_that_could_not_be_read(mlp_run, tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    Image.new("L", (8, 8), 9).save(folder / "a.png")
    (folder / "b.png").write_bytes(b"no image")
    words = [mlp_run, folder, "-o", tmp_path / "out", "--json"]
    result = CliRunner().invoke(kn_predict, [str(word) for word in words])
    assert isinstance(result.exception, DataError)
    assert result.exception.exit_code == 3
    told = json.loads(result.stdout)
    assert [row["file"] for row in told["predictions"]] == [
        str(folder / "a.png")
    ]
    (failure,) = told["failures"]
    assert failure["file"] == str(folder / "b.png")
    assert "cannot be read" in failure["reason"]
    words[1] = folder / "a.png"
    whole = invoke(kn_predict, *words)
    assert json.loads(whole.stdout)["failures"] == []


@pytest.mark.once
def test_data_of_another_layout_are_refused_with_what_helps(
    unet_run, mlp_run, table_run, tmp_path
):
    plain, table = tmp_path / "plain", tmp_path / "t.csv"
    plain.mkdir()
    for name in "abc":
        Image.new("L", (8, 8), 9).save(plain / f"{name}.png")
    table.write_text(rows(range(40)))
    for run_folder, source, told in (
        (unet_run, plain, "images/ and masks/"),
        (mlp_run, plain, "a sub-folder of pictures for each class"),
        (table_run, plain, "a table of the same columns and a label"),
        (mlp_run, table, "a table, and the model takes images"),
    ):
        with pytest.raises(DataError) as caught:
            evaluate(open_trained(run_folder), source=str(source))
        assert told in str(caught.value)
        answers = "kn predict RUN" in str(caught.value)
        assert answers == (source == plain and run_folder != table_run)


@pytest.mark.once
def test_no_setting_is_advised_that_eval_does_not_take(table_run, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(rows(range(40)) + "x,0.5,\n")
    with pytest.raises(DataError) as caught:
        evaluate(open_trained(table_run), source=str(bad))
    assert "a label in every row" in caught.value.expected
    assert "leave these rows out" in caught.value.expected
    assert "--set" not in caught.value.expected
    assert "--classes" not in caught.value.expected


@pytest.mark.large
def test_real_membranes_are_predicted_whole(unet_run, shared_data, tmp_path):
    path = shared_data / "membrane" / "test" / "00.png"
    invoke(kn_predict, unet_run, path, "-o", tmp_path)
    with Image.open(tmp_path / "00-overlay.png") as overlay:
        assert overlay.size == (512, 512)
