"""Members of folds, draws and one training, and what they are stacked by."""

import shutil

import numpy as np
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

import kerasnotes as kn
from kerasnotes.base.config import DataConfig
from kerasnotes.base.ensembles import MEMBERS
from kerasnotes.base.errors import InterruptedRunError, UsageError
from kerasnotes.data.load import load
from kerasnotes.data.resampling import left_out
from kerasnotes.notes import find
from kerasnotes.runs.saving import load_model
from kerasnotes.runtime.setup import setup
from kerasnotes.training import settings
from kerasnotes.use.ensembles import members
from kerasnotes.use.ensembles.plan import Plan, read_plan
from tests.training.conftest import Stopper

SMALL = {"epochs": 2, "widths": [16], "augment": "none", "quiet": True}
FOLDS = 3


@pytest.fixture(scope="module")
def folds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "folds"
    return kn.fit(
        "mlp",
        ensemble=FOLDS,
        members="folds",
        combine="stacked",
        out=folder,
        seed=5,
        **SMALL,
    )


def ask(folder, x):
    model = load_model(folder / "model.keras")
    return model.predict(x.astype("float32"), verbose=0)


def out_of_fold(folder):
    """Returns each member's answers to its own fold, and the truth."""
    found = []
    for number in range(1, FOLDS + 1):
        data = load(DataConfig(source="digits", folds=FOLDS, fold=number))
        x, y = data.arrays("validation")
        found.append((ask(folder / f"member{number}", x), y))
    return found


def test_folds_are_cross_validated_and_stacked(folds):
    asked = out_of_fold(folds.path)
    [told] = folds.record["cross_validation"]
    right = [(p.argmax(axis=1) == y).mean() for p, y in asked]
    each = [fold["metrics"]["accuracy"] for fold in told["folds"]]
    assert each == pytest.approx(right)
    assert told["mean"]["accuracy"] == pytest.approx(np.mean(right))
    assert told["deviation"]["accuracy"] == pytest.approx(np.std(right, ddof=1))
    p = np.concatenate([p for p, _ in asked]).astype("float64")
    y = np.concatenate([y for _, y in asked])
    assert told["out_of_fold"]["accuracy"] == pytest.approx(
        (p.argmax(axis=1) == y).mean()
    )
    # What scikit-learn fits on those very answers, the saved model gives.
    fitted = LogisticRegression(max_iter=5000, tol=1e-7).fit(np.log(p), y)
    x, _ = kn.data("digits").arrays("test")
    mean = np.mean(
        [ask(folds.path / f"member{k}", x) for k in (1, 2, 3)], axis=0
    )
    expected = fitted.predict_proba(np.log(mean))
    found = ask(folds.path, x)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    # Not what would be fitted on answers to what members learned.
    data = load(DataConfig(source="digits", validation=0.0))
    x_all, y_all = data.arrays("train")
    seen = ask(folds.path / "member1", x_all)
    other = LogisticRegression(max_iter=5000, tol=1e-7).fit(np.log(seen), y_all)
    assert np.abs(found - other.predict_proba(np.log(mean))).max() > 0.01
    for end in ("mean", "vote", "member"):
        assert f"accuracy_{end}" in folds.metrics
    assert folds.record["task"] == "classification"


@pytest.mark.once
def test_a_member_is_a_run_of_its_own_settings(folds, tmp_path):
    alone = kn.fit(
        "mlp",
        seed=6,
        settings={"data.folds": FOLDS, "data.fold": 2},
        out=tmp_path / "alone",
        **SMALL,
    )
    mine = load_model(folds.path / "member2" / "model.keras").get_weights()
    for a, b in zip(mine, alone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [one["fold"] for one in folds.record["members"]] == [1, 2, 3]


@pytest.mark.once
def test_an_interrupted_one_of_folds_goes_on(folds, tmp_path):
    folder = shutil.copytree(folds.path, tmp_path / "cut")
    shutil.rmtree(folder / "member2")
    for name in ("run.json", "model.keras"):
        (folder / name).unlink()
    again = kn.fit(resume=folder, quiet=True)
    assert again.record["combine"] == "stacked"
    assert again.metrics == pytest.approx(folds.metrics)
    kept = again.record["config"]["data"]
    assert (kept["folds"], kept["validation"]) == (None, 0.0)


@pytest.mark.once
def test_stacking_needs_every_fold(folds, tmp_path):
    runs = sorted(folds.path.glob("member*"))
    with pytest.raises(UsageError, match="Some folds"):
        kn.ensemble(runs[:2], combine="stacked")
    with pytest.raises(UsageError, match="validation part in common"):
        kn.ensemble(runs, combine="weighted")
    plain = kn.fit("mlp", out=tmp_path / "plain", **SMALL)
    with pytest.raises(UsageError, match="did not learn"):
        kn.ensemble([*runs, plain], combine="stacked")


@pytest.mark.once
def test_two_notes_are_stacked_and_weighted(folds, tmp_path):
    other = kn.fit(
        "mlp",
        ensemble=FOLDS,
        members="folds",
        out=tmp_path / "other",
        **{**SMALL, "widths": [32]},
    )
    assert other.record["task"] == "bayesian-classification"
    runs = [
        *sorted(folds.path.glob("member*")),
        *sorted(other.path.glob("member*")),
    ]
    both = kn.ensemble(runs, combine="stacked", out=tmp_path / "both")
    assert len(both.record["cross_validation"]) == 2
    assert both.model.groups == [0, 0, 0, 1, 1, 1]
    ways = kn.ensemble(runs, combine="weighted", out=tmp_path / "ways")
    shares = [one["weight"] for one in ways.record["members"]]
    assert sum(shares) == pytest.approx(1)
    assert len({round(share, 9) for share in shares[:3]}) == 1
    # What one report measures beside, the other measures itself.
    for name in ("accuracy", "loss"):
        assert both.metrics[f"{name}_weighted"] == pytest.approx(
            ways.metrics[name], rel=1e-4
        )
        assert ways.metrics[f"{name}_stacked"] == pytest.approx(
            both.metrics[name], rel=1e-4
        )


@pytest.mark.once
def test_bagging_is_told_out_of_bag(tmp_path):
    run = kn.fit(
        "mlp",
        ensemble=3,
        members="bagging",
        out=tmp_path / "run",
        seed=2,
        **SMALL,
    )
    x, y = kn.data("digits").arrays("train")
    sums, counts = np.zeros((len(y), 10)), np.zeros(len(y))
    for number, one in enumerate(run.record["members"], start=1):
        assert one["bootstrap"] == one["seed"] == number + 1
        rows = left_out(len(y), one["bootstrap"])
        sums[rows] += ask(run.path / f"member{number}", x[rows])
        counts[rows] += 1
    some = counts > 0
    told = run.record["out_of_bag"]
    assert (told["examples"], told["of"]) == (some.sum(), len(y))
    assert told["members"] == pytest.approx(counts[some].mean())
    right = (sums[some].argmax(axis=1) == y[some]).mean()
    assert told["metrics"]["accuracy"] == pytest.approx(right)


@pytest.mark.once
def test_snapshots_are_kept_and_a_cut_training_goes_on(tmp_path):
    options = {**SMALL, "epochs": 4, "ensemble": 2, "members": "snapshot"}
    whole = kn.fit("mlp", out=tmp_path / "whole", **options)
    plan = read_plan(whole.path)
    with pytest.raises(InterruptedRunError):
        members.train_members(plan, setup(), Stopper(3), out=tmp_path / "cut")
    assert (tmp_path / "cut/training/snapshot1.keras").is_file()
    again = kn.fit(resume=tmp_path / "cut", quiet=True)
    assert again.metrics == pytest.approx(whole.metrics)
    for number in (1, 2):
        pair = [
            load_model(one.path / f"training/snapshot{number}.keras")
            for one in (whole, again)
        ]
        weights = [model.get_weights() for model in pair]
        for a, b in zip(*weights, strict=True):
            np.testing.assert_array_equal(a, b)
    files = [one["path"].rpartition("/")[2] for one in whole.record["members"]]
    assert files == ["snapshot1.keras", "snapshot2.keras"]


@pytest.mark.once
def test_measured_values_of_folds_without_a_test_part(tmp_path):
    run = kn.fit(
        "mlp",
        data="diabetes",
        ensemble=2,
        members="folds",
        settings={"data.test": 0.0},
        out=tmp_path / "run",
        epochs=1,
        quiet=True,
    )
    assert run.record["split"] == "out-of-fold"
    for name in ("folds", "out-of-fold"):
        assert (run.path / f"{name}.png").is_file()
    [told] = run.record["cross_validation"]
    assert run.metrics == told["out_of_fold"]
    sizes = [fold["examples"] for fold in told["folds"]]
    assert sizes == [221, 221]
    for number, fold in enumerate(told["folds"], start=1):
        member = kn.load(run.path / f"member{number}")
        assert member.record["split"] == "validation"
        assert member.metrics == fold["metrics"]


@pytest.mark.once
def test_a_file_of_all_settings_names_none_of_the_members_own(tmp_path):
    path = tmp_path / "mlp.yaml"
    given = {"folds": None, "bootstrap": None, "validation": 0.1}
    path.write_text(yaml.safe_dump({"data": given}))
    blocks = settings.merge(path, [], {}, find("mlp"))
    made = settings.make(find("mlp"), blocks)
    for kind in MEMBERS:
        Plan(made, 3, kind).check()
    [*_, (_, last, folder)] = Plan(made, 3, "folds").runs(tmp_path)
    assert (last.data.folds, last.data.fold) == (3, 3)
    assert folder == tmp_path / "member3"


@pytest.mark.once
def test_what_does_not_go_together_is_refused_before_training():
    for words, message in (
        ({"members": "bags"}, "no members"),
        ({"combine": "best"}, "no combine"),
        ({"combine": "stacked"}, "not learn from"),
        ({"members": "folds", "combine": "weighted"}, "in common"),
        ({"members": "snapshot", "epochs": 2}, "cycles"),
        ({"members": "folds", "settings": {"data.fold": 1}}, "go together"),
        (
            {"members": "folds", "settings": {"data.validation": 0.3}},
            "not to be chosen",
        ),
    ):
        with pytest.raises(UsageError, match=message):
            kn.fit("mlp", **{"ensemble": 3, "quiet": True, **words})
    with pytest.raises(UsageError, match="said of an ensemble"):
        kn.fit("mlp", members="folds", quiet=True)
