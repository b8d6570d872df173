"""`kn doctor`: is everything here that `kn` needs?"""

import textwrap
from typing import Any

import click

from .shared.output import json_option, print_json
from .shared.tables import print_table

_COLOURS = {"ok": "green", "note": "yellow", "failed": "red"}


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Check Python, backends, GPUs, folders; train a step on each backend.

    \b
    kn doctor            what is here, what would be used, and why
    kn doctor --json     the same for a program

    Ends with 0 if the backend that a run would use works, else with 1.
    """
    from kerasnotes.use import doctor

    def announce(what: str) -> None:
        if not as_json:
            click.secho(f"          {what}", dim=True)

    diagnosis = doctor.Diagnosis()
    for check, diagnosis in doctor.examine(announce):  # noqa: B007
        if not as_json:
            _print_check(check)
    if as_json:
        print_json(diagnosis.to_json())
    else:
        _print_verdict(diagnosis)
    if not diagnosis.works:
        raise click.exceptions.Exit(1)


def _print_check(check: Any) -> None:
    click.secho(f"{check.status:<8}", fg=_COLOURS[check.status], nl=False)
    click.echo(
        textwrap.fill(
            f"{check.name:<12}{check.detail}",
            width=100,
            subsequent_indent=" " * 20,
            initial_indent="  ",
        )
    )
    if check.hint:
        click.echo(f"{'':22}-> {check.hint}")


def _print_verdict(diagnosis: Any) -> None:
    rows = [
        [
            name,
            f"{answer['import_s']:.1f}",
            f"{answer['compile_s']:.1f}",
            f"{answer['step_ms']:.1f}",
        ]
        for name, answer in diagnosis.backends.items()
        if "error" not in answer
    ]
    if rows:
        click.echo()
        columns = ["backend", "start (s)", "first step (s)", "step (ms)"]
        print_table(columns, rows)
    click.echo()
    if diagnosis.works:
        click.echo(
            f"`kn` works here, on {diagnosis.chosen['backend']}. "
            "Next: kn fit unet"
        )
    else:
        click.echo(
            "`kn` cannot train here yet. "
            "Next: what stands behind -> above, then kn doctor"
        )
