"""Classification where the truth may be among the first k answers."""

import dataclasses

import keras
import numpy as np

from kerasnotes.data.reading import read_batch
from kerasnotes.tasks.classification import Classification, parts

K = 2


class TopK(Classification):
    """One class per example; right if among the k likeliest."""

    name = "top-k"
    monitor = "val_top_k"

    def metrics(self):
        found = keras.metrics.SparseTopKCategoricalAccuracy(K, name="top_k")
        return [*super().metrics(), found]

    def evaluate(self, model, split, conditions):
        report = super().evaluate(model, split, conditions)
        predict, hits = self.predictor(model), 0
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            likeliest = np.argsort(-predict(x), axis=1)[:, :K]
            hits += int((likeliest == y[:, None]).any(axis=1).sum())
        share = hits / max(len(split), 1)
        metrics = {"top_k": share, **report.metrics}
        return dataclasses.replace(report, metrics=metrics)
