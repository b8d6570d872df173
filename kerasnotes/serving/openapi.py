"""The server's description in OpenAPI, for clients and their tests.

Written out, not derived: the two protocols are given by others, and their
bodies depend on the models that are served.

Reference:
    TensorFlow Serving, `g3doc/api_rest.md`; Open Inference Protocol,
    `specification/protocol/open_inference_rest.yaml`.
"""

from importlib import metadata
from typing import Any

from kerasnotes.serving.drawing.sampling_plan import Asked
from kerasnotes.serving.engine.core import InferenceServer

Json = dict[str, Any]

ANY: Json = {}
TEXT: Json = {"type": "string"}
OBJECT: Json = {"type": "object"}
DATATYPES = (
    "BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 FP32 FP64 "
    "BYTES"
).split()
ERRORS = {
    "400": "The request does not fit the protocol or the model.",
    "401": "The API key is missing or wrong.",
    "403": "Clients, or pages of other origins, may not do this.",
    "404": "There is no such model or version.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "Bodies of this type are not read.",
    "429": "Too many requests wait.",
    "500": "The model failed.",
    "501": "Not offered.",
    "503": "The server starts or stops.",
    "504": "The time is over.",
}


_SUFFIX = "/versions/{version}"


def describe(core: InferenceServer) -> Json:
    """Returns the OpenAPI 3.1 description.

    Args:
        core: The models, whose names are listed.
    """
    names = core.names()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kerasnotes",
            "version": metadata.version("kerasnotes"),
            "description": "Trained models behind TensorFlow Serving's REST "
            "protocol (/v1) and the Open Inference Protocol (/v2).",
        },
        "paths": {**_general(), **_page(names), **_v1(names), **_v2(names)},
        "components": {"schemas": _schemas()},
    }


def _general() -> dict[str, Json]:
    return {
        "/healthz": {"get": _operation("Whether the process lives")},
        "/metrics": {
            "get": _operation("Counters for Prometheus", answer="text/plain")
        },
        "/openapi.json": {"get": _operation("This description")},
    }


def _page(names: list[str]) -> dict[str, Json]:
    return {
        "/api/models": {"get": _operation("What the page shows of models")},
        "/api/models/{model}/sample": {
            "post": _operation(
                "Draws examples; a line of JSON for each step",
                [_model(names)],
                "Sample",
                answer="application/x-ndjson",
            )
        },
    }


def _v1(names: list[str]) -> dict[str, Json]:
    paths: dict[str, Json] = {
        "/v1/models": {"get": _operation("The models by name")}
    }
    for version in ((), (_version(),)):
        model = "/v1/models/{model}" + (
            "/versions/{version}" if version else ""
        )
        inputs = [_model(names), *version]
        paths[model] = {"get": _operation("State of versions", inputs)}
        paths[f"{model}/metadata"] = {"get": _operation("Signatures", inputs)}
        for verb, schema in (
            ("predict", "Predict"),
            ("classify", "Examples"),
            ("regress", "Examples"),
        ):
            paths[f"{model}:{verb}"] = {
                "post": _operation(f"Asks a model to {verb}", inputs, schema)
            }
    return paths


def _v2(names: list[str]) -> dict[str, Json]:
    paths: dict[str, Json] = {
        "/v2": {"get": _operation("Name, version and extensions")},
        "/v2/health/live": {"get": _operation("Whether the process lives")},
        "/v2/health/ready": {"get": _operation("Whether all models answer")},
        "/v2/models": {"get": _operation("The models by name")},
    }
    for version in ((), (_version(),)):
        model = "/v2/models/{model}" + (
            "/versions/{version}" if version else ""
        )
        inputs = [_model(names), *version]
        paths[model] = {"get": _operation("Inputs and outputs", inputs)}
        paths[f"{model}/ready"] = {
            "get": _operation("Whether a model answers", inputs)
        }
        paths[f"{model}/infer"] = {
            "post": _operation("Asks a model", inputs, "Infer")
        }
    return paths


def _operation(
    summary: str,
    parameters: list[Json] | None = None,
    body: str | None = None,
    *,
    answer: str = "application/json",
) -> Json:
    errors = {
        code: {
            "description": text,
            "content": {"application/json": {"schema": _ref("Error")}},
        }
        for code, text in ERRORS.items()
    }
    found: Json = {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {
            "200": {
                "description": "Done.",
                "content": {answer: {"schema": ANY}},
            },
            **errors,
        },
    }
    if body:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(body)}},
        }
    return found


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _model(names: list[str]) -> Json:
    return {
        "name": "model",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "examples": names},
    }


def _version() -> Json:
    return {
        "name": "version",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    }


def _schemas() -> dict[str, Json]:
    return {
        "Error": _object({"error": TEXT}, "error"),
        "Predict": {
            **_object(
                {
                    "signature_name": TEXT,
                    "instances": {"type": "array", "minItems": 1},
                    "inputs": ANY,
                }
            ),
            "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
        },
        "Examples": _object(
            {
                "signature_name": TEXT,
                "context": OBJECT,
                "examples": _list(OBJECT, minItems=1),
            },
            "examples",
        ),
        "Infer": _object(
            {
                "id": TEXT,
                "parameters": OBJECT,
                "inputs": _list(_tensor(), minItems=1),
                "outputs": _list(
                    _object({"name": TEXT, "parameters": OBJECT}, "name")
                ),
            },
            "inputs",
        ),
        "Sample": _sample(),
    }


def _tensor() -> Json:
    return _object(
        {
            "name": TEXT,
            "shape": _list({"type": "integer", "minimum": 0}),
            "datatype": {"enum": DATATYPES},
            "parameters": OBJECT,
            "data": {"type": "array"},
        },
        "name",
        "shape",
        "datatype",
    )


def _sample() -> Json:
    """Returns the form of a drawing's request, from what reads it."""
    found = Asked.model_json_schema()
    # Names of classes are a model's own, and so are defaults.
    return {k: v for k, v in found.items() if k not in ("title", "description")}


def _object(properties: Json, *required: str) -> Json:
    found = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def _list(items: Json, **rest: Any) -> Json:
    return {"type": "array", "items": items, **rest}
