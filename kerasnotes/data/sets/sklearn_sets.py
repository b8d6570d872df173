"""Small real tables that come with scikit-learn: need no download.

Sources, all by way of scikit-learn, which has their terms:
    wine           Aeberhard & Forina, 1992. https://doi.org/10.24432/C5PC7J
    breast-cancer  Wolberg et al., 1995. https://doi.org/10.24432/C5DW2B
    iris           Fisher, 1936. https://doi.org/10.24432/C56C76
    diabetes       Efron, Hastie, Johnstone & Tibshirani, 2004, Annals of
                   Statistics 32(2), 407-499.
"""

import dataclasses
import importlib
from typing import Any

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import columns, labels, regression
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems


@dataclasses.dataclass(frozen=True)
class SklearnSet:
    """One table of `sklearn.datasets`.

    Args:
        name: What it is called here.
        loader: Function that returns it.
        measured: What its labels measure; empty of classes.
        options: Of that function.
    """

    name: str
    loader: str
    measured: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    def load(self, config: DataConfig, problems: Problems) -> Dataset | None:
        """Returns its rows, columns named as scikit-learn names them.

        Raises:
            UsageError: If settings want of the labels what they are not.
        """
        own = "values" if self.measured else "classes"
        if config.labels not in (None, own) or config.target is not None:
            raise UsageError(
                f"The labels of {self.name} are known: {own}.",
                expected="no data.labels, no data.target",
                received=f"data.labels={config.labels}, "
                f"data.target={config.target}",
            )
        module = importlib.import_module("sklearn.datasets")
        found = getattr(module, self.loader)(**dict(self.options))
        x, y = found.data.astype("float32"), found.target
        names = [str(name) for name in found.feature_names]
        dropped = columns.left_out(names, config, problems)
        kept = [i for i, name in enumerate(names) if name not in dropped]
        if self.measured:
            column = Column(self.measured, units=config.units or "")
            target = fields.values([column])
        else:
            classes = [str(name) for name in found.target_names]
            target = fields.one_class(labels.rename(classes, config.classes))
        return make_dataset(
            {"all": (x[:, kept], y)},
            config,
            problems,
            name=self.name,
            target=target,
            features=[
                Column(names[i], units=regression.units_of(names[i]))
                for i in kept
            ],
        )


SETS = {
    each.name: each
    for each in (
        SklearnSet("wine", "load_wine"),
        SklearnSet("breast-cancer", "load_breast_cancer"),
        SklearnSet("iris", "load_iris"),
        SklearnSet(
            "diabetes",
            "load_diabetes",
            "disease progression",
            (("scaled", False),),
        ),
    )
}
