"""`kn ensemble`: several runs become one that answers for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command
from kerasnotes.base.ensembles import COMBINE

from .shared.options import RunPath, backend_options
from .shared.output import json_option, print_json, print_metrics, progress_bar
from .shared.tables import print_table


@click.command()
@click.argument("members", metavar="RUN RUN ...", nargs=-1, type=RunPath())
@click.option(
    "--combine",
    type=click.Choice(COMBINE),
    default="mean",
    show_default=True,
    help="Mean of the answers; by weights fitted on the validation part; the "
    "class with the most votes; or a regression on what members of folds "
    "answer to what they did not learn from.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The run's own folder. [default: the next free ckpts/ensemble]",
)
@backend_options
@json_option
def command(
    members: tuple[Path, ...],
    combine: str,
    out: Path | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Put trained runs together to one model.

    All are kept in it: it is measured, exported and served like any other,
    and where its members disagree, it doubts.

    \b
    kn ensemble ckpts/cnn ckpts/cnn-2 ckpts/resnet
    kn ensemble ckpts/cnn* --combine weighted
    kn fit cnn --ensemble 5              trains the members too
    """
    from kerasnotes import api

    with progress_bar(quiet=as_json) as progress:
        made = api.ensemble(
            list(members),
            combine=combine,
            out=out,
            backend=backend,
            precision=precision,
            progress=progress,
        )
    if as_json:
        print_json({"run": str(made.path), **made.record})
        return
    tell(made.path, made.record, made.remarks)


def tell(
    folder: Path, record: dict[str, Any], remarks: Sequence[str] = ()
) -> None:
    """Prints what an ensemble reached, and what to do with it."""
    listed = record["members"]
    click.echo("Members, the weight of each before it:")
    for one in listed:
        click.echo(f"  {one['weight']:.3f}  {one['note']}  {one['path']}")
    for told in record.get("cross_validation", ()):
        _tell_folds(told)
    if "out_of_bag" in record:
        _tell_bag(record["out_of_bag"])
    how = "stacked" if record["combine"] == "stacked" else "together"
    click.echo(f"\nOn the {record['split']} part, {len(listed)} members {how}:")
    print_metrics(record["metrics"])
    for remark in remarks:
        click.echo(f"Note: {remark}", err=True)
    click.echo(f"\nModel     {folder / 'model.keras'}")
    names = ", ".join(sorted(path.name for path in folder.glob("*.png")))
    click.echo(f"Pictures  {folder}: {names}")
    click.echo(
        f"Next      {shell_command('predict', folder)} FILE   or   "
        f"{shell_command('export', folder)}"
    )


def _tell_folds(told: dict[str, Any]) -> None:
    """Prints what members reached on their own folds."""
    folds = told["folds"]
    click.echo(f"\n{told['note']}, each fold by who did not learn from it:")
    rows = [
        [
            name,
            *(f"{fold['metrics'][name]:.4f}" for fold in folds),
            f"{mean:.4f} ± {told['deviation'][name]:.4f}",
            f"{told['out_of_fold'][name]:.4f}",
        ]
        for name, mean in told["mean"].items()
    ]
    numbers = [f"fold {fold['fold']}" for fold in folds]
    print_table(["", *numbers, "mean", "all as one"], rows)


def _tell_bag(told: dict[str, Any]) -> None:
    """Prints what members reached on what they did not draw."""
    click.echo(
        f"\nOut of bag, {told['examples']:,} of {told['of']:,} training "
        f"examples, each by the {told['members']:.1f} members, on average, "
        "that did not draw it:"
    )
    print_metrics(told["metrics"])
