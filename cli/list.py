"""`kn list`: the notes."""

import dataclasses

import click

from .shared.output import json_option, print_json


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the notes: name, family, task, default data."""
    from kerasnotes.notes import known_notes

    if as_json:
        fields = ("name", "family", "task", "data", "summary")
        rows = [
            {k: v for k, v in dataclasses.asdict(n).items() if k in fields}
            for n in known_notes().values()
        ]
        print_json({"notes": rows})
        return
    width = max(8, *(len(name) + 2 for name in known_notes()))
    for note in known_notes().values():
        place = f"{note.family}, {' or '.join(note.tasks)}, data {note.data}"
        click.echo(f"{note.name:<{width}}{note.summary}")
        click.echo(f"{'':<{width}}{place}")
    click.echo("\nNext: kn fit NAME, kn info NAME, kn config NAME")
