"""`kn info`: what a note is and what it costs."""

from typing import Any

import click

from .shared.hints import given_options
from .shared.output import json_option, print_json


@click.command()
@click.argument("name", metavar="NOTE")
@click.option("--size", type=click.IntRange(1, 8192), help="Image side.")
@click.option("--data", help="Size inputs and outputs for this data source.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change one."
)
@json_option
def command(
    name: str,
    size: int | None,
    data: str | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show NOTE's paper, equation, layers, parameters, FLOPs and memory."""
    from kerasnotes.notes import find
    from kerasnotes.notes.about import read_about
    from kerasnotes.training import settings as resolver

    note = find(name)
    given = resolver.gather(None, settings, {"data": {"source": data}}, note)
    # Everything that can be wrong is found before a framework starts.
    made, spec = _resolve(resolver.make(note, given))
    about = read_about(note)
    if not as_json:
        click.echo(f"{note.name}: {about}\n")
    value = {"note": note.name, "about": about, **_measure(made, spec, size)}
    if as_json:
        print_json(value)
        return
    _print_layers(value)
    _print_totals(note.name, value, data, settings)


def _resolve(made: Any) -> tuple[Any, Any]:
    """Returns the settings, whole, and the description of their data."""
    from kerasnotes.data.outline import outline
    from kerasnotes.tasks.catalog import choose_task
    from kerasnotes.training.resolving import resolve

    spec, train = outline(made.data)
    choose_task(made.note, spec, made.data)
    return resolve(made, spec, train), spec


def _measure(made: Any, spec: Any, size: int | None) -> dict[str, Any]:
    """Builds the network and counts; starts a framework."""
    import dataclasses

    from kerasnotes.runtime.setup import setup

    setup()
    from kerasnotes.use.inspection import note_costs, training_bytes

    channels = spec.input.shape[-1] or 1
    model = made.note.model_class()(
        made.model, spec, [0.0] * channels, [1.0] * channels
    )
    side = size or made.data.patch
    shape = tuple(side or s or 128 for s in spec.input.shape[:-1]) + (channels,)
    costs = note_costs(model, shape)
    return {
        "input_shape": shape,
        "classes": spec.target.num_classes,
        "layers": [dataclasses.asdict(cost) for cost in costs],
        "parameters": sum(cost.parameters for cost in costs),
        "flops": sum(cost.flops for cost in costs),
        "batch_size": made.train.batch_size,
        "training_bytes": training_bytes(costs, made.train.batch_size),
    }


def _print_layers(value: dict[str, Any]) -> None:
    wide = max(len(row["name"]) for row in value["layers"])
    for row in value["layers"]:
        shape = " x ".join(map(str, row["shape"]))
        click.echo(
            f"{row['name']:<{wide}}  {row['kind']:<20} {shape:<16}"
            f"{row['parameters']:>12,}{row['flops'] / 1e6:>12.2f} MFLOP"
            f"{_sees(row['sees'])}"
        )


def _sees(sides: Any) -> str:
    return f"  sees {sides[0]} x {sides[1]}" if sides else ""


def _print_totals(
    name: str,
    value: dict[str, Any],
    data: str | None,
    settings: tuple[str, ...],
) -> None:
    options = given_options({"--data": data, "--set": settings})
    click.echo(
        f"\nFor one input of {' x '.join(map(str, value['input_shape']))}, "
        f"{value['classes']} classes:\n"
        f"parameters  {value['parameters']:,}\n"
        f"forward     {value['flops'] / 1e6:,.2f} MFLOP (training: about "
        "three times that)\n"
        f"training    about {value['training_bytes'] / 2**20:.0f} MiB at "
        f"batch {value['batch_size']}, float32\n"
        f"\nNext: kn config {name}{options}   or   kn fit {name}{options}"
    )
