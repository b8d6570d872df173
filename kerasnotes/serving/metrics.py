"""Counters under TensorFlow Serving's names, so that its dashboards work.

Reference:
    TensorFlow Serving, `servables/tensorflow/util.cc`,
    `model_servers/http_rest_api_handler.cc`; TensorFlow,
    `batching_util/batch_resource_base.cc`.
"""

import functools
import os
from typing import Any

PREFIX = ":tensorflow:serving:"
BATCHING = ":tensorflow:serving:batching_session:"
BUCKETS = tuple(10 * 1.8**power for power in range(33))
"""Upper bounds in microseconds, as TensorFlow Serving's."""
SIZES = tuple(float(2**power) for power in range(14))


class Metrics:
    """What is counted; safe to use from one event loop.

    With `PROMETHEUS_MULTIPROC_DIR` in the environment, all processes that
    share the folder are counted together.
    """

    def __init__(self) -> None:
        import prometheus_client as prometheus

        self._registry = registry = prometheus.CollectorRegistry()
        self._shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ

        def counter(name: str, text: str, labels: list[str]) -> Any:
            return prometheus.Counter(name, text, labels, registry=registry)

        def histogram(
            name: str, text: str, labels: list[str], buckets: Any = BUCKETS
        ) -> Any:
            return prometheus.Histogram(
                name, text, labels, registry=registry, buckets=buckets
            )

        self.request_count = counter(
            f"{PREFIX}request_count", "Requests.", ["model_name", "status"]
        )
        self.request_latency = histogram(
            f"{PREFIX}request_latency",
            "Microseconds of a request.",
            ["model_name", "API", "entrypoint"],
        )
        self.runtime_latency = histogram(
            f"{PREFIX}runtime_latency",
            "Microseconds of a model call.",
            ["model_name", "API", "runtime"],
        )
        self.examples = counter(
            f"{PREFIX}request_example_count_total",
            "Examples in all requests.",
            ["model"],
        )
        self.queuing = histogram(
            f"{BATCHING}queuing_latency",
            "Microseconds of waiting for a batch.",
            ["model_name"],
        )
        self.batch_size = histogram(
            f"{BATCHING}processed_batch_size",
            "Examples of a batch, padding included.",
            ["model_name"],
            SIZES,
        )
        self.input_size = histogram(
            f"{BATCHING}input_batch_size",
            "Examples of a batch, without padding.",
            ["model_name"],
            SIZES,
        )
        self.padding = histogram(
            f"{BATCHING}padding_size",
            "Examples that were filled in.",
            ["model_name"],
            (0.0, *SIZES),
        )
        # Finding a child by its labels costs more than counting.
        self._find = functools.lru_cache(4096)(_child)

    def observe_request(
        self,
        model: str,
        api: str,
        entrypoint: str,
        status: str,
        seconds: float,
        examples: int,
    ) -> None:
        """Counts one request.

        Args:
            model: Its model.
            api: `Predict`, `Classify`, `Regress`, `GetModelMetadata` ...
            entrypoint: `REST`, `OIP` or `GRPC`.
            status: `OK`, or the name of the error's code.
            seconds: From its arrival to its answer.
            examples: How many it held.
        """
        find = self._find
        find(self.request_count, model, status).inc()
        if status == "OK":
            latency = find(self.request_latency, model, api, entrypoint)
            latency.observe(seconds * 1e6)
            if examples:
                find(self.examples, model).inc(examples)

    def observe_batch(
        self,
        model: str,
        waited: float,
        seconds: float,
        examples: int,
        padding: int,
    ) -> None:
        """Counts one call of a model.

        Args:
            model: The model.
            waited: Seconds that the oldest request waited.
            seconds: Of the call.
            examples: That clients sent.
            padding: Examples that were filled in.
        """
        find = self._find
        find(self.queuing, model).observe(waited * 1e6)
        find(self.input_size, model).observe(examples)
        find(self.batch_size, model).observe(examples + padding)
        find(self.padding, model).observe(padding)
        runtime = find(self.runtime_latency, model, "Predict", "TF2")
        runtime.observe(seconds * 1e6)

    def text(self) -> bytes:
        """Returns everything in Prometheus' text format."""
        import prometheus_client as prometheus
        from prometheus_client import multiprocess

        registry = self._registry
        if self._shared:
            registry = prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text: bytes = prometheus.generate_latest(registry)
        # The client library ends every counter in `_total`; this one of
        # TensorFlow Serving does not.
        name = f"{PREFIX}request_count".encode()
        return text.replace(name + b"_total", name)


def _child(metric: Any, *labels: str) -> Any:
    return metric.labels(*labels)
