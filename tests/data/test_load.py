import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import NAMED, find_name, load

pytestmark = pytest.mark.once


def test_digits_are_scikit_learns_split_without_overlap(config):
    from sklearn.datasets import load_digits

    data = load(config("digits"))
    assert data.spec.input.shape == (8, 8, 1)
    assert data.spec.target.classes == tuple("0123456789")
    counts = [len(data.split(p)) for p in ("train", "validation", "test")]
    assert counts == [1258, 180, 359]
    images = load_digits().images
    rows = np.concatenate([data.split(p).rows for p in ("train", "test")])
    assert len(set(rows)) == 1258 + 359
    for index in (0, 7, 358):
        x, y = data.test[index]
        row = data.test.rows[index]
        np.testing.assert_array_equal(x[..., 0], images[row])
        assert y == load_digits().target[row]


def test_the_split_is_that_of_its_seed(config):
    first, again = load(config("digits")), load(config("digits"))
    other = load(config("digits", split_seed=1))
    np.testing.assert_array_equal(first.test.rows, again.test.rows)
    assert set(first.test.rows) != set(other.test.rows)
    assert first.fingerprint == other.fingerprint


def test_names_match_with_either_dash():
    assert find_name("digit_scenes") == "digit-scenes"
    assert find_name("fashion-mnist") == "fashion_mnist"
    assert find_name("my_folder") is None
    assert all(find_name(name) == name for name in NAMED)


def test_an_unknown_name_is_a_usage_error_with_the_nearest(config):
    with pytest.raises(UsageError, match="did you mean `digits`"):
        load(config("digit"))


@pytest.mark.parametrize("name", ["california_housing", "boston-housing"])
def test_regression_is_refused(config, name):
    with pytest.raises(UsageError, match="regression"):
        load(config(name))


@pytest.mark.parametrize("source", ["no/such", "nosuch.csv", "./nosuch"])
def test_a_missing_path_is_a_data_error(config, source):
    with pytest.raises(DataError, match="does not exist"):
        load(config(source))


def test_an_empty_folder_and_an_unknown_file_are_data_errors(config, tmp_path):
    with pytest.raises(DataError, match="an empty folder"):
        load(config(tmp_path))
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(DataError, match="no data set that `kn` can read"):
        load(config(tmp_path / "a.xyz"))
    with pytest.raises(DataError, match="no sub-folders"):
        load(config(tmp_path))
