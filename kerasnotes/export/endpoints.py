"""Which signatures a model is exported with: by its task, and by itself."""

from typing import Any

import numpy as np

from kerasnotes.contracts.capabilities import ServesMore
from kerasnotes.data.spec import Spec
from kerasnotes.export import texts
from kerasnotes.export.categories import with_texts
from kerasnotes.export.classify import classify
from kerasnotes.export.encoded import can_encode, encoded_image, encoded_sample
from kerasnotes.export.endpoint import Endpoint, model_endpoint
from kerasnotes.export.examples import PIXELS, Limits, make_requests
from kerasnotes.export.signature import Signature, Tensors, read_signature
from kerasnotes.export.texts import reads_texts

DEFAULT = "serving_default"


def make_endpoints(
    note: Any, served: Any, signature: Signature, spec: Spec | None
) -> list[Endpoint]:
    """Returns every endpoint of a SavedModel, `serving_default` first.

    Args:
        note: The model as it was trained, which may offer more of them.
        served: The functional model behind `serving_default`.
        signature: Its inputs and outputs.
        spec: What it was trained on; `None` leaves out what needs it.
    """
    limits = find_limits(spec)
    requests = find_requests(served, signature, spec)
    base = model_endpoint(DEFAULT, served, signature, requests)
    if spec is not None and spec.input.categorical:
        return [with_texts(base, spec.input)]
    if reads_texts(spec):
        return [base]
    endpoints = [base]
    if spec is not None:
        endpoints += _encoded(base, signature, spec)
        if _classifies(signature, spec):
            endpoints.append(classify(base, spec.target.classes))
    others = note.serving_models() if isinstance(note, ServesMore) else {}
    for name, model in others.items():
        own = read_signature(model, None)
        requests = make_requests(model, own, limits)
        endpoints.append(model_endpoint(name, model, own, requests))
    return endpoints


def find_requests(
    served: Any, signature: Signature, spec: Spec | None
) -> list[Tensors]:
    """Returns what a model is tried with, whatever it is exported to."""
    if spec is not None and reads_texts(spec):
        return texts.make_requests(spec)
    return make_requests(served, signature, find_limits(spec))


def find_limits(spec: Spec | None) -> Limits:
    """Returns the smallest and largest raw pixel."""
    return spec.input.limits if can_encode(spec) and spec else PIXELS


def _encoded(
    base: Endpoint, signature: Signature, spec: Spec
) -> list[Endpoint]:
    """Returns the endpoints that take or give pictures."""
    if not can_encode(spec):
        return []
    names = [port.name for port in signature.inputs]
    if names == ["image"]:
        return [encoded_image(base, spec)]
    if [port.name for port in signature.outputs] == ["image"]:
        return [encoded_sample(base, spec)]
    return []


def _classifies(signature: Signature, spec: Spec) -> bool:
    shape = (None, spec.target.num_classes)
    return (
        spec.target.kind == "class"
        and len(signature.inputs) == 1
        and None not in signature.shape[1:]
        and [(p.name, p.shape) for p in signature.outputs]
        == [("probabilities", shape)]
    )


def first_example(endpoint: Endpoint) -> dict[str, Any]:
    """Returns a request of one example, for the warm-up."""
    request = endpoint.requests[0]
    return {name: np.asarray(array)[:1] for name, array in request.items()}
