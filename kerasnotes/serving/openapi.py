"""The server's description in OpenAPI: `openapi.yaml`, with names filled in."""

import copy
import functools
import importlib.resources
from importlib import metadata
from typing import Any

import yaml

from kerasnotes.serving.drawing.sampling_plan import SamplingRequest
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.datatypes import FROM_INFERENCE

Json = dict[str, Any]


def describe(core: InferenceServer) -> Json:
    """Returns the OpenAPI 3.1 description.

    Args:
        core: The models, whose names are listed.
    """
    description = copy.deepcopy(_read())
    description["info"]["version"] = metadata.version("kerasnotes")
    parameters, schemas = description["components"].values()
    parameters["Model"]["schema"]["examples"] = core.names()
    schemas["Tensor"]["properties"]["datatype"]["enum"] = list(FROM_INFERENCE)
    # Defaults and names of classes are a model's own.
    schemas["Sample"] = SamplingRequest.model_json_schema()
    return description


@functools.cache
def _read() -> Json:
    file = importlib.resources.files("kerasnotes.serving") / "openapi.yaml"
    description: Json = yaml.safe_load(file.read_text(encoding="utf-8"))
    return description
