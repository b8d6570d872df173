"""A stranger's `.keras` file: understood from itself and from the data.

Everything here is settled before a framework starts: the file is checked
and read as an archive, the data are read, and the two are compared.
"""

import dataclasses
from pathlib import Path

from kerasnotes.base import config as cfg
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.load import load
from kerasnotes.data.outline import outline
from kerasnotes.data.spec import Spec
from kerasnotes.data.words import SOURCE
from kerasnotes.runs.archive import archive, zip_file
from kerasnotes.runs.archive.interface import Interface, read_interface
from kerasnotes.use.foreign import checks
from kerasnotes.use.foreign.remarks import remarks
from kerasnotes.use.foreign.told import FileDescription

SMALLEST = 8
"""Side, in pixels, of the smallest images that folders are read at."""


@dataclasses.dataclass(frozen=True)
class Foreign:
    """A file that Keras alone wrote, and what it means on some data.

    Args:
        path: The file.
        description: What the user says of it.
        interface: What the model takes and answers.
        spec: The data, with the classes in the model's order.
        config: How the data are read.
        logits: Whether its numbers are logits.
        remarks: What was guessed, a sentence each.
    """

    path: Path
    description: FileDescription
    interface: Interface
    spec: Spec
    config: DataConfig
    logits: bool
    remarks: tuple[str, ...]

    @property
    def task(self) -> str:
        """What its answers mean: the data say it."""
        whole = self.spec.target.kind == "class"
        return "classification" if whole else "segmentation"


def read_foreign(path: Path, description: FileDescription) -> Foreign:
    """Understands a file that has no record; imports no framework.

    Args:
        path: The `.keras` file.
        description: What the user says of it.

    Raises:
        StorageError: If it is damaged, needs code, or is a class of its own.
        UsageError: If its inputs or outputs fit no task, or if something
            must be said that the file does not say.
        DataError: If the data do not fit the model.
    """
    interface = _read(path)
    checks.check_interface(path, interface)
    if description.data is None:
        raise _no_data(path)
    logits = checks.are_logits(path, interface, description.answers)
    config = _config(interface, description.data)
    if isinstance(description.data, InMemory):
        spec = load(config, description.data).spec
    else:
        spec, _ = outline(config)
    checks.check_input(interface, spec)
    if description.scale is not None:
        checks.check_scale(spec)
    if interface.output is not None:
        checks.check_output(interface.output, interface, spec)
    spec = checks.order_classes(spec, description.classes)
    if interface.output is not None:
        checks.check_count(interface.output, spec)
    foreign = Foreign(path, description, interface, spec, config, logits, ())
    return dataclasses.replace(foreign, remarks=tuple(remarks(foreign)))


def _read(path: Path) -> Interface:
    archive.check(path)
    with zip_file.open_archive(path) as opened:
        config = archive.read_config(path, opened)
    interface = read_interface(config)
    if interface is None:
        raise checks.own_class(path, str(config["class_name"]))
    return interface


def _config(interface: Interface, data: str | InMemory) -> DataConfig:
    """Returns how to read the data: folders at the size the model takes."""
    values: dict[str, object] = {
        "source": SOURCE if isinstance(data, InMemory) else data
    }
    sizes = interface.inputs[0][:2]
    if checks.reads_images(interface) and None not in sizes:
        if len(set(sizes)) == 1 and len(interface.output or (0,)) == 1:
            values["image_size"] = max(SMALLEST, sizes[0] or 0)
    return cfg.build(DataConfig, values, "data")


def _no_data(path: Path) -> UsageError:
    return UsageError(
        f"{path} was not written by kerasnotes: it does not say what its "
        "answers mean.",
        expected="labelled data to read its classes from, beside the file",
        received="no data",
        hint="name what it was trained for with --data DATA",
    )
