"""Python's way to everything that `kn` does: `import kerasnotes as kn`.

Nothing here imports a framework before it is called. The first call that
computes chooses the backend, as the command line does; from then on the
process stays with it, because Keras cannot switch. Errors that a user can
mend are `kerasnotes.base.errors.KerasNotesError`; what they call `--data`
is `data=` here.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kerasnotes.base.errors import UsageError

if TYPE_CHECKING:
    from kerasnotes.base.types import Progress
    from kerasnotes.data.dataset import Dataset
    from kerasnotes.notes import Note
    from kerasnotes.runs.listing import Row
    from kerasnotes.use.answers import Answer
    from kerasnotes.use.compare import Compared
    from kerasnotes.use.evaluate import Evaluation
    from kerasnotes.use.exported import Exported
    from kerasnotes.use.measured_data import Source
    from kerasnotes.use.trained_run import TrainedRun

Place = str | Path
"""A path, or a name such as `unet` for `ckpts/unet`."""


def fit(
    note: str | None = None,
    data: Any = None,
    *,
    resume: "TrainedRun | Place | None" = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    time_limit: float | None = None,
    early_stop: int | None = None,
    augment: str | None = None,
    start_from: "TrainedRun | Place | None" = None,
    freeze: Sequence[str] | str | None = None,
    unfreeze_after: int | None = None,
    lr_scale: float | None = None,
    baseline: bool = True,
    ensemble: int | None = None,
    members: str | None = None,
    combine: str | None = None,
    classes: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    config: Place | None = None,
    out: Place | None = None,
    backend: str | None = None,
    precision: str | None = None,
    quiet: bool = False,
    **fields: Any,
) -> "TrainedRun":
    """Trains a note, or goes on with a run, as `kn fit` does.

    Arrays are not written anywhere. The run's record holds their
    fingerprint: to go on with such a run, hand in the same arrays again,
    `kn.fit(resume="ckpts/mlp", data={"x": x, "y": y}, epochs=20)`; others
    are refused. A run still at hand, `kn.fit(resume=run)`, remembers its own.

    Args:
        note: The note's name, a key of `kn.notes()`.
        data: A built-in set, a `keras.datasets` name, or the path of a
            folder or file; or arrays: `{"x": x, "y": y}`, a pair `(x, y)`,
            or pairs by part, `{"train": (x, y), "test": (x, y)}`; or a data
            frame of pandas or polars with its labels, `data.target`. `x` is
            `(N, D)`, `(N, H, W)` or `(N, H, W, C)`, raw values; `y` is
            `(N,)`, numbers or text, or masks `(N, H, W)`. Generators learn
            from inputs alone as well: `x`, or `{"train": x, "test": x}`.
        resume: A run to go on with, in place of `note`. It keeps its
            settings; `epochs`, `time_limit`, `early_stop` and `backend`
            may change, and `data` say where its data are now.
        epochs: Rounds of training.
        batch_size: Examples per optimizer step.
        learning_rate: Peak rate.
        seed: Of weights, order and augmentation.
        time_limit: Seconds of training; the learning rate is fitted to
            them.
        early_stop: Epochs without improvement allowed.
        augment: `none`, `light`, `strong` or `rand`, and with `+` between
            any of `mixup`, `cutmix` and `erasing`.
        start_from: A run or `.keras` file whose weights it begins with, or
            `"keras.applications:VGG16"`. Layers of other sizes, and the head
            where something else is to be answered, are new.
        freeze: Layers that do not learn: patterns of their names, or
            `"copied"`.
        unfreeze_after: Epochs after which those learn too.
        lr_scale: Learning rate of the layer nearest the input, as part of
            that of the last; those between by depth.
        baseline: Whether the same is trained from scratch too, into
            `from_scratch/`, where there is a `start_from`.
        ensemble: Networks to train, and to put together to one run; see
            `ensemble`.
        members: What those differ in: `seeds` (the default), one after
            another; `bagging`, also a draw of the training part, with
            replacement; `folds`, also the fold of it that they are validated
            on; `snapshot`, the cycle of one training that they end.
        combine: How they answer together, as of `ensemble`; `stacked` needs
            folds.
        classes: Class names, in the order of the label values.
        settings: Any other setting by its full name, `{"train.ema": 0.99,
            "data.test": 0.1}`.
        config: A YAML file as `kn config NOTE` prints it.
        out: The run's own folder; by default the next free `ckpts/NOTE`.
        backend: `tensorflow`, `jax` or `torch`.
        precision: `float32`, `mixed_bfloat16` or `mixed_float16`.
        quiet: Print nothing but warnings.
        **fields: The note's own settings, `width=32`; and those of the data,
            as of `data`: `target="price"`.

    Returns:
        The run, with its best weights.

    Raises:
        UsageError: If a name is unknown, a value out of its range, or Keras
            is running on another backend.
        DataError: If the data cannot be used, or are not those of the run.
        StorageError: If something cannot be read or written.
        OutOfMemoryError: If not even one example fits into memory.
        DivergedError: If the loss is no longer finite.
        InterruptedRunError: After Ctrl-C; everything is saved.

    Example:
        >>> import kerasnotes as kn
        >>> run = kn.fit("mlp", epochs=2, widths=[16], quiet=True)
        >>> run.path, sorted(run.figures)[:2]
        (PosixPath('ckpts/mlp'), ['confusion', 'curves'])
        >>> 0 < run.metrics["accuracy"] < 1
        True
        >>> run = kn.fit(resume="ckpts/mlp", epochs=3, quiet=True)
        >>> run.history["epoch"]
        [1.0, 2.0, 3.0]
    """
    if start_from is not None and not isinstance(start_from, str | Path):
        start_from = str(_check_run(start_from).path)
    named = dict(locals())
    from kerasnotes.training.progress import make_reporter
    from kerasnotes.use import fit as training
    from kerasnotes.use import fit_words as words

    options = [name for name in named if name != "fields"]
    if note is not None:
        words.check_fields(note, fields, options)
    else:
        words.check_spelling(fields, options)
    words.check_doubles({**named, **fields}, settings or {})
    request = training.FitRequest(
        note=note,
        resume=None if resume is None else _run_path(resume),
        data=getattr(resume, "arrays", None) if data is None else _source(data),
        train={name: named[name] for name in training.TRAIN_OPTIONS},
        augment=augment,
        classes=classes,
        settings=(
            *(settings or {}).items(),
            *words.place_fields(note, fields).items(),
        ),
        config=_path(config),
        out=_path(out),
        backend=backend,
        precision=precision,
        command=words.describe_call(
            {**named, "baseline": None if baseline else False}
        ),
        ensemble=ensemble,
        members=members,
        combine=combine,
        baseline=baseline,
    )
    outcome = training.fit(request, make_reporter(as_json=False, quiet=quiet))
    training.check_finished(outcome)
    from kerasnotes.use.trained_run import open_run

    return open_run(outcome.run.folder, request.arrays)


def ensemble(
    members: "Sequence[TrainedRun | Place]",
    *,
    combine: str = "mean",
    out: Place | None = None,
    backend: str | None = None,
    precision: str | None = None,
    progress: "Progress | None" = None,
) -> "TrainedRun":
    """Puts trained runs together to one, as `kn ensemble` does.

    Args:
        members: Two runs or more, for the same data and the same classes or
            values; of whatever notes.
        combine: `mean` of the answers; `weighted`, by weights fitted on the
            validation part; `vote`, the class with the most votes; or
            `stacked`, by a logistic or ridge regression on what members of
            folds answer to what they did not learn from.
        out: The run's own folder; by default the next free
            `ckpts/ensemble`.
        backend: As of `fit`.
        precision: As of `fit`.
        progress: Told how far the measuring is.

    Returns:
        The run, whose model holds all members. Its metrics have the members'
        means beside them, `accuracy_member`; of a mean of classes, its doubt
        is told as a Bayesian network's is.

    Raises:
        UsageError: If the runs do not go together.
        DataError: If the data of the first are gone.
        StorageError: If something cannot be read or written.

    Example:
        >>> import kerasnotes as kn
        >>> runs = [
        ...     kn.fit("mlp", epochs=2, widths=[16], seed=seed, quiet=True)
        ...     for seed in range(3)
        ... ]
        >>> together = kn.ensemble(runs)
        >>> together.metrics["nll"] < together.metrics["nll_member"]
        True
    """
    from kerasnotes.runtime.setup import setup

    if isinstance(members, str | Path):
        raise UsageError(
            "An ensemble has several members.",
            expected="a list of runs",
            received=repr(members),
        )
    paths = [_run_path(member) for member in members]
    choice = setup(backend, precision)
    from kerasnotes.use.ensembles.assemble import assemble
    from kerasnotes.use.trained_run import open_run

    made = assemble(
        paths, choice, combine=combine, out=_path(out), progress=progress
    )
    return open_run(made.run.folder, remarks=made.remarks)


def load(
    run: Place,
    *,
    data: Any = None,
    classes: Sequence[str] | None = None,
    answers: str | None = None,
    scale: tuple[float, float] | None = None,
    backend: str | None = None,
    precision: str | None = None,
) -> "TrainedRun":
    """Loads a trained run: the same object as `kn.fit` returns.

    A `.keras` file that Keras alone wrote says too little of itself. It is
    understood from labelled data; what is guessed is in `remarks`, and the
    model that is returned takes raw values and gives probabilities.

    Args:
        run: The run's folder, a `.keras` file, or a name below `ckpts`.
        data: What such a file is for, as of `fit`. This and the next three
            are of no use for a run of ours.
        classes: Every class, in the order of its outputs; by default the
            data's.
        answers: `probabilities` or `logits`, where it does not tell.
        scale: What the smallest and largest raw value are fed as: `(0, 1)`.
        backend: As of `fit`; any will do, whatever trained the run.
        precision: As of `fit`.

    Raises:
        StorageError: If there is none, or it cannot be read.
        UsageError: If the backend cannot be had, or a file's model fits no
            task.
        DataError: If `data` do not fit a file's model.

    Example:
        >>> import kerasnotes as kn
        >>> run = kn.load("ckpts/mlp")
        >>> run.spec.input.shape, run.model.output_shape
        ((8, 8, 1), (None, 10))
    """
    from kerasnotes.use.foreign.told import FileDescription
    from kerasnotes.use.opening import open_path

    description = FileDescription.of(_source(data), classes, answers, scale)
    return open_path(_run_path(run), description, backend, precision)


def evaluate(
    run: "TrainedRun | Place",
    data: Any = None,
    *,
    target: str | Sequence[str] | None = None,
    split: str | None = None,
    batch_size: int | None = None,
    ood: Any = None,
    samples: int | None = None,
    seed: int = 0,
    out: Place | None = None,
    backend: str | None = None,
    precision: str | None = None,
    progress: "Progress | None" = None,
    classes: Sequence[str] | None = None,
    answers: str | None = None,
    scale: tuple[float, float] | None = None,
    **sampling: Any,
) -> "Evaluation":
    """Measures a trained model, as `kn eval` does.

    Args:
        run: A run, or where it lies.
        data: As of `fit`; by default what the model was trained on. A
            `.keras` file that Keras alone wrote needs it.
        target: The label column of a table, or the labels' key, if it is
            another than in training.
        split: `train`, `validation`, `test`, or `all` three as one. By
            default `test` of the training's data and of data that have a
            test part of their own, `all` of others.
        batch_size: Examples at once; by default as in training.
        ood: Data of another kind, to be told from the model's own.
        samples: Examples drawn by a generator, or passes of a Bayesian
            network.
        seed: Of everything drawn.
        out: Folder to write the figures to; by default they are only drawn
            when looked at.
        backend: As of `fit`.
        precision: As of `fit`.
        progress: Called as `progress(what, done, total)`.
        classes: Of a file that Keras alone wrote, as of `load`.
        answers: The same.
        scale: The same.
        **sampling: `sampler`, `schedule`, `steps`, `guidance` and `eta`, as
            of `sample`.

    Returns:
        `metrics` by name, `figures` (PIL images) by name, `remarks`,
        `examples`.

    Raises:
        DataError: If the data do not fit the model.
        UsageError: If the model has no use for an option.
        StorageError: If the run cannot be read.
        OutOfMemoryError: If a batch does not fit into memory.

    Example:
        >>> import kerasnotes as kn
        >>> told = kn.evaluate("ckpts/mlp")
        >>> told.examples, list(told.figures)
        (359, ['predictions', 'confusion', 'reliability', 'mistakes'])
        >>> images, digits = kn.data("digits").arrays("test")
        >>> own = kn.evaluate("ckpts/mlp", data=(images, digits))
        >>> abs(own.metrics["accuracy"] - told.metrics["accuracy"]) < 1e-9
        True
    """
    trained = _open(
        run,
        backend,
        precision,
        data=data if _is_bare(run) else None,
        classes=classes,
        answers=answers,
        scale=scale,
    )
    from kerasnotes.contracts.generation import Request
    from kerasnotes.contracts.report import Conditions
    from kerasnotes.use.evaluate import check_sampling, evaluate

    check_sampling(sampling)
    conditions = Conditions(
        progress=progress,
        samples=samples,
        request=Request(1, **sampling) if sampling else None,
        seed=seed,
    )
    return evaluate(
        trained,
        source=_source(data),
        target=target,
        split=split,
        other=_source(ood),
        batch_size=batch_size,
        conditions=conditions,
        out=_path(out),
    )


def compare(
    *runs: "TrainedRun | Place",
    data: Any = None,
    split: str | None = None,
    samples: int | None = None,
    seed: int = 0,
    quick: bool = False,
    backend: str | None = None,
    precision: str | None = None,
    progress: "Progress | None" = None,
) -> "Compared":
    """Measures several runs on one data set, as `kn compare` does.

    Args:
        *runs: Two runs or more, or where they lie.
        data: As of `fit`; by default what all of them were trained on.
        split: As of `evaluate`.
        samples: That each generator draws to be measured.
        seed: Of everything drawn.
        quick: Whether generators are measured by few samples, and without a
            classifier.
        backend: As of `fit`.
        precision: As of `fit`.
        progress: Called as `progress(what, done, total)`.

    Returns:
        `rows`, a run each; `real`, what real examples score; `table()`;
        and `figures`, PIL images by name.

    Raises:
        DataError: If they were trained on different data, and `data` does
            not say on which to compare them.
        UsageError: If their tasks differ, or the backend cannot be had.
        StorageError: If a run cannot be read.

    Example:
        >>> import kerasnotes as kn
        >>> other = kn.fit("mlp", epochs=1, widths=[8], seed=1, quiet=True)
        >>> told = kn.compare("ckpts/mlp", other)
        >>> [row.note for row in told.rows], told.examples
        (['mlp', 'mlp'], 359)
        >>> len(told.table()["accuracy"])
        3
    """
    opened = [_open(run, backend, precision) for run in runs]
    from kerasnotes.use.compare import compare

    return compare(
        opened,
        source=_source(data),
        split=split,
        samples=samples,
        seed=seed,
        quick=quick,
        progress=progress,
    )


def predict(
    run: "TrainedRun | Place",
    inputs: Any,
    *,
    data: Any = None,
    classes: Sequence[str] | None = None,
    answers: str | None = None,
    scale: tuple[float, float] | None = None,
    batch_size: int | None = None,
    beam: int | None = None,
    backend: str | None = None,
    precision: str | None = None,
    progress: "Progress | None" = None,
) -> "list[Answer]":
    """Answers for files, folders or arrays, as `kn predict` does.

    Args:
        run: A run, or where it lies.
        inputs: A path, or a list of paths; or an array of raw values, one
            example `(H, W, C)` or `(D,)`, or a batch of them. Grey images
            may lack their channel. Of a forecast that is told what is known
            ahead: `{"series": (N, T, D), "future": (N, H, C)}`.
        data: Of a file that Keras alone wrote, as of `load`.
        classes: The same.
        answers: The same.
        scale: The same.
        batch_size: Examples at once; by default as in training.
        beam: Of a translation, answers that the search keeps; by default
            one, the likeliest token at each place.
        backend: As of `fit`.
        precision: As of `fit`.
        progress: Called as `progress(what, done, total)`.

    Returns:
        One answer an image or row, always a list: `ClassAnswer` (`label`,
        `probability`, `probabilities`), `MaskAnswer` (`mask`, `parts`,
        `images`) or `RestoredAnswer`; `row` holds all as flat values.

    Raises:
        DataError: If an input cannot be read, or does not fit the model.
        UsageError: If the model answers for nothing.
        StorageError: If the run cannot be read.
        OutOfMemoryError: If a batch does not fit into memory.

    Example:
        >>> import kerasnotes as kn
        >>> images, digits = kn.data("digits").arrays("test")
        >>> answers = kn.predict("ckpts/mlp", images[:3])
        >>> len(answers), answers[0].label in "0123456789"
        (3, True)
        >>> round(sum(answers[0].probabilities.values()), 3)
        1.0
    """
    description = {"data": data, "classes": classes, "answers": answers}
    opened = _open(run, backend, precision, **description, scale=scale)
    return opened.predict(
        inputs, batch_size=batch_size, beam=beam, progress=progress
    )


def sample(
    run: "TrainedRun | Place | None" = None,
    count: int | None = None,
    *,
    label: str | int | None = None,
    sampler: str | None = None,
    schedule: str | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    eta: float | None = None,
    seed: int | None = None,
    recipe: Place | None = None,
    trajectory: bool | Place = False,
    grid: bool | None = None,
    out: Place | bool = False,
    prompt: str | None = None,
    length: int | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    tell: Callable[[str], None] | None = None,
    backend: str | None = None,
    precision: str | None = None,
    progress: "Progress | None" = None,
) -> Any:
    """Draws new examples from a generator, or text, as `kn sample` does.

    Args:
        run: A run, or where it lies; may be left out with `recipe`.
        count: How many; by default 64.
        label: Draw this class: its name or number.
        sampler: How the way is walked: `dpmpp_2m`.
        schedule: Its noise levels: `karras`.
        steps: Steps of the sampler.
        guidance: Weight of the class asked for; 1 is no guidance.
        eta: Noise of DDIM, 0 to 1.
        seed: Of all noise; one seed is one picture on every backend. By
            default 0.
        recipe: A PNG that `kn sample` wrote, to be repeated; what is named
            besides changes the recipe.
        trajectory: Whether every tenth of the way there is kept; or the
            `.png`, `.gif` or `.npz` to write it to.
        grid: Whether what is written is one picture of all.
        out: What to write: a `.png`, a folder, a `.npz` (tables also a
            `.csv`); `True` is the next free `NAME-samples.png` here. By
            default nothing is written.
        prompt: Of a language: what to go on from; by default the beginning
            of a line.
        length: Of a language: tokens to draw; by default 500.
        temperature: Of a language: logits are divided by it; 0 takes the
            likeliest token. By default 1.
        top_k: Of a language: only so many likeliest tokens may come.
        top_p: Of a language: only the likeliest tokens that together are so
            probable.
        tell: Of a language: called with each piece of text as it comes.
        backend: As of `fit`.
        precision: As of `fit`.
        progress: Called as `progress(what, done, total)`.

    Returns:
        Of a language a `WrittenText`: `text`, `prompt`, `seed`. Else
        `Samples`: `values` `(N, H, W, C)` or `(N, D)`, raw; `images` and
        `grid`, PIL; `labels`, `trajectory`, `recipe`.

    Raises:
        UsageError: If the run is no generator, or cannot do what is asked.
        StorageError: If something cannot be read or written.
        OutOfMemoryError: If it does not fit into memory.

    Example:
        >>> import kerasnotes as kn
        >>> drawn = kn.sample("ckpts/vae", 4, seed=1)
        >>> drawn.values.shape, drawn.images[0].size
        ((4, 8, 8, 1), (8, 8))
    """
    from kerasnotes.contracts.text_sampling import check_options
    from kerasnotes.runtime.setup import setup
    from kerasnotes.use.recipe import backend_of, read_recipe
    from kerasnotes.use.trained import check_generates, task_of

    text: dict[str, Any] = {
        "prompt": prompt,
        "length": length,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
    }
    examples: dict[str, Any] = {
        "count": count,
        "sampler": sampler,
        "schedule": schedule,
        "steps": steps,
        "guidance": guidance,
        "eta": eta,
    }
    before = read_recipe(Path(recipe)) if recipe is not None else None
    if before is not None:
        backend, precision = backend_of(before, backend, precision)
    source = run or (before.run if before is not None else None)
    if source is None:
        raise UsageError(
            "Name a run, or a picture to repeat with --from.",
            hint="kn sample ckpts/ddpm   or   kn sample --from PICTURE.png",
        )
    named = isinstance(source, str | Path)
    task = task_of(_run_path(source)) if named else _check_run(source).task.name
    shown = {"label": label, "recipe": recipe, "grid": grid}
    check_options(
        str(task), {**examples, **shown, **text, "trajectory": trajectory}
    )
    if task == "language":
        target = None if isinstance(out, bool) else _path(out)
        opened = _open(source, backend, precision)
        from kerasnotes.use.sample_text import sample_text

        return sample_text(opened, **text, seed=seed, out=target, tell=tell)
    if named:
        check_generates(_run_path(source))
    choice = setup(backend, precision)
    from kerasnotes.use.sample import sample
    from kerasnotes.use.sample_files import OutputRequest

    path = None if isinstance(trajectory, bool) else Path(trajectory)
    target = None if isinstance(out, bool) else Path(out)
    output = OutputRequest(target, path, grid)
    return sample(
        _open(source, backend, precision),
        choice,
        recipe=before,
        named=run is not None,
        label=None if label is None else str(label),
        trajectory=bool(trajectory),
        output=output if out is not False or path is not None else None,
        progress=progress,
        **examples,
        seed=seed,
    )


def export(
    run: "TrainedRun | Place",
    format: str = "saved_model",
    *,
    out: Place | None = None,
    name: str | None = None,
    size: tuple[int, int] | None = None,
    quantize: str | None = None,
    force: bool = False,
) -> "Exported":
    """Writes a model for a server, another runtime or a phone: `kn export`.

    A process of its own does it; what is written is compared with the
    model first.

    Args:
        run: A run, or where it lies.
        format: `saved_model`, `onnx`, `litert`, ...: `kn export --help`.
        out: Folder to write to; by default `RUN/export`.
        name: Name to serve it by; by default the note's.
        size: Height and width to fix, in pixels; by default they stay free.
        quantize: `int8` or `float16`, where the format has it.
        force: Keep a quantized model that lost more than 5 points.

    Returns:
        `path`, and `report`, the JSON file that describes it.

    Raises:
        UsageError: If the format cannot do what is asked.
        StorageError: If the model cannot be read, or exported correctly.
        DataError: If the data to measure a quantized model on is gone.

    Example:
        >>> import kerasnotes as kn
        >>> made = kn.export("ckpts/mlp", out="served")
        >>> made.path, list(made.signature["outputs"])
        (PosixPath('served/mlp/1'), ['probabilities'])
    """
    from kerasnotes.use.exported import export_model

    return export_model(
        _run_path(run),
        format=format,
        out=_path(out),
        name=name,
        size=size,
        quantize=quantize,
        force=force,
    )


def runs(*folders: Place) -> "list[Row]":
    """Returns the runs in folders, the newest first, as `kn runs` lists them.

    Args:
        *folders: Of runs, or runs; by default `ckpts`. One that cannot be
            read is left out, with a warning.

    Returns:
        A row each: `run` (its folder), `note`, `data`, `metric` and `value`,
        `epochs`, `planned`, `seconds`, `started`, `state`, `reason`.

    Raises:
        StorageError: If there is no such folder.

    Example:
        >>> import kerasnotes as kn
        >>> (row, *_) = [row for row in kn.runs() if row.run == "ckpts/mlp"]
        >>> row.run, row.data, row.metric, row.state
        ('ckpts/mlp', 'digits', 'accuracy', 'finished')
    """
    import warnings

    from kerasnotes.runs.listing import list_runs

    paths = [Path(folder).expanduser() for folder in folders]
    return list_runs(paths, lambda text: warnings.warn(text, stacklevel=3))


def notes() -> "dict[str, Note]":
    """Returns every note by name, as `kn list` shows them.

    Each says its `task`, its default `data` and a `summary`;
    `config_class()` has the fields that `fit` takes by keyword.
    `kerasnotes.notes.import_note("my_net.py")` adds one of your own.

    Example:
        >>> import kerasnotes as kn
        >>> kn.notes()["unet"].task
        'segmentation'
        >>> "width" in kn.notes()["unet"].config_class().model_fields
        True
    """
    from kerasnotes.notes import known_notes

    return known_notes()


def data(source: Any, **settings: Any) -> "Dataset":
    """Loads a data set, as `kn fit --data` would.

    Args:
        source: A built-in set, a `keras.datasets` name, a path or arrays:
            as `data` of `fit`.
        **settings: Fields of `kerasnotes.base.config.DataConfig`:
            `classes`, `target`, `keep`, `leave_out`, `labels`,
            `image_size`, `validation`, `test`, `split_seed`.

    Returns:
        Its `spec`, the parts `train`, `validation` and `test`, and its
        `remarks`; `arrays("test")` returns a part whole.

    Raises:
        UsageError: If a name or setting is unknown.
        DataError: If the data cannot be used; lists what is wrong.

    Example:
        >>> import kerasnotes as kn
        >>> digits = kn.data("digits")
        >>> digits.spec.input.shape, len(digits.train), len(digits.test)
        ((8, 8, 1), 1258, 359)
        >>> x, y = digits.arrays("test")
        >>> x.shape, y.shape
        ((359, 8, 8, 1), (359,))
    """
    from kerasnotes.base.config import DataConfig, build
    from kerasnotes.data.held.arrays import InMemory
    from kerasnotes.data.load import load
    from kerasnotes.data.words import SOURCE

    given = _source(source)
    held = given if isinstance(given, InMemory) else None
    name = SOURCE if held is not None else given
    return load(build(DataConfig, {**settings, "source": name}, "data"), held)


def _open(
    run: "TrainedRun | Place",
    backend: str | None,
    precision: str | None,
    **description: Any,
) -> "TrainedRun":
    if isinstance(run, str | Path):
        return load(run, backend=backend, precision=precision, **description)
    from kerasnotes.runtime.setup import setup
    from kerasnotes.use.foreign.told import FileDescription
    from kerasnotes.use.opening import check_no_description

    described = FileDescription.of(**description)
    check_no_description(_check_run(run).path, described)
    # It was built on what runs; another backend is refused here.
    setup(backend, precision)
    return run


def _run_path(run: "TrainedRun | Place") -> Path:
    """Returns where a run lies; a bare name may be one below `ckpts`."""
    from kerasnotes.runs.run import find_run

    if isinstance(run, str | Path):
        return find_run(Path(run).expanduser())
    return _check_run(run).path


def _check_run(run: Any) -> "TrainedRun":
    """Refuses what is no run.

    Raises:
        UsageError: Says what it is.
    """
    from kerasnotes.use.trained import Trained

    if not isinstance(run, Trained):
        raise UsageError(
            "This is no run.",
            expected="a run's folder, a .keras file, a name below ckpts, or "
            "what kn.fit and kn.load return",
            received=f"{type(run).__name__}: {str(run)[:80]}",
        )
    return cast("TrainedRun", run)


def _is_bare(run: "TrainedRun | Place") -> bool:
    from kerasnotes.runs.archive.archive import is_bare

    return isinstance(run, str | Path) and is_bare(_run_path(run))


def _path(place: Place | None) -> Path | None:
    return None if place is None else Path(place).expanduser()


def _source(data: Any) -> "Source | None":
    """Returns what was handed in as data: a source's name, or arrays."""
    if data is None or isinstance(data, str):
        return data
    if isinstance(data, Path):
        return str(data)
    from kerasnotes.data.held.arrays import to_arrays

    return to_arrays(data)
