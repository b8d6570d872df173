"""`kn ensemble`: several runs become one that answers for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.commands import command as shell_command

from .shared.options import RunPath, backend_options
from .shared.output import json_option, print_json, print_metrics, progress_bar


@click.command()
@click.argument("members", metavar="RUN RUN ...", nargs=-1, type=RunPath())
@click.option(
    "--combine",
    type=click.Choice(["mean", "weighted", "vote"]),
    default="mean",
    show_default=True,
    help="Mean of the answers; by weights fitted on the validation part; or "
    "the class with the most votes.",
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
    for one in listed:
        click.echo(f"  {one['weight']:.3f}  {one['note']}  {one['path']}")
    click.echo(f"\nOn the {record['split']} part, {len(listed)} members:")
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
