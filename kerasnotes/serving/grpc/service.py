"""TensorFlow Serving's gRPC API, with its own public stubs.

PredictionService: Predict, Classify, Regress, GetModelMetadata;
ModelService: GetModelStatus. Messages without encryption or, but for the
key, authentication: as over HTTP, that is the work of a proxy.

Reference:
    TensorFlow Serving, `apis/prediction_service.proto`,
    `apis/model_service.proto`, `servables/tensorflow/predict_util.cc`.
"""

from typing import Any

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from kerasnotes.base.errors import UsageError
from kerasnotes.serving.engine import classification
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.engine.request_check import find_signature
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    SignatureInfo,
    TensorInfo,
    Tensors,
)
from kerasnotes.serving.grpc import tensor_proto
from kerasnotes.serving.grpc.call import Call, Method, Service
from kerasnotes.serving.grpc.handlers import Handlers
from kerasnotes.serving.v1 import tf_example


class Prediction(Service):
    """`tensorflow.serving.PredictionService`."""

    name = "tensorflow.serving.PredictionService"

    def methods(self) -> tuple[Method, ...]:
        return (
            Method("Predict", predict_pb2.PredictRequest, self._predict),
            Method(
                "Classify",
                classification_pb2.ClassificationRequest,
                self._classify,
            ),
            Method("Regress", regression_pb2.RegressionRequest, self._regress),
            Method(
                "GetModelMetadata",
                get_model_metadata_pb2.GetModelMetadataRequest,
                self._metadata,
            ),
            Method(
                "MultiInference",
                inference_pb2.MultiInferenceRequest,
                self._infer_several,
            ),
        )

    async def _predict(self, request: Any, call: Call) -> Any:
        spec = request.model_spec
        servable = self.find(spec, call)
        signature = find_signature(servable, spec.signature_name)
        names = list(request.output_filter) or list(signature.outputs)
        for name in names:
            if name not in signature.outputs:
                raise invalid(
                    "output tensor alias not found in signature: "
                    f"{name[:200]} Outputs expected to be in the set "
                    f"{{{','.join(signature.outputs)}}}."
                )
        most = self.core.limits.max_body
        size = request.ByteSize()
        tensors = await offload(size, _read_inputs, request.inputs, most)
        outputs = await self.ask(call, servable, signature, tensors)
        response = predict_pb2.PredictResponse()
        _fill_spec(response.model_spec, servable, signature.name)
        selected = {name: outputs[name] for name in names}
        size = sum(array.nbytes for array in selected.values())
        await offload(size, _fill_outputs, response.outputs, selected)
        return response

    async def _classify(self, request: Any, call: Call) -> Any:
        servable, signature, outputs = await self._examples(
            request, call, "classify"
        )
        response = classification_pb2.ClassificationResponse()
        _fill_spec(response.model_spec, servable, signature.name)
        for row in classification.read_classes(outputs, call.examples):
            classifications = response.result.classifications.add()
            for label, score in row:
                classifications.classes.add(label=label, score=score)
        return response

    async def _regress(self, request: Any, call: Call) -> Any:
        servable, signature, outputs = await self._examples(
            request, call, "regress"
        )
        response = regression_pb2.RegressionResponse()
        _fill_spec(response.model_spec, servable, signature.name)
        for value in classification.read_values(outputs, call.examples):
            response.result.regressions.add(value=float(value))
        return response

    async def _examples(
        self, request: Any, call: Call, method: str
    ) -> tuple[Servable, SignatureInfo, Tensors]:
        """Asks a signature about the examples of a request."""
        spec, input_proto = request.model_spec, request.input
        servable = self.find(spec, call)
        signature = classification.find_signature(
            servable, spec.signature_name, method
        )
        context = None
        examples = list(input_proto.example_list.examples)
        if input_proto.WhichOneof("kind") == "example_list_with_context":
            context = input_proto.example_list_with_context.context
            examples = list(input_proto.example_list_with_context.examples)
        if not examples:
            raise invalid("Input is empty.")
        (key,) = signature.inputs
        size = input_proto.ByteSize()
        records = await offload(size, tf_example.serialized, examples, context)
        tensors = {key: records}
        outputs = await self.ask(call, servable, signature, tensors)
        return servable, signature, outputs

    async def _metadata(self, request: Any, call: Call) -> Any:
        if not request.metadata_field:
            raise invalid(
                "GetModelMetadataRequest must specify at least one "
                "metadata_field"
            )
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field[:100]} is not supported")
        servable = self.find(request.model_spec, call)
        signature_defs = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in servable.signatures.items():
            signature_def = signature_defs.signature_def[name]
            signature_def.method_name = signature.method
            _fill_side(signature_def.inputs, signature.inputs)
            _fill_side(signature_def.outputs, signature.outputs)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        _fill_spec(response.model_spec, servable, "")
        response.metadata["signature_def"].Pack(signature_defs)
        return response

    async def _infer_several(self, request: Any, call: Call) -> Any:
        raise ServingError(
            Code.UNIMPLEMENTED,
            "MultiInference is not served: ask Classify and Regress.",
        )


class Models(Service):
    """`tensorflow.serving.ModelService`."""

    name = "tensorflow.serving.ModelService"

    def methods(self) -> tuple[Method, ...]:
        return (
            Method(
                "GetModelStatus",
                get_model_status_pb2.GetModelStatusRequest,
                self._status,
            ),
            Method(
                "HandleReloadConfigRequest",
                model_management_pb2.ReloadConfigRequest,
                self._reload,
            ),
        )

    async def _status(self, request: Any, call: Call) -> Any:
        spec = request.model_spec
        if not spec.name:
            raise invalid("Missing ModelSpec")
        version = spec.version.value if spec.HasField("version") else None
        statuses = self.core.status(spec.name, version)
        call.model = spec.name
        response = get_model_status_pb2.GetModelStatusResponse()
        for each in statuses:
            one = response.model_version_status.add(version=each.version)
            one.state = tensor_proto.enum_number(one, "state", each.state)
            one.status.error_code = tensor_proto.enum_number(
                one.status, "error_code", each.code
            )
            one.status.error_message = each.message
        return response

    async def _reload(self, request: Any, call: Call) -> Any:
        raise ServingError(
            Code.UNIMPLEMENTED,
            "Clients do not configure this server; `kn serve "
            "--model-config-poll` follows the config file.",
        )


def _read_inputs(inputs: Any, max_bytes: int) -> Tensors:
    return {
        name: tensor_proto.to_array(name, proto, max_bytes)
        for name, proto in inputs.items()
    }


def _fill_outputs(outputs: Any, tensors: Tensors) -> None:
    for name, array in tensors.items():
        tensor_proto.fill(name, outputs[name], array)


def _fill_spec(spec: Any, servable: Servable, signature: str) -> None:
    spec.name = servable.name
    spec.version.value = servable.version
    spec.signature_name = signature


def _fill_side(side: Any, tensors: dict[str, TensorInfo]) -> None:
    for name, info in tensors.items():
        tensor_info = side[name]
        tensor_info.name = info.node
        tensor_info.dtype = tensor_proto.enum_number(
            tensor_info, "dtype", info.tf_enum
        )
        if info.shape is None:
            tensor_info.tensor_shape.unknown_rank = True
        for size in info.shape or ():
            tensor_info.tensor_shape.dim.add().size = (
                -1 if size is None else size
            )


async def start(
    core: InferenceServer, host: str, port: int, *, api_key: str = ""
) -> Any:
    """Starts the gRPC server on the running event loop.

    Args:
        core: Who is asked.
        host: Address to listen on.
        port: 8500 is usual; 0 takes a free one.
        api_key: What clients must send as `authorization: Bearer KEY` or
            `x-api-key`; empty: nothing.

    Returns:
        The server, with the port it listens on as `port`; stop it with
        `await server.stop(seconds)`.

    Raises:
        UsageError: If it cannot listen there.
    """
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", core.limits.max_body),
            ("grpc.max_send_message_length", -1),
        ]
    )
    services = Prediction(core, api_key), Models(core, api_key)
    server.add_generic_rpc_handlers((Handlers(services),))
    address = f"[{host}]" if ":" in host else host
    try:
        server.port = server.add_insecure_port(f"{address}:{port}")
    except RuntimeError as error:
        raise UsageError(
            f"Cannot listen on {address}:{port} for gRPC.",
            hint="choose another port with --grpc-port",
        ) from error
    await server.start()
    return server
