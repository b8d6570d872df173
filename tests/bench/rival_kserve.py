"""KServe's own server in front of a SavedModel, as its documentation shows.

    python -m tests.bench.rival_kserve SAVED_MODEL PORT

It has no batching of its own.
"""

import sys

import kserve
import numpy as np

from tests.bench.saved_function import load_function


class Model(kserve.Model):
    def load(self):
        self.model = load_function(sys.argv[1])
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        x = np.asarray(payload["instances"], "float32")
        return {"predictions": self.model(x).tolist()}


def main():
    model = Model("m")
    model.load()
    kserve.ModelServer(
        http_port=int(sys.argv[2]), enable_grpc=False, access_log_format=None
    ).start([model])


if __name__ == "__main__":
    main()
