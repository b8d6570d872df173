"""TensorFlow Serving's REST API, everything under `/v1`.

Reference:
    TensorFlow Serving, `g3doc/api_rest.md`,
    `model_servers/http_rest_api_handler.cc`. Departs from it:
    `GET /v1/models` lists the models, unless the server is strict; an image
    may be sent and received as such.
"""

import re
from typing import Any
from urllib.parse import unquote

from kerasnotes.serving.engine import classification
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.images import bodies as images
from kerasnotes.serving.engine.images.encoded import ENCODED
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.engine.prediction import predict
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    SignatureInfo,
    TensorInfo,
    Tensors,
)
from kerasnotes.serving.http.accept import prefers
from kerasnotes.serving.http.exchange import Answer, Call, Protocol, json_bytes
from kerasnotes.serving.v1.json_format import read_predict, write_predict
from kerasnotes.serving.v1.results import write_results
from kerasnotes.serving.v1.tf_example import read_examples

_VERSION = r"(?:(?:/versions/([0-9]+))|(?:/labels/([^/:]+)))?"
ASK = re.compile(
    rf"/v1/models/([^/:]+){_VERSION}:(classify|regress|predict)", re.IGNORECASE
)
LOOK = re.compile(
    rf"/v1/models(?:/([^/:]+))?{_VERSION}(?:/(metadata))?", re.IGNORECASE
)
PNG = b"image/png"
ORIGIN = re.compile(rb"https?://", re.IGNORECASE)


class TensorFlowServing(Protocol):
    """Everything under `/v1`, as an ASGI application."""

    async def answer(self, call: Call) -> Answer:
        if call.method == "OPTIONS":
            return self._preflight(call)
        if call.method == "POST":
            body = await call.body()
            match = ASK.fullmatch(call.path)
            if match:
                return await self._ask(call, body, *match.groups())
        if call.method in ("GET", "HEAD"):
            match = LOOK.fullmatch(call.path)
            if match:
                return self._look(call, *match.groups())
        raise invalid(f"Malformed request: {call.method} {call.path[:500]}")

    def _preflight(self, call: Call) -> Answer:
        if not ORIGIN.match(call.headers.get(b"origin", b"")):
            raise invalid("Origin header is missing in CORS preflight")
        return Answer(b"")

    async def _ask(
        self,
        call: Call,
        body: bytes,
        name: str,
        version: str | None,
        label: str | None,
        method: str,
    ) -> Answer:
        method = method.lower()
        call.api = method.capitalize()
        servable = self.core.find(
            unquote(name),
            _number(version),
            None if label is None else unquote(label),
        )
        call.model = servable.name
        if method != "predict":
            return await self._classify(call, body, servable, method)
        kind = call.headers.get(b"content-type", b"").lower()
        if kind.startswith((b"image/", b"multipart/form-data")):
            return await self._predict_images(call, body, servable, kind)
        request = await call.parse(
            read_predict, body, servable, self.core.limits, call.sent
        )
        outputs = await self._predict(
            call, servable, request.signature, request.tensors
        )
        return await self._write(call, outputs, request.rows)

    async def _predict(
        self,
        call: Call,
        servable: Servable,
        signature: SignatureInfo,
        tensors: Tensors,
    ) -> Tensors:
        return await predict(self.core, call, servable, signature.name, tensors)

    async def _write(self, call: Call, outputs: Tensors, rows: bool) -> Answer:
        size = sum(array.nbytes for array in outputs.values())
        if _wants_picture(call):
            picture = await offload(size, images.picture, outputs)
            if picture is not None:
                return Answer(picture, kind=PNG)
        return Answer(await offload(size, write_predict, outputs, rows))

    async def _predict_images(
        self, call: Call, body: bytes, servable: Servable, kind: bytes
    ) -> Answer:
        if kind.startswith(b"multipart/"):
            from kerasnotes.serving.http.multipart import read_files

            # As it came: the boundary's case counts.
            files = await read_files(body, call.headers[b"content-type"])
        else:
            files = [body]
        # A small file may decode to a large image.
        in_graph = ENCODED in servable.signatures
        signature, tensors = await offload(
            len(body) if in_graph else LARGE,
            images.read_images,
            files,
            servable,
            self.core.limits.max_pixels,
        )
        outputs = await predict(
            self.core,
            call,
            servable,
            signature.name,
            tensors,
            masks_only=len(files) == 1 and _wants_picture(call),
        )
        return await self._write(call, outputs, rows=True)

    async def _classify(
        self, call: Call, body: bytes, servable: Servable, method: str
    ) -> Answer:
        name, examples = await call.parse(
            read_examples, body, method, self.core.limits.max_rows, call.sent
        )
        signature = classification.find_signature(servable, name, method)
        (key,) = signature.inputs
        outputs = await self._predict(
            call, servable, signature, {key: examples}
        )
        return Answer(write_results(method, outputs, len(examples)))

    def _look(
        self,
        call: Call,
        name: str | None,
        version: str | None,
        label: str | None,
        metadata: str | None,
    ) -> Answer:
        if name is None:
            if self.core.strict or version or label or metadata:
                raise invalid("Missing model name in request.")
            names = [{"name": name} for name in self.core.names()]
            return Answer(json_bytes({"models": names}))
        name, number = unquote(name), _number(version)
        call.api = "GetModelMetadata" if metadata else "GetModelStatus"
        if metadata:
            label = None if label is None else unquote(label)
            servable = self.core.find(name, number, label)
            call.model = servable.name
            return Answer(json_bytes(metadata_json(servable)))
        statuses = self.core.status(name, number)
        call.model = name
        return Answer(
            json_bytes(
                {
                    "model_version_status": [
                        {
                            "version": str(each.version),
                            "state": each.state,
                            "status": {
                                "error_code": each.code,
                                "error_message": each.message,
                            },
                        }
                        for each in statuses
                    ]
                }
            )
        )


def _wants_picture(call: Call) -> bool:
    accept = call.headers.get(b"accept", b"")
    return bool(accept) and prefers(accept, "image/png", "application/json")


def _number(version: str | None) -> int | None:
    if version is None:
        return None
    # Its length first: Python refuses integers of thousands of digits.
    digits = version.lstrip("0") or "0"
    if len(digits) > 19 or int(digits) >= 2**63:
        raise invalid(f"Failed to convert version: {version[:100]} to numeric.")
    return int(digits)


def metadata_json(servable: Servable) -> dict[str, Any]:
    """Returns a model's signatures, as protobuf's JSON writes them."""
    signatures = {
        name: {
            "inputs": _side(signature.inputs),
            "outputs": _side(signature.outputs),
            "method_name": signature.method,
            "defaults": {},
        }
        for name, signature in servable.signatures.items()
    }
    return {
        "model_spec": {
            "name": servable.name,
            "signature_name": "",
            "version": str(servable.version),
        },
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _side(tensors: dict[str, TensorInfo]) -> dict[str, Any]:
    return {
        name: {
            "dtype": info.tf_enum,
            "tensor_shape": {
                "dim": [
                    {"size": str(-1 if size is None else size), "name": ""}
                    for size in info.shape or ()
                ],
                "unknown_rank": info.shape is None,
            },
            "name": info.node,
        }
        for name, info in tensors.items()
    }
