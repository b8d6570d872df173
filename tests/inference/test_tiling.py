import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasnotes.inference.tiling import (
    iter_tiles,
    mirror_to,
    round_up,
    spans,
)


@pytest.mark.once
@given(
    length=st.integers(1, 40),
    multiple=st.integers(1, 4),
    margin=st.integers(0, 7),
    extra=st.integers(1, 5),
)
def test_cores_cover_the_axis_once_and_keep_their_margin(
    length, multiple, margin, extra
):
    tile = 2 * round_up(margin, multiple) + extra * multiple
    cut = 0
    for span in spans(length, tile, margin=margin, multiple=multiple):
        end = span.stop
        assert span.start % multiple == 0
        assert end == min(span.start + tile, length)
        assert span.low == cut < span.high
        assert span.low - span.start >= margin or span.start == 0
        assert end - span.high >= margin or end == length
        cut = span.high
    assert cut == length


@pytest.mark.once
@pytest.mark.parametrize(("tile", "margin"), [(16, 8), (18, 2), (16, 7)])
def test_tiles_without_a_core_are_refused(tile, margin):
    with pytest.raises(ValueError, match=f"tile={tile}"):
        spans(64, tile, margin=margin, multiple=4)


@pytest.mark.once
def test_mirror_goes_to_the_bottom_and_the_right_only():
    image = np.arange(6).reshape(2, 3, 1)
    got = mirror_to(image, 3, 5)[..., 0]
    np.testing.assert_array_equal(
        got, [[0, 1, 2, 1, 0], [3, 4, 5, 4, 3], [0, 1, 2, 1, 0]]
    )
    assert mirror_to(image, 2, 3) is image


@pytest.fixture
def network(make_network):
    model = make_network()
    return model.predict_on_batch


def tiled(network, image, margin, tile=24, grid=2):
    answer = np.full((*image.shape[:2], 4), np.nan, "float32")
    for piece in iter_tiles(
        lambda x: network(x.astype("float32")),
        image,
        tile=(tile, tile),
        margin=margin,
        multiple=2,
        grid=grid,
        batch_size=2,
    ):
        answer[piece.rows, piece.columns] = piece.probabilities
    return answer


@pytest.mark.parametrize("size", [(64, 50), (24, 70), (20, 18), (26, 24)])
def test_tiled_is_whole_up_to_rounding(network, rng, size):
    image = rng.integers(0, 256, (*size, 1)).astype("uint8")
    whole = network(image[None].astype("float32"))[0]
    got = tiled(network, image, margin=5)
    np.testing.assert_allclose(got, whole, atol=1e-5)


def test_seams_show_without_the_margin(network, rng):
    image = rng.integers(0, 256, (64, 50, 1)).astype("uint8")
    whole = network(image[None].astype("float32"))[0]
    seams = np.abs(tiled(network, image, margin=0) - whole)
    assert seams.max() > 1e-2
    assert seams[30:40, 30:40].max() < 1e-5  # away from the cuts


def test_odd_sizes_are_mirrored_to_the_grid(network, rng):
    image = rng.integers(0, 256, (45, 31, 1)).astype("uint8")
    even = mirror_to(image, 46, 32)
    whole = network(even[None].astype("float32"))[0][:45, :31]
    got = tiled(network, image, margin=5)
    np.testing.assert_allclose(got, whole, atol=1e-5)


@pytest.mark.parametrize("size", [(65, 51), (25, 49), (24, 73), (3, 70)])
def test_odd_sizes_of_a_network_of_any_are_as_whole(make_network, rng, size):
    network = make_network(any_size=True).predict_on_batch
    image = rng.integers(0, 256, (*size, 1)).astype("uint8")
    whole = network(image[None].astype("float32"))[0]
    got = tiled(network, image, margin=5, grid=1)
    np.testing.assert_allclose(got, whole, atol=1e-5)


@pytest.mark.once
def test_all_tiles_have_one_shape_but_the_last(rng):
    shapes = set()

    def predict(x):
        shapes.add(x.shape[1:])
        return np.repeat(x, 2, axis=-1)

    image = rng.integers(0, 9, (37, 90, 1))
    pieces = iter_tiles(
        predict, image, tile=(16, 16), margin=3, multiple=4, batch_size=4
    )
    result = np.full((37, 90, 2), -1)
    for piece in pieces:
        assert (result[piece.rows, piece.columns] == -1).all()
        result[piece.rows, piece.columns] = piece.probabilities
    np.testing.assert_array_equal(result, np.repeat(image, 2, axis=-1))
    assert shapes == {(16, 16, 1), (13, 16, 1), (16, 14, 1), (13, 14, 1)}
