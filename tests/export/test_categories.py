"""A model of categories is served by their texts."""

import unicodedata

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.export import compare
from kerasnotes.export.categories import check_format
from kerasnotes.export.endpoints import make_endpoints
from kerasnotes.export.formats import saved_model
from kerasnotes.export.signature import read_signature
from tests.tasks.test_regression import SPEC, model

pytestmark = pytest.mark.once
__all__ = ["model"]


def test_texts_are_looked_up_in_the_graph(model, tmp_path):
    endpoints = make_endpoints(model, model, read_signature(model, None), SPEC)
    assert [each.name for each in endpoints] == ["serving_default"]
    saved_model.write_endpoints(endpoints, tmp_path / "m")
    predict = saved_model.load_signatures(tmp_path / "m")["serving_default"]
    (only,) = endpoints
    assert compare.check(only.expect, predict, only.requests, only.name)
    apart = unicodedata.normalize("NFD", "Köln")
    texts = np.array([["Ulm"], [" Köln "], ["Trier"], [apart]], object)
    numbers = np.array([[50, 30]] * 4, "float32")
    values = predict({"features": numbers, "categories": texts})["values"]
    rows = np.array([[50, n, 30] for n in (3, 2, 0, 2)], "float32")
    np.testing.assert_allclose(values, model.predict_on_batch(rows), rtol=1e-5)


def test_formats_without_texts_are_refused():
    with pytest.raises(UsageError, match="knows no texts"):
        check_format(SPEC.input, "onnx")
