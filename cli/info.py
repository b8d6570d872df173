"""`kn info`: what a note is and what it costs."""

from typing import Any

import click

from .output import json_option, print_json


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

    note = find(name)
    from kerasnotes.runtime.setup import setup

    setup()
    from kerasnotes.training import settings as resolver

    given = resolver.gather(None, settings, {"data": {"source": data}}, note)
    value = _describe(resolver.make(note, given), size)
    if as_json:
        print_json(value)
        return
    _print(note, value)


def _describe(made: Any, size: int | None) -> dict[str, Any]:
    import dataclasses

    from kerasnotes.data.load import load
    from kerasnotes.tasks.catalog import make_task
    from kerasnotes.training.job import resolve
    from kerasnotes.use.inspection import note_costs, training_bytes

    dataset = load(made.data)
    spec = dataset.spec
    made = resolve(made, dataset, make_task(made.note.task, spec))
    channels = spec.shape[-1] or 1
    model = made.note.model_class()(
        made.model, spec, [0.0] * channels, [1.0] * channels
    )
    side = size or made.data.patch
    shape = tuple(side or s or 128 for s in spec.shape[:-1]) + (channels,)
    costs = note_costs(model, shape)
    return {
        "note": made.note.name,
        "about": made.note.about(),
        "input_shape": shape,
        "classes": spec.num_classes,
        "layers": [dataclasses.asdict(cost) for cost in costs],
        "parameters": sum(cost.parameters for cost in costs),
        "flops": sum(cost.flops for cost in costs),
        "batch_size": made.train.batch_size,
        "training_bytes": training_bytes(costs, made.train.batch_size),
    }


def _print(note: Any, value: dict[str, Any]) -> None:
    click.echo(f"{note.name}: {value['about'].strip()}\n")
    wide = max(len(row["name"]) for row in value["layers"])
    for row in value["layers"]:
        shape = " x ".join(map(str, row["shape"]))
        click.echo(
            f"{row['name']:<{wide}}  {row['kind']:<20} {shape:<16}"
            f"{row['parameters']:>12,}{row['flops'] / 1e6:>12.2f} MFLOP"
        )
    click.echo(
        f"\nFor one input of {' x '.join(map(str, value['input_shape']))}, "
        f"{value['classes']} classes:\n"
        f"parameters  {value['parameters']:,}\n"
        f"forward     {value['flops'] / 1e9:.3f} GFLOP (training: about "
        "three times that)\n"
        f"training    about {value['training_bytes'] / 2**20:.0f} MiB at "
        f"batch {value['batch_size']}, float32\n"
        f"\nNext: kn config {note.name}, kn fit {note.name}"
    )
