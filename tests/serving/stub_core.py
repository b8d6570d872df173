"""A core without files or queues: functions behind signatures."""

import dataclasses
import io

import numpy as np
from PIL import Image

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.request_check import check_tensors
from kerasnotes.serving.engine.signature import (
    PREDICT,
    SignatureInfo,
    TensorInfo,
)
from kerasnotes.serving.engine.versions.lifecycle import VersionStatus


def signature(name, inputs, outputs, method=PREDICT):
    """Returns a signature; sides are `{name: (dtype, shape)}`."""

    def side(tensors):
        return {key: TensorInfo(key, *each) for key, each in tensors.items()}

    return SignatureInfo(name, method, side(inputs), side(outputs))


class StubServable:
    """What protocols and the page ask of a servable.

    Args:
        name: Its name.
        functions: Pairs of signature and function, from arrays by name to
            arrays by name.
        card: What the page is told of it.
    """

    version = 1

    def __init__(self, name, functions, card=None):
        self.name, self.card = name, card or {}
        self.signatures = {each.name: each for each, _ in functions}
        self.functions = {each.name: function for each, function in functions}

    def run(self, name, tensors):
        return self.functions[name](tensors)


def keras_functions(models):
    """Returns functional Keras models as a servable's functions."""
    return [_keras_function(name, model) for name, model in models.items()]


def _keras_function(name, model):
    def ports(tensors, names):
        return {
            key: (str(each.dtype), (None, *each.shape[1:]))
            for key, each in zip(names, tensors, strict=True)
        }

    inputs = ports(model.inputs, [each.name for each in model.inputs])
    outputs = ports(model.outputs, model.output_names)

    def run(tensors):
        values = [tensors[key] for key in inputs]
        answer = model(values if len(values) > 1 else values[0])
        answers = answer if isinstance(answer, list) else [answer]
        return dict(zip(outputs, map(np.asarray, answers), strict=True))

    return signature(name, inputs, outputs), run


@dataclasses.dataclass
class StubMetrics:
    observed: list = dataclasses.field(default_factory=list)

    def observe_request(self, *measured):
        self.observed.append(measured)


class StubCore:
    """Answers at once; `calls` lists signature and rows of each request.

    Args:
        servables: What it serves.
        failing: Names of models of which no version can be asked.
    """

    strict = cors = allow_control = draining = False

    def __init__(self, *servables, failing=()):
        self.servables = {each.name: each for each in servables}
        self.failing = failing
        self.limits, self.metrics, self.calls = Limits(), StubMetrics(), []

    def names(self):
        return [*self.servables, *self.failing]

    def find(self, name, version=None, label=None):
        if name not in self.servables:
            raise ServingError(Code.NOT_FOUND, f"Servable not found: {name}")
        return self.servables[name]

    def status(self, name, version=None):
        return [VersionStatus(1, "END", "INTERNAL", "the graph is damaged")]

    async def predict(self, servable, name, tensors, *, timeout=None):
        info = servable.signatures[name or "serving_default"]
        rows = check_tensors(info, tensors, self.limits.max_rows)
        self.calls.append((info.name, rows))
        return servable.run(info.name, tensors)


# === Models that need no framework ===

CLASSES = ["across", "down"]
SPEC = {
    "name": "lines", "input": "image", "shape": (8, 8, 1), "dtype": "uint8",
    "target": "class", "classes": CLASSES, "features": [],
    "mask_values": [], "value_range": [0.0, 16.0],
}  # fmt: skip


def _image_answer(tensors):
    """Tells lines that go across from lines that go down."""
    ink = tensors["image"][..., 0]
    across = ink.sum(axis=2).max(axis=1) / (ink.sum(axis=(1, 2)) + 1e-6)
    return np.stack([across, 1 - across], axis=1).astype("float32")


def image_model(name="lines", doubt=False, classes=CLASSES):
    images = {"image": ("float32", (None, 8, 8, 1))}
    answers = {"probabilities": ("float32", (None, len(classes)))}
    kinds = ("predictive_entropy", "aleatoric", "epistemic")
    doubts = {kind: ("float32", (None,)) for kind in kinds}

    def plain(tensors):
        return {"probabilities": _image_answer(tensors)}

    def uncertain(tensors):
        some = np.full(len(tensors["image"]), 0.6, "float32")
        shares = (1.0, 0.25, 0.75)
        uncertainty = {
            kind: some * s for kind, s in zip(kinds, shares, strict=True)
        }
        return {**plain(tensors), **uncertainty}

    functions = [(signature("serving_default", images, answers), plain)]
    if doubt:
        functions.append(
            (signature("uncertainty", images, {**answers, **doubts}), uncertain)
        )
    card = {
        "note": "mlp",
        "task": "classification",
        "summary": "Tells lines apart",
        "spec": {**SPEC, "classes": list(classes)},
        "metrics": {"accuracy": 0.875, "loss": float("nan")},
    }
    return StubServable(name, functions, card)


def table_model(name="table"):
    def answer(tensors):
        high = 1 / (1 + np.exp(-tensors["features"].sum(axis=1)))
        both = np.stack([1 - high, high], axis=1).astype("float32")
        return {"probabilities": both}

    info = signature(
        "serving_default",
        {"features": ("float32", (None, 3))},
        {"probabilities": ("float32", (None, 2))},
    )
    spec = {
        **SPEC, "input": "table", "shape": (3,), "dtype": "float32",
        "classes": ["low", "high"], "features": ["a", "b <i>c</i>", "d"],
        "value_range": [],
    }  # fmt: skip
    card = {"task": "classification", "spec": spec, "note": "mlp"}
    return StubServable(name, [(info, answer)], card)


def text_model(name="messages"):
    """Calls a text spam if it says `free`, in capitals or not."""

    def answer(tensors):
        free = [b"free" in text.lower() for text in tensors["text"]]
        spam = np.array(free, "float32")
        return {"probabilities": np.stack([1 - spam, spam], axis=1)}

    info = signature(
        "serving_default",
        {"text": ("bytes", (None,))},
        {"probabilities": ("float32", (None, 2))},
    )
    text = dataclasses.replace(fields.text(), shape=(40,))
    spec = Spec("sms", (text,), (fields.one_class(("ham", "spam")),))
    card = {"task": "classification", "spec": spec.to_json(), "note": "lstm"}
    return StubServable(name, [(info, answer)], card)


def translation_model(name="backwards"):
    """Writes a text from its end."""

    def answer(tensors):
        found = np.empty(len(tensors["source"]), object)
        for number, text in enumerate(tensors["source"]):
            found[number] = text.decode()[::-1].encode()
        return {"target": found}

    info = signature(
        "serving_default",
        {"source": ("bytes", (None,))},
        {"target": ("bytes", (None,))},
    )
    source = dataclasses.replace(fields.text(), name="source", shape=(40,))
    target = dataclasses.replace(
        source, name="target", kind="sequence", vocabulary=9
    )
    spec = Spec("mirror", (source,), (target,))
    card = {"task": "translation", "spec": spec.to_json(), "note": "lstm"}
    return StubServable(name, [(info, answer)], card)


def measured_model(name="homes"):
    """Ten times the size, and 5 more in Bath."""

    def answer(tensors):
        bath = tensors["categories"][:, 0] == b"Bath"
        price = 10 * tensors["features"][:, 0] + 5 * bath
        return {"values": price[:, None].astype("float32")}

    info = signature(
        "serving_default",
        {
            "features": ("float32", (None, 1)),
            "categories": ("bytes", (None, 1)),
        },
        {"values": ("float32", (None, 1))},
    )
    spec = Spec(
        "homes",
        inputs=(fields.table([Column("town", ("Bath", "Ely")), "size"]),),
        targets=(fields.values([Column("price", units="USD")]),),
    )
    card = {
        "task": "regression",
        "spec": spec.to_json(),
        "note": "mlp",
        "means": [1.0, 20.0],
    }
    return StubServable(name, [(info, answer)], card)


def forecast_model(name="power"):
    """Goes on with the last load, twice; a holiday takes half of it."""

    def answer(tensors):
        last = tensors["series"][:, -1:, :1]
        load = last * (1 - tensors["future"][..., :1] / 2)
        return {"forecast": load.astype("float32")}

    def port(field):
        return {field.name: (field.dtype, (None, *field.shape))}

    band = Column("load", units="MW", low=(-1.0, -2.0), high=(1.0, 2.5))
    series = fields.series(
        3, [Column("load"), Column("holiday")], step="1 h", time="date"
    )
    future = fields.future(2, [Column("holiday")])
    spec = Spec("power", (series, future), (fields.forecast(2, [band]),))
    info = signature(
        "serving_default", port(series) | port(future), port(spec.target)
    )
    card = {"task": "forecasting", "spec": spec.to_json(), "note": "lstm"}
    return StubServable(name, [(info, answer)], card)


def sequence_model(name="swings"):
    """Calls a sequence rising whose first column ends above its begin."""

    def answer(tensors):
        series = tensors["series"]
        last = (~np.isnan(series[..., 0])).sum(axis=1) - 1
        ends = series[np.arange(len(series)), last, 0]
        rising = (ends > series[:, 0, 0]).astype("float32")
        return {"probabilities": np.stack([1 - rising, rising], axis=-1)}

    columns = [Column("height"), Column("load")]
    series = fields.series(
        40, columns, varied=True, sequence="swing", time="step"
    )
    spec = Spec("swings", (series,), (fields.one_class(("falling", "rising")),))
    info = signature(
        "serving_default",
        {"series": ("float32", (None, None, 2))},
        {"probabilities": ("float32", (None, 2))},
    )
    card = {"task": "classification", "spec": spec.to_json(), "note": "lstm"}
    return StubServable(name, [(info, answer)], card)


def mask_model(name="masks"):
    """Calls bright pixels 1, dark ones 0."""

    def default(tensors):
        bright = (tensors["image"][..., 0] > 127).astype("float32")
        return {"probabilities": np.stack([1 - bright, bright], axis=-1)}

    def encoded(tensors):
        encoded_masks = np.empty(len(tensors["image_bytes"]), object)
        for number, data in enumerate(tensors["image_bytes"]):
            grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
            file = io.BytesIO()
            Image.fromarray((grey > 127).astype("uint8")).save(file, "PNG")
            encoded_masks[number] = file.getvalue()
        return {"mask_bytes": encoded_masks}

    images = {"image": ("float32", (None, None, None, 1))}
    answers = {"probabilities": ("float32", (None, None, None, 2))}
    files = {"image_bytes": ("bytes", (None,))}
    masks = {"mask_bytes": ("bytes", (None,))}
    spec = {
        **SPEC, "shape": (None, None, 1), "target": "mask",
        "classes": ["background", "bright"], "mask_values": [0, 1],
        "value_range": [],
    }  # fmt: skip
    return StubServable(
        name,
        [
            (signature("serving_default", images, answers), default),
            (signature("encoded_image", files, masks), encoded),
        ],
        {"task": "segmentation", "spec": spec, "note": "unet"},
    )


PATTERN = np.indices((8, 8)).sum(axis=0)[..., None] % 2 * 2.0 - 1.0


def diffusion_model(name="noisy"):
    """Takes every noisy image for a chess board."""

    def denoise(tensors):
        boards = np.broadcast_to(PATTERN, tensors["x"].shape)
        return {"x_start": boards.astype("float32")}

    x = ("float32", (None, 8, 8, 1))
    each = {"sigma": ("float32", (None,)), "time": ("float32", (None,))}
    more = {"label": ("int32", (None,)), "guidance": ("float32", (None,))}
    card = {
        "task": "generation",
        "note": "ddpm",
        "spec": {**SPEC, "classes": ["black", "white", "grey"]},
        "weights": "0" * 64,
        "source": "run",
        "versions": {"kerasnotes": "0.1.0", "keras": "3.15.1"},
        "sampler": {
            "schedule": {"name": "cosine", "num_timesteps": 50},
            "variance": "fixed_small",
            "null_label": 3,
            "spread": 8.0,
            "offset": 8.0,
            "default": {"sampler": "dpmpp_2m", "steps": 20},
        },
    }
    chain = signature("serving_default", {"noise": x}, {"image": x})
    step = signature("denoise", {"x": x, **each, **more}, {"x_start": x})
    return StubServable(
        name,
        [(chain, lambda tensors: {"image": tensors["noise"]}), (step, denoise)],
        card,
    )


def plain_model(name="half_plus_two"):
    """TensorFlow Serving's own example, without a description."""
    info = signature(
        "serving_default",
        {"x": ("float32", (None,))},
        {"y": ("float32", (None,))},
    )
    return StubServable(name, [(info, lambda t: {"y": t["x"] / 2 + 2})])
