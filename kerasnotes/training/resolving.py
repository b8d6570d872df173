"""Settings made whole by what is known of the data; imports no framework."""

import dataclasses
from collections.abc import Sized

from kerasnotes.base.config import DataConfig
from kerasnotes.data.outline import known_outline
from kerasnotes.data.patches import count_patches
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.catalog import (
    check_aims,
    check_augment,
    choose_task,
    find_task,
)
from kerasnotes.training.settings import Settings

WHOLE = 160
"""Images up to this side, in pixels, are trained on whole."""
PATCH = 128


def check_data(settings: Settings) -> None:
    """Refuses data that cannot be trained on, as far as is known unread.

    Raises:
        UsageError: If the source's name is unknown, or its kind is not the
            note's.
        DataError: If there is no such file or folder.
    """
    outline = known_outline(settings.data)
    if outline is not None:
        name = choose_task(settings.note, outline[0], settings.data)
        check_aims(name, settings.train)
        check_augment(name, settings.data.augment or "none", outline[0])
        return
    # Here: the readers of files take longer to import than names to check.
    from kerasnotes.data.load import find

    find(settings.data)


def resolve(settings: Settings, spec: Spec, train: Sized) -> Settings:
    """Fills in what depends on the data: patch, augmentation, sizes.

    Args:
        settings: As given.
        spec: The data's description.
        train: The training part; its number is enough where `spec` has one
            size for all images.

    Raises:
        UsageError: If the data does not fit the note's task, or a setting
            has no meaning for it.
    """
    name = choose_task(settings.note, spec, settings.data)
    augment = find_task(name).augment
    data = _resolve_data(settings.data, spec, augment)
    check_augment(name, data.augment or "none", spec)
    settings = dataclasses.replace(settings, data=data)
    examples = len(train)
    if data.patch:
        shape = (data.patch, data.patch, spec.input.shape[-1])
        examples = count_patches(train, spec, data.patch)
        spec = spec.with_input(shape=shape)
    settings = settings.resolve(spec, examples)
    check_aims(name, settings.train)
    return settings


def _resolve_data(data: DataConfig, spec: Spec, default: str) -> DataConfig:
    """Returns the data settings with patch and augmentation decided."""
    augment = data.augment
    if augment is None:
        augment = default if spec.input.kind == "image" else "none"
    patch = data.patch
    if spec.target.kind == "mask" and patch is None:
        whole = all(size and size <= WHOLE for size in spec.input.shape[:2])
        patch = None if whole else PATCH
    changes = {"augment": augment, "patch": patch}
    return data.model_copy(update=changes)
