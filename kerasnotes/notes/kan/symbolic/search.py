"""Which form each edge has: the likeliest together, refitted, the best kept.

Reference:
    Liu et al., 2024, KAN, section 2.5 (symbolification).
    https://arxiv.org/abs/2404.19756
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.reading import spread
from kerasnotes.notes.kan.symbolic.forms import FORMS, Form
from kerasnotes.notes.kan.symbolic.network import FormNetwork, Layer, Term
from kerasnotes.notes.kan.symbolic.univariate import Fit, fit
from kerasnotes.notes.kan.twin import Twin

Edge = tuple[int, int, int]
"""Layer, input, unit; from 0."""

PRICE = 0.25
"""What one of complexity may cost in powers of ten of `1 - R^2`, or of a
network's error."""
LIKELY = 4
"""Forms of an edge that are tried together with others'."""
EFFORT, FEWEST = 120, 8
"""Edges of all networks that are tried together, and networks at least."""
CURVE, ROWS = 150, 400
"""Points of a curve, and rows of a refit, while it is searched."""
STEPS = 30
"""Of a refit then."""
UNLIKELY = 0.3
"""`1 - R^2` from which on a form is none of an edge's."""
DEAD = 1e-4
"""Strength below which an edge says nothing, beside the strongest."""


def networks(
    twin: Twin,
    raw: Array,
    given: Array,
    y: Array,
    unit: tuple[float, float],
    exact: float,
    fixed: Mapping[Edge, str] | None = None,
) -> list[FormNetwork]:
    """Returns networks of forms that are near, the best first.

    Args:
        twin: Trained on standardized rows, with one answer.
        raw: Inputs in their own units, `(N, D)`.
        given: The same, standardized.
        y: Targets in their own units, `(N, 1)`.
        unit: Mean and deviation of targets, by which the network was trained.
        exact: Root mean square error below which the search ends.
        fixed: Forms that are given.
    """
    mean, scale = unit
    rows = spread(len(raw), ROWS)
    noise = (twin(given)[:, 0] - (y[:, 0] - mean) / scale).std()
    floor = max(1e-13, float(noise) ** 2)
    edges = _edges(twin, raw[rows], given[rows], floor, fixed or {})
    if not edges or not all(edges.values()):
        return []
    most = max(FEWEST, EFFORT // len(edges))
    found: list[tuple[float, int, FormNetwork]] = []
    for number, fits in enumerate(_likeliest(list(edges.values()), floor)):
        chosen = dict(zip(edges, fits, strict=True))
        network = _assembled(twin, chosen, mean, scale)
        error = network.refit(raw[rows], y[rows], STEPS)
        if math.isfinite(error):
            told = math.log10(max(error, exact) / scale)
            found.append((told + PRICE * network.price, number, network))
        if error <= exact or number + 1 == most:
            break
    return [network for _, _, network in sorted(found, key=lambda f: f[:2])]


def _edges(
    twin: Twin,
    raw: Array,
    given: Array,
    floor: float,
    fixed: Mapping[Edge, str],
) -> dict[Edge, list[Fit]]:
    """Returns what each edge that says something may be, likeliest first."""
    found = {}
    values = twin.values(given)
    for level, (layer, inputs) in enumerate(
        zip(twin.layers, values[:-1], strict=True)
    ):
        curves = layer.curves(inputs)
        strength = curves.std(axis=0)
        at = raw if level == 0 else inputs
        least = DEAD * float(strength.max())
        for i, o in np.argwhere(strength > least):
            edge = (level, int(i), int(o))
            name = fixed.get(edge)
            if name == "0":
                continue
            some = spread(len(at), CURVE)
            x, y = at[some, i], curves[some, i, o]
            forms = [FORMS[name]] if name else list(FORMS.values())
            found[edge] = _ranked(forms, x, y, floor, bool(name))
    return found


def _ranked(
    forms: Sequence[Form], x: Array, y: Array, floor: float, given: bool
) -> list[Fit]:
    fits = [found for form in forms if (found := fit(form, x, y)) is not None]
    if not given:
        fits = [each for each in fits if each.missed < UNLIKELY]
    return sorted(fits, key=lambda each: _cost(each, floor))[:LIKELY]


def _cost(fit: Fit, floor: float) -> float:
    return math.log10(max(fit.missed, 0) + floor) + PRICE * fit.form.price


def _likeliest(
    choices: Sequence[Sequence[Fit]], floor: float
) -> Iterator[tuple[Fit, ...]]:
    """Yields one fit of each, together the likeliest first."""
    costs = [[_cost(each, floor) for each in fits] for fits in choices]
    start = (0,) * len(choices)
    heap = [(sum(each[0] for each in costs), start)]
    seen = {start}
    while heap:
        total, places = heapq.heappop(heap)
        yield tuple(choices[k][p] for k, p in enumerate(places))
        for k, p in enumerate(places):
            after = (*places[:k], p + 1, *places[k + 1 :])
            if p + 1 < len(choices[k]) and after not in seen:
                seen.add(after)
                more = costs[k][p + 1] - costs[k][p]
                heapq.heappush(heap, (total + more, after))


def _assembled(
    twin: Twin, chosen: Mapping[Edge, Fit], mean: float, scale: float
) -> FormNetwork:
    """Returns the network of forms, its answer in the target's units."""
    layers = []
    last = len(twin.layers) - 1
    for level, edges in enumerate(twin.layers):
        terms: list[Term] = []
        begun: dict[int, Term] = {}
        for (where, i, o), found in chosen.items():
            if where != level:
                continue
            constants = found.constants.copy()
            if level == last:
                constants[[0, 3]] *= scale
            if o in begun:
                # What is added is one constant of the unit.
                begun[o].constants[3] += constants[3]
                constants[3] = 0
            term = Term.of(found.form, (i, o), constants, o not in begun)
            begun.setdefault(o, term)
            terms.append(term)
        if level == last and terms:
            terms[0].constants[3] += mean
        units = edges.base.shape[1]
        layers.append(Layer(terms, units, twin.products[level]))
    return FormNetwork(layers)
