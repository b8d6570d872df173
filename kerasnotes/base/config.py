"""Configuration: what a run was told, checked, and written out whole.

A run is described by four blocks: `model` (the note's own fields), `data`,
`train`, and the run's `backend` and `precision`. `kn config NAME` prints
them; `--config` reads them back; `--set` changes one field.
"""

import difflib
from typing import Any, Literal, TypeVar, get_args

import pydantic
import yaml

from kerasnotes.base import augmentation
from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.base.spelling import compose_all

ConfigT = TypeVar("ConfigT", bound=pydantic.BaseModel)


class Config(pydantic.BaseModel):
    """Base of all configuration blocks: frozen, and strict about names."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", protected_namespaces=()
    )

    @pydantic.field_validator("*", mode="before")
    @classmethod
    def _refuse_truth(cls, value: Any, info: pydantic.ValidationInfo) -> Any:
        """Refuses `True` for a number: Python takes it for 1."""
        kind = cls.model_fields[str(info.field_name)].annotation
        kinds = get_args(kind) or (kind,)
        numeric = bool not in kinds and (int in kinds or float in kinds)
        if isinstance(value, bool) and numeric:
            raise ValueError("a number is wanted, not yes or no")
        return value


Tokens = Literal["word", "character", "bpe"]
"""What a text is divided into."""


class DataConfig(Config):
    """Where examples come from and how they are split and varied."""

    source: str = pydantic.Field(
        "digits", description="built-in set, keras.datasets name, or path"
    )
    validation: float = pydantic.Field(
        0.1, ge=0, lt=1, description="part of the data that picks the epoch"
    )
    test: float = pydantic.Field(
        0.2, ge=0, lt=1, description="part of the data for the final metrics"
    )
    split_seed: int = pydantic.Field(
        0, ge=0, description="seed of the split; not the training seed"
    )
    folds: int | None = pydantic.Field(
        None,
        ge=2,
        le=100,
        description="parts of the training part, of which one validates; "
        "data.validation is not used",
    )
    fold: int | None = pydantic.Field(
        None, ge=1, le=100, description="which of the folds validates, from 1"
    )
    bootstrap: int | None = pydantic.Field(
        None,
        ge=0,
        description="seed of a draw of the training part, with replacement",
    )
    classes: tuple[str, ...] | None = pydantic.Field(
        None, description="class names, in the order of the label values"
    )
    image_size: int | None = pydantic.Field(
        None,
        ge=8,
        le=4096,
        description="side of class-folder images, pixels; default 64",
    )
    patch: int | None = pydantic.Field(
        None,
        ge=16,
        le=4096,
        description="side of training patches, pixels; segmentation only",
    )
    target: str | tuple[str, ...] | None = pydantic.Field(
        None,
        description="label column (tables; several, if all are measured), or "
        "key (npz, hdf5)",
    )
    labels: Literal["classes", "values", "texts"] | None = pydantic.Field(
        None,
        description="`values`: labels are measured, a regression; `classes`: "
        "numbers are classes, however many; `texts`: what data.text is "
        "translated to",
    )
    units: str | None = pydantic.Field(
        None, max_length=20, description="of measured labels: USD, kg"
    )
    categories: tuple[str, ...] = pydantic.Field(
        (), description="columns of numbers that only name something"
    )
    keep: tuple[str, ...] = pydantic.Field(
        (), description="columns used, though they number the rows"
    )
    leave_out: tuple[str, ...] = pydantic.Field(
        (), description="columns of a table that are not used"
    )
    encoding: str | None = pydantic.Field(
        None, description="of a file of text: gb18030; default found out"
    )
    horizon: int | None = pydantic.Field(
        None,
        ge=1,
        le=100_000,
        description="rows to forecast: makes a table a series in time",
    )
    window: int | None = pydantic.Field(
        None,
        ge=1,
        le=100_000,
        description="series: rows that a forecast is made from; default three "
        "horizons, or two seasons; language: tokens of an example, default 64",
    )
    time: str | None = pydantic.Field(
        None,
        description="series: column of time stamps; default the one of dates",
    )
    known: tuple[str, ...] = pydantic.Field(
        (),
        description="series: columns that are planned, so that a forecast may "
        "know them ahead: holiday, price",
    )
    calendar: bool = pydantic.Field(
        False,
        description="series: whether a forecast is told the time of day, the "
        "day of the week and of the year of its rows",
    )
    gaps: Literal["refuse", "hold", "linear", "ignore"] = pydantic.Field(
        "refuse",
        description="series: missing stamps and cells: refused, filled with "
        "the last value or along a line; or stamps are not heeded",
    )
    season: int | None = pydantic.Field(
        None,
        ge=1,
        le=100_000,
        description="series: rows after which it tends to repeat; default by "
        "the time step: a day of hours, a week of days",
    )
    rows: int | None = pydantic.Field(
        None, ge=3, description="series: rows that are used, from the first on"
    )
    text: str | None = pydantic.Field(
        None,
        description="column of a table whose texts are classified, or "
        "translated; of aligned files, the language",
    )
    tokenizer: Tokens | None = pydantic.Field(
        None,
        description="texts: what they are divided into; default word, and "
        "character for a language, or where words are not parted by spaces",
    )
    vocabulary: int | None = pydantic.Field(
        None,
        ge=3,
        le=1_000_000,
        description="texts: most different tokens; default 10000 words, 5000 "
        "characters, 4000 byte pairs",
    )
    length: int | None = pydantic.Field(
        None,
        ge=1,
        le=100_000,
        description="texts: most tokens of one, the rest is cut; default what "
        "99 of 100 need, at most 256; sequences: most rows, default all",
    )
    sequence: str | None = pydantic.Field(
        None,
        description="column of a table that tells which rows are one "
        "sequence, to be classified as a whole; `rows`: each by itself",
    )
    repeats: Literal["keep", "drop"] = pydantic.Field(
        "keep", description="texts that come again: kept and told, or dropped"
    )
    read_as: Literal["images", "rows", "pixels"] | None = pydantic.Field(
        None,
        description="images as they are, or as series, row by row or pixel by "
        "pixel; default as the note needs them",
    )
    threshold: int | None = pydantic.Field(
        None,
        ge=1,
        le=65_535,
        description="masks: grey values from here on are the second of two "
        "classes",
    )
    instances: bool = pydantic.Field(
        False, description="masks: every value but 0 is the second class"
    )
    ignore: int | None = pydantic.Field(
        None,
        ge=0,
        le=0xFFFFFF,
        description="masks: value of pixels to leave out, often 255",
    )
    augment: str | None = pydantic.Field(
        None,
        description="none, light, strong or rand, and, with + between, any of "
        "mixup, cutmix and erasing; default by task",
    )

    @pydantic.field_validator("augment")
    @classmethod
    def _check_augment(cls, value: str | None) -> str | None:
        if value is not None:
            augmentation.choose(value)
        return value

    @pydantic.field_validator("encoding")
    @classmethod
    def _check_encoding(cls, value: str | None) -> str | None:
        try:
            b"a".decode(value or "utf-8", "ignore")
        except (LookupError, UnicodeError):
            raise ValueError(
                "an encoding that Python knows is wanted, such as gb18030"
            ) from None
        return value

    @pydantic.field_validator(
        "classes",
        "target",
        "text",
        "sequence",
        "categories",
        "keep",
        "leave_out",
        "known",
        mode="before",
    )
    @classmethod
    def _compose(cls, value: Any) -> Any:
        return compose_all(value)

    @pydantic.field_validator(
        "categories", "keep", "leave_out", "known", mode="before"
    )
    @classmethod
    def _join(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @pydantic.field_validator("target", mode="before")
    @classmethod
    def _has_an_order(cls, value: Any) -> Any:
        if isinstance(value, set | frozenset):
            raise ValueError("a set has no order: give a list of columns")
        return value

    @pydantic.model_validator(mode="after")
    def _check_folds(self) -> "DataConfig":
        if (self.folds is None) != (self.fold is None):
            raise ValueError(
                "data.folds and data.fold go together; to train on all of "
                "them: --folds K, in Python ensemble=K, members='folds'."
            )
        if self.folds is not None and (self.fold or 0) > self.folds:
            raise ValueError(
                f"There is no fold {self.fold} of data.folds={self.folds}."
            )
        if self.folds is not None and self.bootstrap is not None:
            raise ValueError(
                "data.folds and data.bootstrap exclude each other."
            )
        return self

    @pydantic.model_validator(mode="after")
    def _check_joined(self) -> "DataConfig":
        if self.threshold is not None and self.instances:
            raise ValueError(
                "data.threshold and data.instances exclude each other."
            )
        return self


Optimizer = Literal[
    "adamw",
    "adam",
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adadelta",
    "yogi",
    "lion",
    "muon",
    "lbfgs",
    "evolution",
]
SOLVERS = ("lbfgs", "evolution")
"""Those that move all weights by whole epochs, where a note has them."""


Loss = Literal["squared", "absolute", "huber", "quantile"]


class TrainConfig(Config):
    """How the weights are found."""

    epochs: int = pydantic.Field(
        10, ge=1, le=1_000_000, description="rounds of training, each validated"
    )
    passes: int = pydantic.Field(
        1, ge=1, le=100_000, description="over the training part, an epoch"
    )
    batch_size: int = pydantic.Field(
        32, ge=1, le=65_536, description="examples per optimizer step"
    )
    learning_rate: float = pydantic.Field(
        1e-3, gt=0, le=10, description="peak rate, after the warm-up"
    )
    optimizer: Optimizer = pydantic.Field(
        "adamw",
        description="what moves the weights; adam is adamw without decay, "
        "lbfgs and evolution are for notes that have such a solver",
    )
    schedule: Literal[
        "cosine",
        "constant",
        "exponential",
        "step",
        "one-cycle",
        "cyclic",
        "noam",
    ] = pydantic.Field("cosine", description="learning rate after the warm-up")
    cycles: int = pydantic.Field(
        5,
        ge=2,
        le=100,
        description="of the cyclic schedule; the weights at the end of each "
        "are kept",
    )
    warmup: float = pydantic.Field(
        0.05, ge=0, lt=1, description="part of all steps spent warming up"
    )
    weight_decay: float = pydantic.Field(
        1e-4, ge=0, le=1, description="decoupled (AdamW)"
    )
    clip_norm: float | None = pydantic.Field(
        1.0, gt=0, description="largest global norm of a gradient"
    )
    loss: Loss | None = pydantic.Field(
        None, description="of measured values; null: squared"
    )
    huber_delta: float = pydantic.Field(
        1.0,
        gt=0,
        le=100,
        description="error from where huber's loss is linear, in standard "
        "deviations of the target",
    )
    quantile: float = pydantic.Field(
        0.5, gt=0, lt=1, description="that the quantile loss aims at"
    )
    label_smoothing: float = pydantic.Field(
        0.0,
        ge=0,
        lt=1,
        description="part of each class label that is shared out among all",
    )
    imbalance: Literal["none", "weights", "sampling"] = pydantic.Field(
        "none",
        description="rare classes: weighed more in the loss, or drawn as often "
        "as common ones",
    )
    unvaried: float = pydantic.Field(
        0.0,
        ge=0,
        le=1,
        description="part of the epochs, at the end, that see images as they "
        "are: no augmentation",
    )
    ema: float | None = pydantic.Field(
        None, gt=0, lt=1, description="decay of averaged weights; off if null"
    )
    early_stop: int | None = pydantic.Field(
        None, ge=1, description="epochs without improvement before stopping"
    )
    start_from: str | None = pydantic.Field(
        None,
        description="run, `.keras` file or keras.applications:NAME whose "
        "weights it begins with",
    )
    freeze: tuple[str, ...] = pydantic.Field(
        (),
        description="layers that do not learn: patterns of their names, or "
        "`copied`",
    )
    unfreeze_after: int | None = pydantic.Field(
        None, ge=1, description="epochs after which frozen layers learn too"
    )
    lr_scale: float | None = pydantic.Field(
        None,
        gt=0,
        le=1,
        description="learning rate of the layer nearest the input, as part of "
        "that of the last; those between by depth",
    )
    time_limit: float | None = pydantic.Field(
        None, gt=0, description="seconds of training before stopping"
    )
    seed: int = pydantic.Field(
        0, ge=0, lt=2**31, description="of weights, order and augmentation"
    )

    @pydantic.field_validator("freeze", mode="before")
    @classmethod
    def _take_one(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _check_stages(self) -> "TrainConfig":
        if self.unfreeze_after is not None and not self.freeze:
            raise ValueError("train.unfreeze_after needs train.freeze.")
        if self.unfreeze_after is not None and self.time_limit is not None:
            raise ValueError(
                "train.unfreeze_after and train.time_limit exclude each other: "
                "two stages have two schedules."
            )
        return self

    @pydantic.model_validator(mode="after")
    def _check_cycles(self) -> "TrainConfig":
        if self.schedule != "cyclic":
            return self
        # A note's own number of epochs may not be known yet.
        known = "epochs" in self.model_fields_set
        if known and self.epochs < self.cycles:
            raise ValueError(
                f"train.cycles={self.cycles} take an epoch each: train.epochs "
                f"is {self.epochs}."
            )
        for name in ("early_stop", "time_limit", "unfreeze_after"):
            if getattr(self, name) is not None:
                raise ValueError(
                    f"train.{name} would cut cycles of train.schedule=cyclic."
                )
        return self

    @property
    def cycle_ends(self) -> list[int]:
        """Epochs at whose end a cycle ends; none of other schedules."""
        if self.schedule != "cyclic":
            return []
        count = self.cycles
        return [round(k * self.epochs / count) for k in range(1, count + 1)]

    @pydantic.model_validator(mode="after")
    def _check_loss(self) -> "TrainConfig":
        for name, loss in (("huber_delta", "huber"), ("quantile", "quantile")):
            default = type(self).model_fields[name].default
            if getattr(self, name) != default and self.loss != loss:
                raise ValueError(
                    f"train.{name} needs train.loss={loss}; it is {self.loss}."
                )
        return self


def _field_names(model: type[pydantic.BaseModel]) -> list[str]:
    return list(model.model_fields)


def describe_range(model: type[pydantic.BaseModel], name: str) -> str:
    """Returns what a field accepts, in words: `int, 1 to 65536`."""
    schema = model.model_json_schema()["properties"][name]
    options = [o for o in schema.get("anyOf", [schema]) if o != _NULL]
    return " or ".join(_describe(option) for option in options) + (
        ", or null" if len(options) < len(schema.get("anyOf", [schema])) else ""
    )


_NULL = {"type": "null"}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


def _describe(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = {"array": "list"}.get(schema.get("type", ""), schema.get("type", ""))
    if "items" in schema:
        return f"list of {_describe(schema['items'])}"
    bounds = [f"{w} {schema[k]:g}" for k, w in _BOUNDS.items() if k in schema]
    return ", ".join([str(kind), *bounds])


def usage_error(
    error: pydantic.ValidationError, model: type[pydantic.BaseModel], block: str
) -> UsageError:
    """Turns pydantic's report into one sentence about the first mistake."""
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"][:1])
    name = f"{block}.{path}" if block else path
    if first["type"] == "extra_forbidden":
        return UsageError(
            f"Unknown setting `{name}`.",
            received=f"{name}={first['input']!r}",
            hint=did_you_mean(path, _field_names(model)),
        )
    if path not in model.model_fields:
        message = str(first["msg"]).removeprefix("Value error, ")
        return UsageError(message, received=f"{name.rstrip('.') or block}")
    own = first["type"] == "value_error"
    why = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    end = "" if why.endswith("?") else "."
    return UsageError(
        f"`{name}` cannot be {first['input']!r}: {why}{end}",
        expected=None if own else describe_range(model, path),
        received=f"{name}={first['input']!r}",
    )


def build(model: type[ConfigT], values: dict[str, Any], block: str) -> ConfigT:
    """Checks `values` and returns the block.

    Raises:
        UsageError: If a name is unknown or a value is out of its range.
    """
    try:
        return model.model_validate(values)
    except pydantic.ValidationError as error:
        raise usage_error(error, model, block) from None


NAMES = (
    "data.classes",
    "data.target",
    "data.text",
    "data.units",
    "data.categories",
    "data.keep",
    "data.leave_out",
)
"""Settings that hold what a data set calls something."""


def parse_setting(text: str) -> tuple[str, Any]:
    """Splits `name=value`; the value is read as YAML (`64`, `[1, 2]`).

    Names of columns and classes are texts, `1` and `null` among them.

    Raises:
        UsageError: If there is no `=`, or the value is not YAML.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(
            "--set takes NAME=VALUE.",
            received=text,
            hint="for example --set width=32",
        )
    try:
        if name.strip() in NAMES:
            return name.strip(), yaml.load(value, yaml.BaseLoader)
        return name.strip(), _plain(yaml.safe_load(value))
    except yaml.YAMLError:
        raise UsageError(
            f"The value of --set {name} cannot be read.", received=value
        ) from None


def _plain(value: Any) -> Any:
    """Reads `1e-3`, which YAML 1.1 takes for a string, as a number."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def nearest_setting(name: str, known: dict[str, list[str]]) -> str:
    """Returns the qualified setting nearest to a misspelt one."""
    flat = {f: (b, f) for b, fields in known.items() for f in fields}
    close = difflib.get_close_matches(name.split(".")[-1], flat, n=1)
    if not close:
        return "see `kn config NAME` for every setting"
    block, field = flat[close[0]]
    full = field if block == "model" else f"{block}.{field}"
    return f"did you mean `{full}`?"
