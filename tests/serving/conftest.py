"""Small SavedModels, written by TensorFlow, and servers of them."""

import os

import pytest

if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    # What serves is TensorFlow, whatever trained the model.
    collect_ignore_glob = ["test_*.py"]


def write_half_plus_two(path, offset=2.0):
    """Writes TensorFlow Serving's own example: `y = x / 2 + 2`."""
    import tensorflow as tf

    class HalfPlusTwo(tf.Module):
        def __init__(self):
            super().__init__()
            self.a = tf.Variable(0.5)
            self.b = tf.Variable(offset)

        @tf.function(input_signature=[tf.TensorSpec([None], name="x")])
        def predict(self, x):
            return {"y": self.a * x + self.b}

    module = HalfPlusTwo()
    tf.saved_model.save(
        module, str(path), signatures={"serving_default": module.predict}
    )


def write_two(path):
    """Writes a model of two inputs and two outputs, and odd signatures."""
    import tensorflow as tf

    class Two(tf.Module):
        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 2], tf.float32, name="a"),
                tf.TensorSpec([None, 2], tf.int32, name="b"),
            ]
        )
        def both(self, a, b):
            b = tf.cast(b, tf.float32)
            return {"s": a + b, "d": a - b}

        @tf.function(
            input_signature=[tf.TensorSpec([None], tf.string, name="t")]
        )
        def text(self, t):
            return {
                "length": tf.strings.length(t),
                "upper": tf.strings.upper(t),
                "raw_bytes": t,
            }

        @tf.function(input_signature=[tf.TensorSpec([3], tf.float32, name="v")])
        def total(self, v):
            return {"total": tf.reduce_sum(v)}

    module = Two()
    tf.saved_model.save(
        module,
        str(path),
        signatures={
            "serving_default": module.both,
            "text": module.text,
            "total": module.total,
        },
    )


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory):
    """A folder of numbered SavedModels: `half_plus_two/123`, `two/1`."""
    root = tmp_path_factory.mktemp("models")
    write_half_plus_two(root / "half_plus_two" / "123")
    write_two(root / "two" / "1")
    return root
