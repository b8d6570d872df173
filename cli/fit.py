"""`kn fit`: trains a note, or goes on with a run."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.errors import InterruptedRunError, UsageError

from .options import RunPath, backend_options, split_names
from .output import json_option, print_metrics

TRAIN_OPTIONS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "seed",
    "time_limit",
    "early_stop",
)


@click.command()
@click.argument("note", required=False)
@click.option("--data", help="Built-in set, keras.datasets name, or path.")
@click.option("--epochs", type=int, help="Passes over the training part.")
@click.option("--batch-size", type=int, help="Examples per step.")
@click.option("--learning-rate", type=float, help="Peak learning rate.")
@click.option("--seed", type=int, help="Seed of weights, order, augmentation.")
@click.option("--time-limit", type=float, help="Seconds of training.")
@click.option(
    "--early-stop", type=int, help="Epochs without improvement allowed."
)
@click.option(
    "--augment",
    type=click.Choice(["none", "light", "strong"]),
    help="Random variation of the training images.",
)
@click.option("--classes", help="Class names, separated by commas.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any setting that `kn config NAME` prints. Repeatable.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="YAML as `kn config NAME` prints it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The run's own folder. [default: the next free ckpts/NAME]",
)
@click.option(
    "--resume",
    type=RunPath(),
    metavar="RUN",
    help="Go on with this run; --epochs may grow, --backend may change.",
)
@backend_options
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@json_option
def command(
    note: str | None,
    resume: Path | None,
    as_json: bool,
    quiet: bool,
    backend: str | None,
    precision: str | None,
    **options: Any,
) -> None:
    """Train NOTE on data, or resume a run.

    \b
    kn fit unet
    kn fit unet --data my_images/ --classes membrane,cell
    kn fit mlp --data mnist --set widths=[512,512] --backend jax
    kn fit --resume ckpts/unet --epochs 40
    """
    from kerasnotes.runtime.setup import setup

    if (note is None) == (resume is None):
        raise UsageError(
            "Name a note to train, or a run to resume: one of the two.",
            hint="`kn list` shows the notes; kn fit --resume ckpts/unet",
        )
    asked = backend is not None
    # All that was said is checked before a framework takes seconds to start.
    if resume is not None:
        _check_resumed(options)
        backend, precision = _of_run(resume, backend, precision)
    made = None if note is None else _settings(note, options)
    choice = setup(backend, precision)
    from kerasnotes.training.progress import make_reporter

    reporter = make_reporter(as_json, quiet)
    if resume is not None and not asked:
        choice = dataclasses.replace(choice, reason="as the run before")
    reporter.say(f"{choice.backend} on {choice.device_name}: {choice.reason}")
    if resume is not None:
        outcome = _resume(resume, options, choice, reporter)
    else:
        outcome = _start(made, options["out"], choice, reporter)
    _report(outcome, as_json, quiet)


def _of_run(
    folder: Any, backend: str | None, precision: str | None
) -> tuple[str, str | None]:
    """Returns the backend and precision that a run goes on with."""
    from kerasnotes.runs.run import RESUMED, open_run

    before = open_run(folder).read_record(*RESUMED)["environment"]
    if backend is None or backend == before["backend"]:
        precision = precision or before["precision"]
    return backend or before["backend"], precision


def _settings(name: str, options: dict[str, Any]) -> Any:
    """Returns the settings that were given, checked."""
    from kerasnotes.notes import find

    note = find(name)
    from kerasnotes.runs.run import check_empty
    from kerasnotes.training import resolving, settings

    named = {
        "train": {key: options[key] for key in TRAIN_OPTIONS},
        "data": {
            "source": options["data"],
            "augment": options["augment"],
            "classes": split_names(options["classes"]),
        },
    }
    given = settings.gather(options["config"], options["settings"], named, note)
    made = settings.make(note, given)
    resolving.check_data(made)
    if options["out"] is not None:
        check_empty(options["out"])
    return made


def _start(made: Any, out: Path | None, choice: Any, reporter: Any) -> Any:
    from kerasnotes.training import fit

    return fit.start(made, choice, reporter, out=out)


def _check_resumed(options: dict[str, Any]) -> None:
    for name in ("data", "augment", "classes", "config", "out", "settings"):
        if options[name]:
            raise UsageError(
                f"--{name.replace('settings', 'set')} cannot be combined "
                "with --resume: a run keeps its settings.",
                hint="start a new run for other settings",
            )


def _resume(
    folder: Path, options: dict[str, Any], choice: Any, reporter: Any
) -> Any:
    from kerasnotes.training import fit

    changes = {
        key: options[key] for key in TRAIN_OPTIONS if options[key] is not None
    }
    return fit.resume(folder, changes, choice, reporter)


def _report(outcome: Any, as_json: bool, quiet: bool) -> None:
    folder, record = outcome.run.folder, outcome.record
    if outcome.stopped == "interrupted":
        raise InterruptedRunError(
            f"Interrupted; everything is saved in {folder}.",
            hint=shell_command("fit", "--resume", folder),
        )
    if as_json:
        import json

        event = {"event": "end", "run": str(folder), **record}
        click.echo(json.dumps(event))
        return
    if quiet:
        return
    if outcome.stopped:
        click.echo(
            f"Stopped: {outcome.stopped}. To go on: "
            + shell_command("fit", "--resume", folder)
        )
    click.echo(f"\nOn the {record['split']} part:")
    print_metrics(record["metrics"])
    click.echo(f"\n{_describe_best(record)}")
    click.echo(f"Model     {outcome.run.model_path}")
    names = sorted(path.name for path in folder.glob("*.png"))
    pictures = ", ".join(n for n in names if not n.startswith("eval-"))
    click.echo(f"Pictures  {folder}: {pictures}")
    generator = record["task"] == "generation"
    verb = "sample" if generator else "predict"
    use = shell_command(verb, folder) + ("" if generator else " FILE")
    click.echo(f"Next      {use}   or   {shell_command('eval', folder)}")


def _describe_best(record: dict[str, Any]) -> str:
    seconds = f"after {record['train_seconds']:.0f} s of training."
    best = record["best"]
    if best is None:
        return f"No epoch was finished; the weights are those {seconds}"
    if best["value"] is None:
        return f"Weights of epoch {best['epoch']}, {seconds}"
    return (
        f"Best epoch {best['epoch']} of {record['epochs']}: "
        f"{best['metric']} {best['value']:.4f}, {seconds}"
    )
