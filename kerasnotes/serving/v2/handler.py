"""The Open Inference Protocol, everything under `/v2`.

Reference:
    Open Inference Protocol, `specification/protocol/inference_rest.md`;
    KServe, `python/kserve/kserve/protocol/rest/v2_endpoints.py` and
    `kserve/errors.py`: paths, texts and codes where the specification leaves
    them open; Triton, `extension_model_repository.md`.
"""

import re
from collections.abc import Awaitable, Callable
from importlib import metadata
from typing import Any
from urllib.parse import unquote

from kerasnotes.serving.engine.datatypes import TO_INFERENCE
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.engine.prediction import predict
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, TensorInfo
from kerasnotes.serving.http.exchange import Answer, Call, Protocol, json_bytes
from kerasnotes.serving.http.json_body import parse_object
from kerasnotes.serving.http.same_origin import check_sender
from kerasnotes.serving.v2.answer import write_infer
from kerasnotes.serving.v2.json_format import Infer, read_infer

MODEL = re.compile(
    r"/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/(ready|infer))?/?"
)
CONTROL = re.compile(r"/v2/repository/models/([^/]+)/(load|unload)/?")
LENGTH = b"inference-header-content-length"
OCTETS = b"application/octet-stream"
EXTENSIONS = ["binary_tensor_data", "model_repository", "parameters"]
Serve = Callable[["OpenInference", Call], Awaitable[Answer]]


class OpenInference(Protocol):
    """Everything under `/v2`, as an ASGI application."""

    entrypoint = "OIP"

    async def answer(self, call: Call) -> Answer:
        match = MODEL.fullmatch(call.path)
        if match:
            return await self._model(call, *match.groups())
        match = CONTROL.fullmatch(call.path)
        if match:
            return await self._control(call, *match.groups())
        path = call.path.rstrip("/")
        if path not in PLAIN:
            raise ServingError(
                Code.NOT_FOUND, f"Path not found: {call.path[:500]}"
            )
        verb, serve = PLAIN[path]
        if not _allowed(call, verb):
            return _wrong_method(call, verb)
        return await serve(self, call)

    # === The server ===

    async def _server(self, call: Call) -> Answer:
        return _json(
            {
                "name": "kerasnotes",
                "version": metadata.version("kerasnotes"),
                "extensions": EXTENSIONS,
            }
        )

    async def _live(self, call: Call) -> Answer:
        return _json({"live": True})

    async def _ready(self, call: Call) -> Answer:
        ready = self.core.ready()
        return _json({"live": True, "ready": ready}, 200 if ready else 503)

    async def _list(self, call: Call) -> Answer:
        return _json({"models": self.core.names()})

    async def _index(self, call: Call) -> Answer:
        body = await call.body()
        request = await _read_object(call, body)
        only_ready = request.get("ready") is True
        entries = []
        for name in self.core.names():
            for each in self._versions(name):
                if each["state"] == "READY" or not only_ready:
                    entries.append(each)
        return _json(entries)

    def _versions(self, name: str) -> list[dict[str, str]]:
        states = {"AVAILABLE": "READY", "END": "UNAVAILABLE"}
        try:
            versions = self.core.status(name)
        except ServingError as error:
            # Not loaded yet, or its folder is empty.
            return [
                {
                    "name": name,
                    "version": "",
                    "state": "UNAVAILABLE",
                    "reason": error.message,
                }
            ]
        return [
            {
                "name": name,
                "version": str(each.version),
                "state": states.get(each.state, each.state),
                "reason": each.message,
            }
            for each in versions
        ]

    # === One model ===

    async def _model(
        self, call: Call, name: str, version: str | None, what: str | None
    ) -> Answer:
        verb = "POST" if what == "infer" else "GET"
        if not _allowed(call, verb):
            return _wrong_method(call, verb)
        name, number = unquote(name), _number(version)
        if what == "ready":
            return self._model_ready(name, number)
        if what == "infer":
            return await self._infer(call, name, number)
        call.api = "GetModelMetadata"
        return self._describe(call, self._find(call, name, number))

    def _find(self, call: Call, name: str, version: int | None) -> Servable:
        if name not in self.core.names():
            raise _unknown(name)
        try:
            servable = self.core.find(name, version)
        except ServingError as error:
            if version is None and error.code is Code.NOT_FOUND:
                raise ServingError(
                    Code.UNAVAILABLE, f"Model with name {name} is not ready."
                ) from error
            raise
        call.model = name
        return servable

    def _model_ready(self, name: str, version: int | None) -> Answer:
        if name not in self.core.names():
            raise _unknown(name)
        ready = self.core.ready(name, version)
        if not ready and version is not None:
            # A version that does not exist is another answer than one that
            # is still being loaded.
            self.core.status(name, version)
        return _json({"name": name, "ready": ready}, 200 if ready else 503)

    def _describe(self, call: Call, servable: Servable) -> Answer:
        signature = servable.signatures.get(DEFAULT)
        versions = self.core.status(servable.name)
        return _json(
            {
                "name": servable.name,
                "versions": [
                    str(each.version)
                    for each in versions
                    if each.state == "AVAILABLE"
                ],
                "platform": "tensorflow_savedmodel",
                "inputs": _side(signature.inputs if signature else {}),
                "outputs": _side(signature.outputs if signature else {}),
            }
        )

    async def _infer(
        self, call: Call, name: str, version: int | None
    ) -> Answer:
        call.api = "Predict"
        body = await call.body()
        servable = self._find(call, name, version)
        request: Infer = await call.parse(
            read_infer,
            body,
            call.headers.get(LENGTH),
            servable,
            self.core.limits.max_depth,
            call.sent,
        )
        outputs = await predict(
            self.core,
            call,
            servable,
            request.signature.name,
            request.tensors,
            request.timeout,
        )
        size = sum(array.nbytes for array in outputs.values())
        response, length = await offload(
            size,
            write_infer,
            request.id,
            request.outputs,
            servable,
            outputs,
        )
        if length is None:
            return Answer(response)
        return Answer(
            response, kind=OCTETS, headers=((LENGTH, b"%d" % length),)
        )

    async def _control(self, call: Call, name: str, what: str) -> Answer:
        if not _allowed(call, "POST"):
            return _wrong_method(call, "POST")
        body = await call.body()
        if not self.core.allow_control:
            raise ServingError(
                Code.PERMISSION_DENIED,
                "Models are not loaded or unloaded by clients of this server; "
                "`kn serve --allow-control` lets them.",
            )
        check_sender(call.headers)
        request = await _read_object(call, body if what == "load" else b"")
        if request.get("parameters"):
            raise invalid("Parameters of load are not offered.")
        name = unquote(name)
        if name not in self.core.names():
            raise _unknown(name)
        await (self.core.load if what == "load" else self.core.unload)(name)
        return _json({"name": name, what: True})


PLAIN: dict[str, tuple[str, Serve]] = {
    "/v2": ("GET", OpenInference._server),
    "/v2/health/live": ("GET", OpenInference._live),
    "/v2/health/ready": ("GET", OpenInference._ready),
    "/v2/models": ("GET", OpenInference._list),
    "/v2/repository/index": ("POST", OpenInference._index),
}
"""Verb and method of each path without a name in it."""


async def _read_object(call: Call, body: bytes) -> dict[str, Any]:
    """Returns the JSON object of a body; an empty one for no body."""
    if not body:
        return {}
    value: dict[str, Any] = await call.parse(parse_object, body, call.sent)
    return value


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(json_bytes(value), status)


def _allowed(call: Call, verb: str) -> bool:
    return call.method == verb or (verb, call.method) == ("GET", "HEAD")


def _wrong_method(call: Call, verb: str) -> Answer:
    body = {"error": f"Expected the method {verb}, received {call.method}."}
    return Answer(json_bytes(body), 405, headers=((b"allow", verb.encode()),))


def _unknown(name: str) -> ServingError:
    return ServingError(
        Code.NOT_FOUND, f"Model with name {name[:200]} does not exist."
    )


def _number(version: str | None) -> int | None:
    if version is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", version):
        raise invalid(
            f"Expected a number as version, received {version[:100]}."
        )
    return int(version)


def _side(tensors: dict[str, TensorInfo]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "datatype": TO_INFERENCE.get(info.dtype) or info.tf_enum[3:],
            "shape": [-1 if n is None else n for n in info.shape or ()],
        }
        for name, info in tensors.items()
    ]
