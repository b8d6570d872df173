import numpy as np
import pytest

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.grpc.tensor_proto import fill, to_array

pytestmark = pytest.mark.once
tf = pytest.importorskip("tensorflow")
TYPES = (
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 "
    "uint64 bool"
).split()


def new_proto():
    from tensorflow.core.framework import tensor_pb2

    return tensor_pb2.TensorProto()


def values(dtype):
    if dtype == "bytes":
        return np.array([[b"a", b""], [b"\xff", "ä".encode()]], object)
    return np.array([[0, 1], [1, 100]]).astype(dtype)


@pytest.mark.parametrize("dtype", [*TYPES, "bytes"])
def test_both_ways_against_tensorflow(dtype):
    array = values(dtype)
    for tensor in (array, array[0], array[:0], array[0, 0]):
        tensor = np.asarray(tensor, array.dtype)
        proto = tf.make_tensor_proto(tensor, shape=tensor.shape)
        read = to_array("x", proto, 1000)
        assert read.dtype == tensor.dtype
        np.testing.assert_array_equal(read, tensor)
        message = new_proto()
        fill("x", message, tensor)
        np.testing.assert_array_equal(tf.make_ndarray(message), tensor)


@pytest.mark.parametrize("dtype", TYPES)
def test_listed_values(dtype):
    """Many clients list values instead of packing their bytes."""
    array = values(dtype)
    proto = tf.make_tensor_proto(array)
    proto.ClearField("tensor_content")
    names = {
        "float16": "half_val",
        "float32": "float_val",
        "float64": "double_val",
        "bool": "bool_val",
        "int64": "int64_val",
        "uint32": "uint32_val",
        "uint64": "uint64_val",
    }
    listed = array.ravel()
    if dtype == "float16":
        listed = listed.view("uint16")
    field = getattr(proto, names.get(dtype, "int_val"))
    field[:] = listed.tolist()
    np.testing.assert_array_equal(to_array("x", proto, 1000), array)
    # The last value stands for all that are left out.
    del field[3:]
    expected = array.copy()
    expected[1, 1] = array[1, 0]
    np.testing.assert_array_equal(to_array("x", proto, 1000), expected)


def refused(proto, text, most=1000):
    with pytest.raises(ServingError, match=text) as caught:
        to_array("x", proto, most)
    return caught.value.code


def test_what_does_not_fit_is_refused():
    proto = tf.make_tensor_proto(np.zeros(4, "float32"))
    proto.tensor_content = b"\0" * 15
    refused(proto, "expected 16 bytes for shape")
    proto = tf.make_tensor_proto(1.0)
    for _ in range(4):
        proto.tensor_shape.dim.add().size = 10**6
    refused(proto, "is too large", 10**9)
    proto.tensor_shape.dim[0].size = -1
    refused(proto, "without unknowns")
    proto = tf.make_tensor_proto(np.float32([1, 2]))
    proto.ClearField("tensor_content")
    proto.float_val.extend([1, 2, 3])
    refused(proto, "expected 2 values, received 3")
    proto = tf.make_tensor_proto(np.array(1, "uint8"))
    proto.int_val[:] = [256]
    refused(proto, "out of range of uint8")
    proto = new_proto()
    assert refused(proto, "DT_INVALID is not served") is Code.UNIMPLEMENTED
    proto.dtype = 999
    assert refused(proto, "999 is not served") is Code.UNIMPLEMENTED


def test_one_string_does_not_stand_for_gigabytes():
    proto = tf.make_tensor_proto(np.array([b"x" * 600], object))
    proto.tensor_shape.dim[0].size = 2
    assert to_array("x", proto, 1000).tolist() == [b"x" * 600] * 2
    proto.tensor_shape.dim[0].size = 3
    refused(proto, "one string for 3 is too large")


def test_shapes_that_no_array_has():
    proto = tf.make_tensor_proto(np.zeros((0, 1, 1), "float32"))
    for dim in proto.tensor_shape.dim[1:]:
        dim.size = 2**62
    refused(proto, "is too large")


def test_complex_outputs_are_refused():
    with pytest.raises(ServingError, match="complex64 is not served") as caught:
        fill("y", new_proto(), np.ones(2, "complex64"))
    assert caught.value.code is Code.UNIMPLEMENTED
