"""`.keras` files as strangers write them: plain Keras, no record."""

import keras
import numpy as np
from keras import layers as L
from keras import losses

LOGITS = losses.SparseCategoricalCrossentropy(from_logits=True)
SPARSE = "sparse_categorical_crossentropy"


def compiled(model, loss=SPARSE):
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def softmax_cnn():
    return compiled(
        keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                L.Conv2D(4, 3, activation="relu"),
                L.BatchNormalization(),
                L.Flatten(),
                L.Dropout(0.5),
                L.Dense(10, activation="softmax"),
            ]
        )
    )


def logits():
    model = keras.Sequential([L.Flatten(), L.Dense(10)])
    model.build((None, 8, 8, 1))
    return compiled(model, LOGITS)


def quickstart():
    """Images without a channel, and no Input: Keras notes the batch's size."""
    model = keras.Sequential(
        [L.Flatten(), L.Dense(10), L.Activation("softmax", dtype="float32")]
    )
    compiled(model)
    model.train_on_batch(np.ones((3, 8, 8)), np.zeros(3))
    return model


def rescaled():
    image = keras.Input((8, 8, 1), name="photo")
    x = L.Rescaling(1 / 16)(image)
    x = L.Conv2D(6, 3, activation="relu")(x)
    short = L.Conv2D(6, 1)(x)
    x = L.add([L.Conv2D(6, 3, padding="same")(x), short])
    x = L.GlobalAveragePooling2D()(x)
    return compiled(keras.Model(image, L.Softmax()(20 * L.Dense(10)(x))))


def nested():
    """A whole model as a layer of another, as in transfer learning."""
    base = keras.Sequential(
        [keras.Input((8, 8, 1)), L.Conv2D(4, 3), L.GlobalMaxPooling2D()]
    )
    image = keras.Input((8, 8, 1))
    return compiled(
        keras.Model(image, L.Dense(10, activation="softmax")(base(image)))
    )


def any_size():
    """Its only input and output have names: Keras answers with a dict."""
    image = keras.Input((None, None, 1), name="a")
    x = L.GlobalAveragePooling2D()(L.Conv2D(10, 3)(image))
    return compiled(keras.Model({"a": image}, {"b": L.Softmax()(x)}))


def table():
    row = keras.Input((5,))
    x = L.Normalization(mean=[0.5] * 5, variance=[2.0] * 5)(row)
    return compiled(keras.Model(row, L.Dense(3, activation="softmax")(x)))


def sigmoid(units=1):
    return compiled(
        keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                L.Flatten(),
                L.Dense(units, activation="sigmoid"),
            ]
        ),
        "binary_crossentropy",
    )


def one_logit():
    return compiled(
        keras.Sequential([keras.Input((8, 8, 1)), L.Flatten(), L.Dense(1)]),
        losses.BinaryCrossentropy(from_logits=True),
    )


def fcn(classes=3, half=False):
    """Segmentation of images of any size, with pooling inside."""
    image = keras.Input((None, None, 1))
    x = L.Conv2D(4, 3, padding="same", activation="relu")(image / 255)
    y = L.Conv2D(4, 3, padding="same")(L.MaxPooling2D()(x))
    if not half:
        y = L.concatenate([x, L.UpSampling2D()(y)])
    y = L.Conv2D(classes, 1, activation="softmax")(y)
    return compiled(keras.Model(image, y))


def sigmoid_fcn():
    image = keras.Input((None, None, 1))
    x = L.Conv2D(1, 3, padding="same", activation="sigmoid")(image)
    return compiled(keras.Model(image, x), "binary_crossentropy")


def regression():
    return compiled(
        keras.Sequential([keras.Input((8, 8, 1)), L.Flatten(), L.Dense(1)]),
        "mse",
    )


def with_lambda():
    return keras.Sequential(
        [keras.Input((8, 8, 1)), L.Flatten(), L.Lambda(lambda x: x * 2)]
    )


class Scale(L.Layer):
    def call(self, x):
        return 2 * x


class OwnModel(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = L.Dense(10, activation="softmax")

    def build(self, shape):
        self.dense.build((None, shape[1]))

    def call(self, x):
        return self.dense(x)


def own_layer():
    return keras.Sequential([keras.Input((8, 8, 1)), Scale(), L.Flatten()])


def own_model():
    model = OwnModel()
    model(np.ones((2, 5)))
    return model


def text():
    return compiled(
        keras.Sequential(
            [
                keras.Input((20,), dtype="int32"),
                L.Embedding(100, 4),
                L.LSTM(4),
                L.Dense(2, activation="softmax"),
            ]
        )
    )


def two_inputs():
    a, b = keras.Input((8, 8, 1)), keras.Input((3,))
    x = L.concatenate([L.Flatten()(a), b])
    return keras.Model([a, b], L.Dense(10, activation="softmax")(x))


def two_outputs():
    a = keras.Input((8, 8, 1))
    x = L.Flatten()(a)
    return keras.Model(a, [L.Dense(10)(x), L.Dense(1)(x)])
