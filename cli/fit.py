"""`kn fit`: trains a note, or goes on with a run."""

from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.ensembles import COMBINE, MEMBERS
from kerasnotes.base.errors import UsageError

from .shared.options import (
    MASKS,
    SERIES,
    RunPath,
    backend_options,
    mask_options,
    series_options,
    split_names,
    target_option,
)
from .shared.output import json_option, print_metrics


@click.command()
@click.argument("note", required=False)
@click.option(
    "--data",
    help="Built-in set, keras.datasets name, or path. With --resume: where "
    "the run's data are now.",
)
@click.option(
    "--epochs",
    type=int,
    help="Rounds of training, each validated: one pass over the training "
    "part, or `train.passes` of them. kn config NAME prints both.",
)
@click.option("--batch-size", type=int, help="Examples per step.")
@click.option("--learning-rate", type=float, help="Peak learning rate.")
@click.option("--seed", type=int, help="Seed of weights, order, augmentation.")
@click.option(
    "--time-limit",
    type=float,
    help="Seconds of training; the learning rate falls to its end by then.",
)
@click.option(
    "--early-stop", type=int, help="Epochs without improvement allowed."
)
@click.option(
    "--augment",
    metavar="WORDS",
    help="How training images are varied: none, light, strong or rand; and, "
    "with + between, any of mixup, cutmix, erasing.",
)
@click.option(
    "--from",
    "start_from",
    metavar="SOURCE",
    help="Begin with the weights of a run, a .keras file, or "
    "keras.applications:VGG16.",
)
@click.option(
    "--freeze",
    metavar="LAYERS",
    help="Layers that do not learn: patterns of names, with commas between, or "
    "`copied`.",
)
@click.option(
    "--unfreeze-after",
    type=int,
    metavar="EPOCHS",
    help="From then on frozen layers learn too.",
)
@click.option(
    "--lr-scale",
    type=float,
    help="Rate of the first layer, as part of the last's; between by depth.",
)
@click.option(
    "--baseline/--no-baseline",
    default=True,
    help="With --from: train the same from scratch too, to compare.",
)
@click.option(
    "--ensemble",
    type=int,
    metavar="N",
    help="Train N networks and put them together.",
)
@click.option(
    "--members",
    type=click.Choice(MEMBERS),
    help="With --ensemble: what they differ in. Their seeds [default]; also a "
    "draw of the training part, with replacement; also the fold of it that "
    "validates; or the cycle of one training.",
)
@click.option(
    "--folds",
    type=int,
    metavar="K",
    help="Cross-validate: as --ensemble K --members folds.",
)
@click.option(
    "--combine",
    type=click.Choice(COMBINE),
    help="With --ensemble: how they answer together. [default: mean]",
)
@click.option("--classes", help="Class names, separated by commas.")
@target_option
@series_options
@mask_options
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
    settings: tuple[str, ...],
    classes: str | None,
    target: Any,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Train NOTE on data, or resume a run.

    \b
    kn fit unet
    kn fit unet --data my_images/ --classes membrane,cell
    kn fit mlp --data mnist --set widths=[512,512] --backend jax
    kn fit lstm --data power.csv --horizon 24 --target load
    kn fit --resume ckpts/unet --epochs 40
    """
    from kerasnotes.notes import find

    if options["note"] is not None:
        # Before what takes half a second to import.
        find(options["note"])
    from kerasnotes.base.config import parse_setting
    from kerasnotes.training.progress import make_reporter
    from kerasnotes.use import fit
    from kerasnotes.use.fit_words import check_doubles

    _understand_folds(options)
    train = {name: options.pop(name) for name in fit.TRAIN_OPTIONS}
    read = {name: options.pop(name) for name in (*SERIES, *MASKS)}
    single = list(map(parse_setting, settings))
    data = {**read, "target": target}
    named = {**train, **options, **data, "classes": classes}
    check_doubles(named, dict(single), options=True)
    request = fit.FitRequest(
        train=train,
        classes=split_names(classes),
        settings=[
            *single,
            *(
                (f"data.{name}", value)
                for name, value in data.items()
                if value is not None
            ),
        ],
        **options,
    )
    outcome = fit.fit(request, make_reporter(as_json, quiet))
    fit.check_finished(outcome)
    if "members" in outcome.record and not (as_json or quiet):
        from .ensemble import tell

        tell(outcome.run.folder, outcome.record)
        return
    _report(outcome, as_json, quiet)


def _understand_folds(options: dict[str, Any]) -> None:
    """Puts `--folds K` in the words of other ensembles."""
    folds = options.pop("folds")
    if folds is None:
        return
    given = {name: options[name] for name in ("ensemble", "members")}
    said = [f"--{k} {v}" for k, v in given.items() if v is not None]
    if said:
        raise UsageError(
            "--folds K says both how many members there are and what they "
            "differ in.",
            expected="--folds alone",
            received=" ".join([f"--folds {folds}", *said]),
        )
    options |= {"ensemble": folds, "members": "folds"}


def _report(outcome: Any, as_json: bool, quiet: bool) -> None:
    folder, record = outcome.run.folder, outcome.record
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
    names = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix in (".png", ".gif")
    )
    pictures = ", ".join(n for n in names if not n.startswith("eval-"))
    click.echo(f"Pictures  {folder}: {pictures}")
    if record.get("formulae"):
        click.echo(f"Formula   {folder}: formula.txt, formula.tex, formula.py")
    generator = record["task"] in ("generation", "language")
    verb = "sample" if generator else "predict"
    use = shell_command(verb, folder) + ("" if generator else " FILE")
    click.echo(f"Next      {use}   or   {shell_command('eval', folder)}")


def _describe_best(record: dict[str, Any]) -> str:
    from kerasnotes.training.progress import show_epoch

    seconds = f"after {record['train_seconds']:.0f} s of training."
    best = record["best"]
    if best is None:
        return f"No epoch was finished; the weights are those {seconds}"
    epoch = show_epoch(best["epoch"])
    if best["value"] is None:
        return f"Weights of epoch {epoch}, {seconds}"
    return (
        f"Best epoch {epoch} of "
        f"{show_epoch(max(record['epochs'], best['epoch']))}: "
        f"{best['metric']} {best['value']:.4f}, {seconds}"
    )
