"""Runs put together, measured, and used as one run."""

import os

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.errors import DataError, StorageError, UsageError
from kerasnotes.use.ensembles import members

SMALL = {"epochs": 2, "widths": [16], "augment": "none", "quiet": True}


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "all"
    return kn.fit("mlp", ensemble=3, out=folder, seed=5, **SMALL)


def test_members_differ_and_their_mean_is_better(together):
    record = together.record
    assert [one["seed"] for one in record["members"]] == [5, 6, 7]
    assert len({one["metrics"]["loss"] for one in record["members"]}) == 3
    metrics = together.metrics
    assert metrics["nll"] < metrics["nll_member"]
    assert metrics["passes"] == 3
    losses = [one["metrics"]["loss"] for one in record["members"]]
    assert metrics["nll_member"] == pytest.approx(np.mean(losses), rel=1e-4)
    assert "certainty" in together.figures


def test_it_answers_with_doubt(together):
    x = kn.data("digits").arrays("test")[0][:4]
    [answer, *_] = together.predict(x)
    row = answer.row
    assert 0 <= row["mutual_information"] <= row["entropy"] + 1e-6
    again = kn.evaluate(together)
    assert again.metrics["nll"] == pytest.approx(together.metrics["nll"])


@pytest.mark.once
def test_a_member_is_what_it_is_alone(together, tmp_path):
    """The second goes on with the first one's compiled network."""
    alone = kn.fit("mlp", out=tmp_path / "alone", seed=6, **SMALL)
    member = kn.load(together.path / "member2")
    pair = member.model.get_weights(), alone.model.get_weights()
    for mine, own in zip(*pair, strict=True):
        np.testing.assert_array_equal(mine, own)
    # It is measured when all are, and says so like any run.
    assert member.metrics == pytest.approx(alone.metrics, rel=1e-5)
    assert member.record["split"] == "test"


@pytest.mark.once
@pytest.mark.parametrize("combine", ["weighted", "vote"])
def test_other_ways(together, combine, tmp_path):
    runs = sorted(together.path.glob("member*"))
    run = kn.ensemble(runs, combine=combine, out=tmp_path / "run")
    assert run.record["task"] == "classification"
    shares = [one["weight"] for one in run.record["members"]]
    assert sum(shares) == pytest.approx(1)
    assert (len(set(shares)) == 1) == (combine == "vote")
    assert run.metrics["accuracy"] > run.metrics["accuracy_member"] - 0.1


@pytest.mark.once
def test_what_does_not_go_together_is_refused(together, tmp_path):
    member = together.path / "member1"
    with pytest.raises(UsageError, match="cannot be a member") as refused:
        kn.ensemble([together, member])
    for number in (1, 2, 3):
        assert f"member{number}" in (refused.value.hint or "")
    with pytest.raises(UsageError, match="named twice"):
        kn.ensemble([member, member])
    with pytest.raises(UsageError, match="several members"):
        kn.ensemble(str(member))
    with pytest.raises(UsageError, match="cannot be trained further"):
        kn.fit(resume=together.path, epochs=9)
    with pytest.raises(UsageError, match="cannot be put together"):
        kn.fit("bcnn", ensemble=2)
    with pytest.raises(UsageError, match="two members"):
        kn.ensemble([member])
    with pytest.raises(UsageError, match="cannot be combined by `best`"):
        kn.ensemble([member, member], combine="best")
    with pytest.raises(UsageError, match="two members"):
        kn.fit("mlp", ensemble=1, **SMALL)
    x, y = kn.data("digits").arrays("test")
    with pytest.raises(UsageError, match="from a source"):
        kn.fit("mlp", {"x": x, "y": y}, ensemble=2, **SMALL)


@pytest.mark.once
def test_members_of_other_splits_are_told(together, tmp_path):
    other = kn.fit(
        "mlp", settings={"data.split_seed": 3}, out=tmp_path / "other", **SMALL
    )
    run = kn.ensemble([together.path / "member1", other], out=tmp_path / "run")
    assert any("may be what it learned" in told for told in run.remarks)
    # Members are measured on the ensemble's part, not on their own.
    x, y = kn.data("digits").arrays("test")
    right = []
    for one in (kn.load(together.path / "member1"), other):
        answer = one.model.predict(x.astype("float32"), verbose=0)
        right.append((answer.argmax(axis=1) == y).mean())
    assert run.metrics["accuracy_member"] == pytest.approx(np.mean(right))
    with pytest.raises(UsageError, match="cannot be weighted"):
        kn.ensemble([together.path / "member1", other], combine="weighted")


@pytest.mark.once
def test_weights_need_a_validation_part(tmp_path):
    runs = [
        kn.fit(
            "mlp",
            seed=seed,
            settings={"data.validation": 0.0},
            out=tmp_path / str(seed),
            **SMALL,
        )
        for seed in range(2)
    ]
    with pytest.raises(DataError, match="no validation part"):
        kn.ensemble(runs, combine="weighted", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.once
@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs two processors that a process can be kept on",
)
def test_at_once_they_are_the_same(together, tmp_path, monkeypatch):
    here = sorted(os.sched_getaffinity(0))
    monkeypatch.setattr(
        members, "shares_of", lambda count, choice: [here[:1], here[1:2]]
    )
    run = kn.fit("mlp", ensemble=3, out=tmp_path / "run", seed=5, **SMALL)
    assert run.metrics["nll"] == pytest.approx(
        together.metrics["nll"], rel=1e-3
    )
    seeds = [one["seed"] for one in run.record["members"]]
    assert seeds == [5, 6, 7]


@pytest.mark.once
def test_an_interrupted_one_goes_on(together, tmp_path):
    import shutil

    folder = tmp_path / "cut"
    shutil.copytree(together.path, folder)
    shutil.rmtree(folder / "member3")
    (folder / "run.json").unlink()
    (folder / "model.keras").unlink()
    with pytest.raises(UsageError, match="as it was begun"):
        kn.fit(resume=folder, quiet=True, epochs=1)
    again = kn.fit(resume=folder, quiet=True)
    assert [one["seed"] for one in again.record["members"]] == [5, 6, 7]
    assert again.metrics["nll"] == pytest.approx(together.metrics["nll"])


@pytest.mark.once
def test_a_damaged_member_is_told(together, tmp_path):
    import shutil

    for number in (1, 2):
        member = together.path / f"member{number}"
        shutil.copytree(member, tmp_path / member.name)
    (tmp_path / "member2/model.keras").write_bytes(b"no model" * 9)
    with pytest.raises(StorageError, match="member2"):
        kn.ensemble(
            [tmp_path / "member1", tmp_path / "member2"], out=tmp_path / "run"
        )
    assert not (tmp_path / "run").exists()


@pytest.mark.once
def test_data_that_do_not_fit_leave_no_folder(tmp_path):
    table = tmp_path / "few.csv"
    table.write_text("a,b,label\n1,2,x\n2,1,y\n3,4,x\n4,3,y\n")
    with pytest.raises(DataError, match="into 8 folds"):
        kn.fit(
            "mlp",
            str(table),
            ensemble=8,
            members="folds",
            out=tmp_path / "run",
            **SMALL,
        )
    assert not (tmp_path / "run").exists()
