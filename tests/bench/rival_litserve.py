"""LitServe in front of a SavedModel, as its documentation shows.

    python -m tests.bench.rival_litserve SAVED_MODEL PORT BATCH

With BATCH above 1, its batching is on: `max_batch_size`.
"""

import sys

import litserve
import numpy as np

from tests.bench.saved_function import load_function


class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = load_function(sys.argv[1])

    def decode_request(self, request):
        return np.asarray(request["instances"], "float32")

    def batch(self, inputs):
        self.rows = [len(x) for x in inputs]
        return np.concatenate(inputs)

    def predict(self, x):
        return self.model(x)

    def unbatch(self, output):
        return np.split(output, np.cumsum(self.rows)[:-1])

    def encode_response(self, output):
        return {"predictions": output.tolist()}


def main():
    port, batch = int(sys.argv[2]), int(sys.argv[3])
    options = {"max_batch_size": batch, "batch_timeout": 0.002}
    api = Api(api_path="/v1/models/m:predict", **(options if batch > 1 else {}))
    litserve.LitServer(api, accelerator="cpu").run(
        host="127.0.0.1",
        port=port,
        generate_client_file=False,
        log_level="error",
    )


if __name__ == "__main__":
    main()
