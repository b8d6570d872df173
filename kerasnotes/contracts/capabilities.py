"""What a note can do beyond answering for a batch, each a Protocol.

A note has a capability by having its methods; nobody registers it. Who
needs one asks `isinstance(model, Generates)`. A note's file ends with a
line for mypy that names what it offers, so that a misspelt method is found.

Members are methods, or properties of the class that cannot fail:
`isinstance` evaluates properties up to Python 3.11, and from 3.12 on does
not see sub-networks set on an instance on the Torch backend.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from kerasnotes.backends.phase import Phase
from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.contracts.edge_curves import EdgeCurves
from kerasnotes.contracts.formula import Formula
from kerasnotes.contracts.generation import Generated, Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.contracts.spike_record import SpikeRecord
from kerasnotes.contracts.step_decoding import StepDecoder
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec


@runtime_checkable
class Generates(Protocol):
    """Draws new examples: `kn sample`, the task `generation`."""

    @property
    def sample_options(self) -> frozenset[str]:
        """Fields of `Request` understood beside `count` and `seed`."""

    @property
    def quick_sampling(self) -> Mapping[str, Any]:
        """Fields of `Request` for its fastest way of sampling."""

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        """Draws new examples; example `i` depends on `(seed, i)` alone.

        Raises:
            UsageError: If the request does not fit this model.
        """


@runtime_checkable
class DrawsEpochs(Protocol):
    """Wants a picture after every epoch, better or not: `kn fit`."""

    def epoch_request(self, count: int) -> Request:
        """Returns how to draw `count` examples for such a picture."""


@runtime_checkable
class Measures(Protocol):
    """Knows numbers of its own about data, as a likelihood: `kn eval`."""

    def measure(self, split: Split, conditions: Conditions) -> dict[str, float]:
        """Returns the numbers by name, means over the examples of `split`."""


@runtime_checkable
class Encodes(Protocol):
    """Has a latent space with a way in and a way out."""

    def encode(self, x: Array, seed: int = 0) -> dict[str, Array]:
        """Returns `mean` and `log_var`, `(N, D)`, for raw `(N, ...)`."""

    def decode(self, z: Array) -> Array:
        """Returns raw examples `(N, ...)` for latents `(N, D)`."""


@runtime_checkable
class Restores(Protocol):
    """Fills in or enlarges images, if trained to: `kn predict`."""

    @property
    def restores(self) -> bool:
        """Whether it was trained to."""

    @property
    def fills_gaps(self) -> bool:
        """Whether it restores missing pixels, `nan`; else it enlarges."""

    def damaged_spec(self) -> Spec:
        """Returns what the images look like that `restore` takes.

        Raises:
            UsageError: If the model was not trained to restore.
        """

    def damage(self, values: Array) -> Array:
        """Returns whole images `(B, H, W, C)`, raw, as `restore` takes them."""

    def restore(self, values: Array, seed: int) -> Array:
        """Returns whole images `(B, H, W, C)`, raw.

        Raises:
            UsageError: If the model was not trained to restore.
        """


@runtime_checkable
class Bayesian(Protocol):
    """Has a distribution over weights: the task `bayesian-classification`."""

    def default_samples(self) -> int:
        """Returns how many networks answer if nobody says."""

    def monte_carlo(self, x: Array, samples: int, seed: int = 0) -> Array:
        """Returns probabilities `(S, B, K)` of S networks for `(B, ...)`."""


@runtime_checkable
class Prunes(Protocol):
    """Can do without its least certain weights: `kn eval`."""

    def pruned(self, share: float) -> Any:
        """Returns a copy without this share of its weights, 0 to 1."""


@runtime_checkable
class HasPhases(Protocol):
    """Trains with several optimizers; see `backends/steps/phases.py`.

    Attributes:
        trackers: A `keras.metrics.Mean` for every name that a phase shows.
    """

    trackers: dict[str, Any]

    @property
    def phases(self) -> list[Phase]:
        """Who moves which weights on which loss, in order."""


@runtime_checkable
class PreparesTraining(Protocol):
    """Needs to know of a run before its model is compiled."""

    def prepare_training(
        self, *, examples: int, steps_per_epoch: int, epochs: int
    ) -> None:
        """Takes what it needs.

        Args:
            examples: Of the training part.
            steps_per_epoch: Optimizer steps.
            epochs: Of the whole run.

        Raises:
            UsageError: If it cannot be trained so.
        """


@runtime_checkable
class SolvesStart(Protocol):
    """Has weights that a closed form finds before the first step."""

    def solve_start(self, train: Split) -> str:
        """Sets them; returns what to tell of it, or nothing.

        Args:
            train: The training part.
        """


@runtime_checkable
class LearnsInStages(Protocol):
    """Learns some of its weights first, and others after them: `kn fit`."""

    def turn(self, epochs: int, trained: bool) -> int | None:
        """Returns the epochs of the first stage; `None`: there is no second.

        Args:
            epochs: Of the whole run.
            trained: Whether it began with weights of another run.
        """

    def enter(self, stage: int) -> str:
        """Lets the weights of a stage learn, 0 or 1; returns what to tell."""


@runtime_checkable
class AnswersIntervals(Protocol):
    """Answers with `values`, `low` and `high`: `interval-regression`."""

    @property
    def coverage(self) -> float:
        """Part of the truths that its intervals are to hold."""

    def set_shift(self, shift: Array) -> None:
        """Sets how far ends are moved outwards, `(K,)`, in deviations."""


@runtime_checkable
class SolvesEpochs(Protocol):
    """Has a solver of its own, which takes an epoch at once: `lbfgs`."""

    def solve_epoch(
        self,
        train: Split,
        validation: Split,
        epoch: int,
        seed: int,
        told: Callable[[float, float], bool],
    ) -> None:
        """Moves the weights, at its end and all at once.

        It depends on its arguments and on the weights alone: a run that is
        stopped within it does it again, to the same bits.

        Args:
            train: The training part.
            validation: The validation part, which may be empty.
            epoch: How many were done before.
            seed: Of what is drawn.
            told: To be called often, with the part of the epoch that is
                done, 0 to 1, and the loss. Says whether to come to an end;
                an exception that it raises is let through.
        """


@runtime_checkable
class ShowsAttention(Protocol):
    """Knows what its tokens look at: a picture of `kn fit` and `kn eval`."""

    def attention_maps(self, x: Array) -> Array:
        """Returns weights `(L, B, N, T, T)` of blocks, examples and heads.

        Args:
            x: Raw inputs `(B, ...)`.
        """


@runtime_checkable
class Translates(Protocol):
    """Answers texts by texts: the task `translation`."""

    def step_decoder(self) -> StepDecoder:
        """Returns its answer token by token.

        Raises:
            UsageError: If it was trained for something else.
        """

    def alignment(self, x: Array, y: Array) -> Array:
        """Returns what tokens of answers take from those of their sources.

        Args:
            x: Sources `(B, S)`, numbers of tokens.
            y: Answers `(B, T)`.

        Returns:
            Array `(B, T, S)`, float32; each row sums to 1.
        """


@runtime_checkable
class ShowsEdges(Protocol):
    """Has functions on its edges: a picture of `kn fit` and `kn eval`."""

    def edge_curves(self, x: Array) -> list[EdgeCurves]:
        """Returns what the edges of each layer say.

        Args:
            x: Raw inputs `(B, ...)`, by which edges are strong or weak.
        """

    def edge_curves_before(self, x: Array) -> list[EdgeCurves]:
        """Returns what they said before weak ones were cut.

        Args:
            x: As of `edge_curves`.

        Returns:
            Nothing if none were, or if another process cut them.
        """


@runtime_checkable
class FindsFormulae(Protocol):
    """Can say what it learned as a formula: the end of `kn fit`."""

    def find_formulae(
        self,
        train: Split,
        validation: Split,
        seed: int,
        told: Callable[[], bool],
    ) -> list[Formula | None]:
        """Returns a formula of each measured value, `None` where there is none.

        Args:
            train: The training part.
            validation: Picks among formulae.
            seed: Of all that is drawn.
            told: Called now and then; says whether to stop.

        Returns:
            Nothing if no formula is wanted.
        """


@runtime_checkable
class ShowsSpikes(Protocol):
    """Answers by spikes: numbers and pictures of `kn fit` and `kn eval`."""

    def spike_record(self, x: Array) -> SpikeRecord:
        """Returns what the neurons do for some examples.

        Args:
            x: Raw inputs `(B, ...)`.
        """


@runtime_checkable
class CarriesState(Protocol):
    """Reads a language on from where it stopped: `kn sample`, `kn eval`."""

    def first_state(self, count: int) -> list[Array]:
        """Returns the states before anything was read, for `count` texts."""

    def read_on(
        self, ids: Array, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        """Returns logits `(B, T, V)` of tokens `(B, T)`, and new states.

        Args:
            ids: What comes next, int32.
            states: As this returned them, or `first_state`.
        """


@runtime_checkable
class CarriesTraining(Protocol):
    """Can learn a text in its order, states carried on: `kn fit`."""

    @property
    def carries(self) -> bool:
        """Whether it does."""

    def carry(self, rows: int, steps: int, parts: int) -> None:
        """Makes the states of a run, before it is compiled.

        Args:
            rows: Of a batch, each a stream of its own.
            steps: Batches until all streams begin anew.
            parts: Into how many a batch is cut.
        """


@runtime_checkable
class ReadsSteps(Protocol):
    """Reads a language token by token, in `keras.ops`: `kn sample`.

    What it needs to know of what it has read is its memory: arrays of fixed
    shapes, passed in and out, which a compiled loop carries.
    """

    @property
    def room(self) -> int | None:
        """Tokens that a memory holds; `None`: any number."""

    def empty_memory(self, count: int) -> list[Tensor]:
        """Returns the memory of nothing, for `count` texts."""

    def advance(
        self,
        ids: Tensor,
        memory: list[Tensor],
        place: Any,
        present: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Returns logits `(B, T, V)` of tokens `(B, T)`, and a new memory.

        Args:
            ids: What comes next, int32.
            memory: As this returned it, or `empty_memory`.
            place: How many tokens came before: whole number or scalar.
            present: Which tokens are there, `(B, T)`, bool, the first ones;
                what comes next is then read over the others. By default all.
        """


@runtime_checkable
class Remarks(Protocol):
    """Has something to say about an epoch: printed by `kn fit`."""

    def remarks(self, values: dict[str, float]) -> list[str]:
        """Returns warnings about an epoch's metrics, one sentence each."""


@runtime_checkable
class TellsContext(Protocol):
    """Says how to cut a large image into tiles: `inference/segmenter.py`."""

    @property
    def context(self) -> int:
        """Pixels on either side that an output pixel depends on."""

    @property
    def stride(self) -> int:
        """Tiles begin at multiples of it."""

    @property
    def any_size(self) -> bool:
        """Whether images of any size are answered at their own.

        Else they are mirrored up to a multiple of `stride`.
        """


@runtime_checkable
class ServesMore(Protocol):
    """Offers more than one signature: `kn export`."""

    def serving_models(self) -> dict[str, Any]:
        """Returns functional models by signature.

        Their inputs and outputs are named. The one that answers as
        `serving_default` is not among them.
        """


@runtime_checkable
class ServesSampler(Protocol):
    """Can be sampled step by step by a server: `kn serve`."""

    def sampler_details(self) -> dict[str, Any]:
        """Returns what the server needs to know, as JSON."""


@runtime_checkable
class WeighsPixels(Protocol):
    """A note's configuration that weighs the pixels of a mask."""

    def pixel_weight(self) -> Callable[[Array], Array] | None:
        """Returns the way from a mask `(H, W)` to weights `(H, W)`, if any."""
