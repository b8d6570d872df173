"""Kolmogorov-Arnold network: functions learned on edges, sums at nodes.

    o_0 = x,   o_l,j = sum_i phi_l,ij(o_{l-1,i}),   softmax at the end;
    of a regression, what is added up, in units of the training's deviation

Reference:
    Liu et al., 2024, KAN: Kolmogorov-Arnold Networks.
    https://arxiv.org/abs/2404.19756

Departs from it:
    - Each input's grid is evenly spaced, and lies where its values do; beyond
      it a spline goes on as a line, where the paper's is 0.
    - Of several short starts the best is taken; a finer grid is kept only if
      the validation part gains by it.
    - A formula is looked for in smaller networks of its own, the smallest
      first, and not only in the one that was trained.
"""

import copy
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import keras
import numpy as np
from keras import layers

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import (
    FindsFormulae,
    Remarks,
    ShowsEdges,
    SolvesEpochs,
    SolvesStart,
)
from kerasnotes.contracts.edge_curves import EdgeCurves
from kerasnotes.contracts.formula import Formula
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.standardization import deviations, standardization
from kerasnotes.notes.kan.config import KANConfig, read_fix
from kerasnotes.notes.kan.edges import Edges, grid_limits
from kerasnotes.notes.kan.layer import KANLayer
from kerasnotes.notes.kan.products import ProductNodes
from kerasnotes.notes.kan.pruning import prune, summary
from kerasnotes.notes.kan.solver import Rows, Told, best_start, solve
from kerasnotes.notes.kan.symbolic.targets import find_formulae
from kerasnotes.notes.kan.twin import Loss, Twin

LOOKED_AT = 2_000
"""Training rows by which grids are laid before the first step, at most."""
ENTRIES = 2_000_000
"""Numbers of those rows, at most."""
CHOOSING = 20
"""Validation rows that may choose anything."""
WIDE = 3.0
"""Where the grids of hidden layers end at least, before the first step."""
POINTS = 60
"""Of a curve that is drawn."""


@keras.saving.register_keras_serializable("kerasnotes")
class KAN(NoteModel):
    """Kolmogorov-Arnold network for rows of a table or images of one size.

    Args:
        config: The sizes and variants.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel or column, of raw training values.
        variance: Per channel or column, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels; or
        features: Tensor `(B, D)` of raw columns.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.
    """

    config_class = KANConfig
    entry = ("edges1",)

    def __init__(
        self,
        config: KANConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        def edges(units: int, name: str, dtype: str | None = None) -> KANLayer:
            return KANLayer(
                units,
                grid=config.grids[0],
                order=config.order,
                scale=config.scale,
                room=max(config.grids),
                name=name,
                dtype=dtype,
            )

        _check_fix(config, spec)
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        if len(spec.input.shape) > 1:
            x = layers.Flatten(name="flatten")(x)
        products = config.products or (0,) * len(config.widths)
        pairs = zip(config.widths, products, strict=True)
        for number, (units, count) in enumerate(pairs, start=1):
            x = edges(units + 2 * count, f"edges{number}")(x)
            if count:
                x = ProductNodes(count, name=f"products{number}")(x)
        outputs = answer(x, spec, edges)
        super().__init__(inputs=inputs, outputs=outputs, name="kan")
        self.before_cut: list[Twin] = []
        # === Config ===
        self.remember(config, spec, mean, variance)

    @property
    def edge_layers(self) -> list[KANLayer]:
        """Its layers of edges, in order."""
        return [each for each in self.layers if isinstance(each, KANLayer)]

    @property
    def twin(self) -> Twin:
        """The same network in double precision."""
        kind: Loss = "entropy"
        if self.spec.target.kind == "values":
            kind = "squared"
        config = cast(KANConfig, self.note_config)
        products = (*config.products, 0) if config.products else ()
        return Twin([layer.edges for layer in self.edge_layers], kind, products)

    @twin.setter
    def twin(self, twin: Twin) -> None:
        for layer, edges in zip(self.edge_layers, twin.layers, strict=True):
            layer.edges = edges

    def solve_start(self, train: Split) -> str:
        """Lays the grids where values lie; of hidden layers, wide enough.

        AdamW moves hidden values, which begin small, off grids that fit them
        tightly, and edges that are lines learn little.
        """
        width = math.prod(side or 1 for side in self.spec.input.shape)
        most = max(1, min(LOOKED_AT, ENTRIES // width))
        x, _ = read_batch(train, spread(len(train), most))
        # Pixels of a border that few images reach have the others' grid.
        common = self.spec.input.kind == "image"
        for layer in self.edge_layers:
            values = self._given(layer, x)
            if common and layer is self.edge_layers[0]:
                ends = grid_limits(values.reshape(-1, 1))
                low, high = (np.repeat(end, values.shape[1]) for end in ends)
            else:
                low, high = grid_limits(values)
            if layer is not self.edge_layers[0]:
                low, high = np.minimum(low, -WIDE), np.maximum(high, WIDE)
            layer.set_grid(low, high)
        return ""

    def solve_epoch(
        self, train: Split, validation: Split, epoch: int, seed: int, told: Told
    ) -> None:
        """Refits on the next grid, and lets L-BFGS go on from there."""
        config = cast(KANConfig, self.note_config)
        cells = config.grids[min(epoch, len(config.grids) - 1)]
        rows = self._rows(train)
        judge = self._rows(validation) if len(validation) >= CHOOSING else None
        old = self.twin
        if epoch:
            new = old.refitted(rows.x, cells)
        else:
            widths = [rows.x.shape[1], *config.widths, rows.y.shape[1]]
            rng = np.random.default_rng(seed)
            new = old = best_start(
                widths,
                config.order,
                cells,
                old.loss,
                rows,
                rng,
                told,
                judge,
                old.products,
            )
        measured = judge or rows
        before = old.measure(measured.x, measured.y)
        if not epoch:
            new = self._sparse(new, rows, told)
        new = solve(new, rows, judge, config.iterations, told)
        if not epoch or new.measure(measured.x, measured.y) < before:
            self.twin = new

    def _sparse(self, twin: Twin, rows: Rows, told: Told) -> Twin:
        """Returns it with few edges: by the penalty, and by cutting weak ones.

        What is before the cut is kept, to be drawn.
        """
        config = cast(KANConfig, self.note_config)
        if config.sparsity:
            iterations, price = config.iterations, config.sparsity
            twin = solve(twin, rows, None, iterations, told, price)
            twin = twin.refitted(rows.x, twin.layers[0].cells)
        if config.prune:
            self.before_cut = [copy.deepcopy(twin)]
            prune(twin, rows.x, config.prune)
        return twin

    def remarks(self, values: dict[str, float]) -> list[str]:
        """Says what is left of a network that was cut."""
        if not cast(KANConfig, self.note_config).prune:
            return []
        return [f"Left of the network: {summary(self.twin)}."]

    def find_formulae(
        self,
        train: Split,
        validation: Split,
        seed: int,
        told: Callable[[], bool],
    ) -> list[Formula | None]:
        """Returns a formula of each measured value, where one is wanted."""
        config = cast(KANConfig, self.note_config)
        kinds = self.spec.input.kind, self.spec.target.kind
        if kinds != ("table", "values") or not config.formula:
            return []
        mean, variance = self._statistics
        parts = (
            read_batch(part, np.arange(len(part)))
            for part in (train, validation)
        )
        return find_formulae(
            self.twin,
            self.spec,
            (np.asarray(mean), deviations(mean, variance)),
            (next(parts), next(parts)),
            dict(read_fix(each) for each in config.fix),
            seed,
            told,
        )

    def edge_curves(self, x: Array) -> list[EdgeCurves]:
        """Returns each edge's function over its grid, and its strength."""
        found = []
        for layer in self.edge_layers:
            few = max(2, ENTRIES // layer.edges.base.size)
            values = self._given(layer, x[:few])
            found.append(_curves(layer.edges, values))
        return found

    def edge_curves_before(self, x: Array) -> list[EdgeCurves]:
        """Returns what edges said before weak ones were cut, if any were."""
        found: list[EdgeCurves] = []
        for twin in self.before_cut:
            values = twin.values(self._given(self.edge_layers[0], x))
            pairs = zip(twin.layers, values[:-1], strict=True)
            found += [_curves(edges, given) for edges, given in pairs]
        return found

    def _given(self, layer: KANLayer, x: Array) -> Array:
        """Returns what a layer is given for raw inputs, `(N, D)`, float64."""
        inside = keras.Model(self.inputs, layer.input)
        found = inside.predict(np.asarray(x, "float32"), verbose=0)
        return np.asarray(found, "float64")

    def _rows(self, split: Split) -> Rows:
        """Returns a part as the solver sees it."""
        x, y = read_batch(split, np.arange(len(split)))
        target = self.spec.target
        if target.kind == "values":
            mean = [column.mean for column in target.columns]
            deviation = [column.deviation for column in target.columns]
            wanted = (y.astype("float64") - mean) / deviation
        else:
            wanted = np.eye(target.num_classes)[y.astype(int)]
        return Rows(self._given(self.edge_layers[0], x), wanted)


def _check_fix(config: KANConfig, spec: Spec) -> None:
    """Raises a `UsageError` if a form is given of an edge that is none."""
    products = config.products or (0,) * len(config.widths)
    pairs = list(zip(config.widths, products, strict=True))
    given = [math.prod(side or 1 for side in spec.input.shape)]
    given += [width + count for width, count in pairs]
    units = [width + 2 * count for width, count in pairs]
    units.append(len(spec.target.columns) or spec.target.num_classes)
    for told in config.fix:
        (layer, place, node), _ = read_fix(told)
        if layer < len(units) and place < given[layer] and node < units[layer]:
            continue
        sizes = ", ".join(
            f"{i} x {o}" for i, o in zip(given, units, strict=True)
        )
        raise UsageError(
            "A form is given of an edge that this network has not.",
            expected=f"LAYER,INPUT,NODE=FORM of layers of {sizes} edges",
            received=told,
        )


def _curves(edges: Edges, given: Array) -> EdgeCurves:
    """Returns what edges say, as strong as they are for what they are given."""
    points = np.linspace(edges.low, edges.high, POINTS)
    said = edges.curves(given).std(axis=0)
    return EdgeCurves(points, edges.curves(points), said)


if TYPE_CHECKING:
    _: type[SolvesStart] = KAN
    __: type[SolvesEpochs] = KAN
    ___: type[ShowsEdges] = KAN
    ____: type[FindsFormulae] = KAN
    _____: type[Remarks] = KAN
