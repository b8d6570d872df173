"""Several trained networks that answer as one.

    p(y | x) = sum_m w_m p_m(y | x),   sum_m w_m = 1

The negative log-likelihood of the mean is never above the mean of the
members' own (Jensen). Where members disagree, the ensemble doubts:

    entropy of the mean = mean entropy (aleatoric) + their disagreement

Stacked, they answer in groups: a regression takes the mean of each.

Reference:
    Lakshminarayanan, Pritzel & Blundell, 2017, Simple and scalable
    predictive uncertainty estimation. https://arxiv.org/abs/1612.01474
    Hansen & Salamon, 1990, IEEE PAMI 12(10), 993-1001 (voting).
    Wolpert, 1992, Neural Networks 5(2), 241-259 (stacking).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasnotes.base.ensembles import Combine
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import Bayesian, ServesMore
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.inputs import as_fed
from kerasnotes.data.spec import Spec
from kerasnotes.inference.ensemble_layers import (
    Combination,
    Doubt,
    Member,
    Stacking,
    Together,
)
from kerasnotes.inference.predictor import filled


class EnsembleConfig(NoteConfig):
    """An ensemble has no fields of its own."""


@keras.saving.register_keras_serializable("kerasnotes")
class Ensemble(NoteModel):
    """Trained networks with one input and one answer in common.

    Args:
        members: Two networks or more, for the same data.
        combine: How they answer together.
        weights: Of each, for `weighted`; by default all alike.
        groups: Of `stacked`: the group of each, from 0. What is fitted on
            them, `put_stack` puts in.

    Call arguments:
        Raw inputs, as of a member.

    Returns:
        Tensor `(B, K)`, float32: `probabilities` or `values`.

    Raises:
        UsageError: If their data differ.
    """

    config_class = EnsembleConfig

    def __init__(
        self,
        members: Sequence[Any],
        combine: Combine = "mean",
        weights: Sequence[float] | None = None,
        groups: Sequence[int] | None = None,
    ) -> None:
        check_members([member.spec for member in members])
        spec: Spec = members[0].spec
        count = len(members)
        shares = [1 / count] * count if weights is None else list(weights)
        # === Graph ===
        given = members[0].inputs[0]
        x = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
        each = [
            Member(network, f"member{number}")(x)
            for number, network in enumerate(members, start=1)
        ]
        values = spec.target.kind == "values"
        name = "values" if values else "probabilities"
        answers = Together(name="members", dtype="float32")(each)
        groups = list(range(count)) if groups is None else list(groups)
        combination: Any = Combination(shares, combine == "vote", name)
        if combine == "stacked":
            combination = Stacking(groups, not values, name)
        answer = combination(answers)
        super().__init__(inputs=x, outputs=answer, name="ensemble")
        # === Config ===
        self.remember(EnsembleConfig(), spec, [], [])
        self.networks = list(members)
        self.combine = combine
        self.shares, self.groups = shares, groups

    def put_stack(self, kernel: Array, bias: Array) -> None:
        """Sets the regression that members are stacked by.

        Args:
            kernel: Array `(G K, K)`.
            bias: Array `(K,)`.
        """
        [layer] = [each for each in self.layers if isinstance(each, Stacking)]
        layer.kernel.assign(kernel.astype("float32"))
        layer.bias.assign(bias.astype("float32"))

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "members": [serialize(network) for network in self.networks],
            "combine": self.combine,
            "weights": self.shares,
            "groups": self.groups,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> Any:
        build = keras.saving.deserialize_keras_object
        members = [build(member) for member in config["members"]]
        return cls(
            members,
            config["combine"],
            config["weights"],
            # Written since there is stacking.
            config.get("groups"),
        )

    def default_samples(self) -> int:
        return len(self.networks)

    def monte_carlo(self, x: Array, samples: int, seed: int = 0) -> Array:
        """Returns the answers `(S, B, K)` of the first S members.

        Raises:
            UsageError: If there are not as many.
        """
        if not 1 <= samples <= len(self.networks):
            raise UsageError(
                f"The ensemble has {len(self.networks)} members.",
                expected=f"1 to {len(self.networks)} of them",
                received=f"{samples}",
            )
        batch = filled(as_fed(x))
        answers = [
            np.asarray(network.predict_on_batch(batch))[: len(x)]
            for network in self.networks[:samples]
        ]
        return np.stack(answers)

    def serving_models(self) -> dict[str, Any]:
        """Returns what tells the doubt of a classification."""
        if self.spec.target.kind == "values":
            return {}
        [members] = [each for each in self.layers if each.name == "members"]
        answer = Doubt(name="doubt", dtype="float32")(members.output)
        return {
            "uncertainty": keras.Model(
                self.inputs[0], answer, name="uncertainty"
            )
        }


def check_members(specs: Sequence[Spec]) -> None:
    """Refuses networks that cannot answer together.

    Raises:
        UsageError: Says in what they differ.
    """
    if len(specs) < 2:
        raise UsageError(
            "An ensemble has two members or more.", received=str(len(specs))
        )
    first = specs[0]
    for spec in specs[1:]:
        for what, one, other in (
            ("inputs", first.input.kind, spec.input.kind),
            ("shapes", first.input.shape, spec.input.shape),
            ("columns", first.input.columns, spec.input.columns),
            ("ranges", first.input.limits, spec.input.limits),
            ("answers", first.target.kind, spec.target.kind),
            ("classes", first.target.classes, spec.target.classes),
            ("values", first.target.names, spec.target.names),
        ):
            if one != other:
                raise UsageError(
                    f"Members of an ensemble have other {what}.",
                    expected=str(one)[:200],
                    received=str(other)[:200],
                )


if TYPE_CHECKING:
    _: type[Bayesian] = Ensemble
    __: type[ServesMore] = Ensemble
