"""Protocols asked without a socket, and models that are Python functions."""

import asyncio
import dataclasses
import json

import numpy as np

from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.images.encoded import weigh_encoded
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
        return {
            key: TensorInfo(key, dtype, shape, f"{name}_{key}:0")
            for key, (dtype, shape) in tensors.items()
        }

    return SignatureInfo(name, method, side(inputs), side(outputs))


class Model:
    """A servable whose signatures are `(SignatureInfo, function)` each."""

    def __init__(self, name, *signatures, version=1, card=None):
        self.name, self.version, self.card = name, version, card or {}
        self.signatures = {info.name: info for info, _ in signatures}
        self.functions = {info.name: call for info, call in signatures}

    def run(self, name, tensors):
        return self.functions[name](**tensors)


def half_plus_two():
    """TensorFlow Serving's own example, version 123."""
    info = signature(
        "serving_default",
        {"x": ("float32", (None,))},
        {"y": ("float32", (None,))},
    )
    return Model("half", (info, lambda x: {"y": x / 2 + 2}), version=123)


@dataclasses.dataclass
class Counters:
    observed: list = dataclasses.field(default_factory=list)

    def observe_request(self, *measured):
        self.observed.append(measured)


class Core:
    """Answers at once; versions and labels as in TensorFlow Serving."""

    strict = cors = allow_control = False

    def __init__(self, *models, limits=None):
        self.models = {each.name: each for each in models}
        self.limits, self.metrics = limits or Limits(), Counters()
        self.broken, self.unloaded = False, set()

    def names(self):
        return list(self.models)

    def find(self, name, version=None, label=None):
        model = self.models.get(name)
        if model is not None and label not in (None, "stable"):
            raise invalid(f"Unrecognized servable version label: {label}")
        absent = model is None or name in self.unloaded
        if absent or version not in (None, model.version):
            request = f"Latest({name})"
            if version is not None:
                request = f"Specific({name}, {version})"
            raise ServingError(
                Code.NOT_FOUND, f"Servable not found for request: {request}"
            )
        return model

    def status(self, name, version=None):
        model = self.models.get(name)
        if model is None:
            raise ServingError(
                Code.NOT_FOUND, f"Could not find any versions of model {name}"
            )
        if version not in (None, model.version):
            raise ServingError(
                Code.NOT_FOUND,
                f"Could not find version {version} of model {name}",
            )
        state = "END" if name in self.unloaded else "AVAILABLE"
        return [VersionStatus(model.version, state, "OK", "")]

    def ready(self, name=None, version=None):
        if name is None:
            return not self.unloaded
        return name not in self.unloaded and version in (
            None,
            self.models[name].version,
        )

    async def load(self, name):
        self.unloaded.discard(name)

    async def unload(self, name):
        self.unloaded.add(name)

    async def predict(self, model, name, tensors, *, timeout=None):
        if self.broken:
            raise RuntimeError("a secret of the inside")
        check_tensors(model.signatures[name], tensors, self.limits.max_rows)
        weigh_encoded(tensors, self.limits.max_pixels)
        return model.run(name, tensors)


@dataclasses.dataclass
class Response:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The message of an error, and nothing beside it."""
        ((key, message),) = self.json.items()
        assert key == "error"
        return message


def ask(
    app, method, path, body=b"", headers=None, *, chunks=None, endless=False
):
    """Sends one request to an ASGI application and returns its answer.

    Args:
        app: The application.
        method: `GET`, `POST` ...
        path: As on the wire.
        body: Bytes, or a value that is sent as JSON.
        headers: By name.
        chunks: The body in parts, in place of `body`.
        endless: Never say that a part is the last.
    """
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    parts = list(chunks if chunks is not None else [body])
    sent = []
    raw = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "headers": raw,
    }

    async def receive():
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        more = bool(parts) or endless
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    fields = {k.decode(): v.decode() for k, v in start["headers"]}
    whole = b"".join(message["body"] for message in rest)
    assert fields["content-length"] == str(len(whole))
    return Response(start["status"], fields, whole)


def close(answer, expected):
    np.testing.assert_allclose(answer, expected, atol=1e-5)
