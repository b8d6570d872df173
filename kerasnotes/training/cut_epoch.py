"""An epoch that the time limit cut: its weights may be the best.

They alone saw the end of the schedule. Without this a short run would keep
those of the last whole epoch, or none.
"""

from typing import Any

from kerasnotes.contracts.model import KerasModel
from kerasnotes.training.session import Session, StopTraining


def measure_cut(
    stop: StopTraining, session: Session, model: KerasModel, validation: Any
) -> None:
    """Validates the weights at which the time was up, and records them.

    The state was saved before: what it holds but for the record, seeds and
    running metrics among it, is left as it was.

    Args:
        stop: Why and with which means of the epoch so far it stopped.
        session: Of the call of `fit` that was stopped.
        model: The network, compiled.
        validation: The validation data, or `None`.
    """
    progress, keeper = session.progress, session.keeper
    if stop.reason != "time limit" or not progress.step:
        return
    values = dict(stop.values)
    if validation is not None:
        callbacks = [] if session.swap is None else [session.swap]
        metrics = model.evaluate(
            validation, callbacks=callbacks, verbose=0, return_dict=True
        )
        values |= {f"val_{name}": float(v) for name, v in metrics.items()}
    keeper.restore(model, session.parts)
    keeper.restore_metrics(model)
    session.record(progress.epochs_done, values)
    keeper.save(model)
