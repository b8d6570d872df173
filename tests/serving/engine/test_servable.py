"""SavedModels as TensorFlow writes them, good and bad."""

import re
import shutil

import numpy as np
import pytest

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.servable import Servable, blank
from kerasnotes.serving.engine.versions import warmup

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def half(saved_models):
    return Servable("half", 123, saved_models / "half_plus_two" / "123")


@pytest.fixture(scope="module")
def two(saved_models):
    return Servable("two", 1, saved_models / "two" / "1")


def test_signatures_are_those_of_the_file(half, two):
    assert set(half.signatures) == {"serving_default"}
    x = half.signatures["serving_default"].inputs["x"]
    assert (x.dtype, x.shape, x.rank) == ("float32", (None,), 1)
    assert x.tf_enum == "DT_FLOAT"
    assert x.node == "serving_default_x:0"
    both = two.signatures["serving_default"]
    assert {k: v.dtype for k, v in both.inputs.items()} == {
        "a": "float32",
        "b": "int32",
    }
    assert both.batched
    assert two.signatures["text"].inputs["t"].dtype == "bytes"
    assert not two.signatures["total"].batched


def test_answers_are_the_functions(half, two):
    x = np.array([1.0, 2.0, 5.0], "float32")
    np.testing.assert_array_equal(
        half.run("serving_default", {"x": x})["y"], x / 2 + 2
    )
    a = np.array([[1.0, 2.0]], "float32")
    b = np.array([[3, 4]], "int32")
    answer = two.run("serving_default", {"a": a, "b": b})
    np.testing.assert_array_equal(answer["s"], a + b)
    np.testing.assert_array_equal(answer["d"], a - b)
    text = np.array([b"abc", b"\xff\x00"], object)
    answer = two.run("text", {"t": text})
    assert answer["raw_bytes"].tolist() == [b"abc", b"\xff\x00"]
    assert answer["length"].tolist() == [3, 2]


def test_what_the_graph_refuses_is_the_clients_mistake(two):
    a = np.zeros((2, 2), "float32")
    with pytest.raises(ServingError) as caught:
        two.run("serving_default", {"a": a, "b": np.zeros((3, 2), "int32")})
    assert caught.value.code is Code.INVALID_ARGUMENT
    # Either of the two operations may be the first to fail.
    assert re.fullmatch(
        r"Incompatible shapes: \[[23],2\] vs. \[[23],2\]",
        caught.value.message,
    )


@pytest.mark.parametrize("damage", ["missing", "garbage", "weights", "empty"])
def test_damaged_folders_are_errors_not_crashes(saved_models, tmp_path, damage):
    path = tmp_path / "1"
    shutil.copytree(saved_models / "half_plus_two" / "123", path)
    if damage == "missing":
        (path / "saved_model.pb").unlink()
    elif damage == "garbage":
        (path / "saved_model.pb").write_bytes(b"\xff" * 1000)
    elif damage == "empty":
        (path / "saved_model.pb").write_bytes(b"")
    else:
        shutil.rmtree(path / "variables")
    with pytest.raises(ServingError) as caught:
        Servable("m", 1, path)
    assert caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff", b'{"name": "m"}'], ids=repr
)
def test_a_bad_description_is_no_reason_not_to_serve(
    saved_models, tmp_path, text
):
    path = tmp_path / "1"
    shutil.copytree(saved_models / "half_plus_two" / "123", path)
    (path / "assets.extra").mkdir(exist_ok=True)
    (path / "assets.extra" / "kerasnotes.json").write_bytes(text)
    expected = {"name": "m"} if text.endswith(b"}") else {}
    assert Servable("m", 1, path).card == expected


def test_warm_up_asks_for_each_batch_size_once(half, monkeypatch):
    shapes = []
    monkeypatch.setattr(
        half, "run", lambda name, tensors: shapes.append(tensors["x"].shape)
    )
    warmup.warm_up(half, (4, 16))
    assert shapes == [(1,), (4,), (16,)]


def test_strings_are_not_made_up(two):
    assert blank(two.signatures["text"], 1, 8) is None
    tensors = blank(two.signatures["serving_default"], 5, 8)
    assert {k: v.shape for k, v in tensors.items()} == {
        "a": (5, 2),
        "b": (5, 2),
    }
