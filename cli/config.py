"""`kn config`: every setting of a note, as `--config` reads it back."""

from pathlib import Path
from typing import Any

import click

from .shared.output import json_option, print_json


@click.command()
@click.argument("name", metavar="NOTE")
@click.option("--data", help="Resolve for this data source.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change one."
)
@click.option("--config", type=click.Path(path_type=Path), help="Start here.")
@click.option("--schema", is_flag=True, help="Print the JSON schema instead.")
@json_option
def command(
    name: str,
    data: str | None,
    settings: tuple[str, ...],
    config: Path | None,
    schema: bool,
    as_json: bool,
) -> None:
    """Print every setting of NOTE, resolved for its data, as YAML.

    \b
    kn config unet > unet.yaml
    kn fit unet --config unet.yaml
    """
    from kerasnotes.notes import find
    from kerasnotes.training import settings as resolver

    note = find(name)

    if schema:
        print_json(_schema(note))
        return
    options = {"data": {"source": data}}
    given = resolver.gather(config, settings, options, note)
    value = _resolve(resolver.make(note, given))
    if as_json:
        print_json(value)
        return
    import yaml

    click.echo(yaml.safe_dump(value, sort_keys=False), nl=False)


def _resolve(made: Any) -> Any:
    from kerasnotes.data.outline import outline
    from kerasnotes.tasks.catalog import choose_task
    from kerasnotes.training.resolving import resolve

    spec, train = outline(made.data)
    choose_task(made.note, spec, made.data)
    return resolve(made, spec, train).to_json()


def _schema(note: Any) -> dict[str, Any]:
    from kerasnotes.base.config import DataConfig, TrainConfig

    return {
        "model": note.config_class().model_json_schema(),
        "data": DataConfig.model_json_schema(),
        "train": TrainConfig.model_json_schema(),
    }
