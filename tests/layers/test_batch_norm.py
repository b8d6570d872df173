import keras
import numpy as np
import pytest

from kerasnotes.layers.batch_norm import BatchNorm


def layer_with_weights(kind):
    layer = kind(momentum=0.9, epsilon=1e-5)
    layer.build((None, None, None, 3))
    layer.set_weights(
        [
            np.array(values, "float32")
            for values in ([2, 0.5, -1], [0, 1, -3], [0, 1, 2], [1, 2, 3])
        ]
    )
    return layer


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return rng.normal(2, 3, (4, 5, 6, 3)).astype("float32")


def test_training_output_and_statistics_by_numpy(images):
    layer = layer_with_weights(BatchNorm)
    y = keras.ops.convert_to_numpy(layer(images, training=True))
    mean, variance = images.mean((0, 1, 2)), images.var((0, 1, 2))
    expected = (images - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(
        y, expected * [2, 0.5, -1] + [0, 1, -3], rtol=0, atol=1e-5
    )
    moving_mean, moving_variance = layer.get_weights()[2:]
    np.testing.assert_allclose(
        moving_mean, 0.9 * np.array([0, 1, 2]) + 0.1 * mean, atol=1e-5
    )
    # Biased, as Keras has it: the unbiased one is off by 1 in 120.
    np.testing.assert_allclose(
        moving_variance, 0.9 * np.array([1, 2, 3]) + 0.1 * variance, atol=1e-4
    )


def test_inference_is_keras_own(images):
    ours = layer_with_weights(BatchNorm)(images, training=False)
    keras_own = layer_with_weights(keras.layers.BatchNormalization)(images)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(ours), keras.ops.convert_to_numpy(keras_own)
    )


def test_frozen_layer_uses_and_keeps_its_statistics(images):
    layer = layer_with_weights(BatchNorm)
    layer.trainable = False
    y = layer(images, training=True)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(y),
        keras.ops.convert_to_numpy(layer(images, training=False)),
    )
    np.testing.assert_array_equal(layer.moving_mean, [0, 1, 2])


def test_training_steps_equal_those_of_keras_own(images):
    """The gradient, through three steps of gradient descent."""
    target = np.random.default_rng(1).normal(size=images.shape)
    weights = []
    for kind in (BatchNorm, keras.layers.BatchNormalization):
        keras.utils.set_random_seed(0)
        layer = layer_with_weights(kind)
        convolution = keras.layers.Conv2D(3, 3, padding="same")
        convolution.build((None, None, None, 3))
        kernel = np.random.default_rng(2).normal(size=(3, 3, 3, 3))
        convolution.set_weights([kernel, np.zeros(3)])
        model = keras.Sequential(
            [keras.Input((None, None, 3)), convolution, layer]
        )
        model.compile(keras.optimizers.SGD(0.1), "mse")
        for _ in range(3):
            model.train_on_batch(images, target)
        weights.append(model.get_weights())
    for ours, keras_own in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-5)


def test_survives_saving(tmp_path, images):
    inputs = keras.Input((None, None, 3))
    layer = layer_with_weights(BatchNorm)
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.layers[1], BatchNorm)
    np.testing.assert_allclose(
        loaded.predict(images, verbose=0), model.predict(images, verbose=0)
    )
