"""What the configuration inside a `.keras` file would make Keras load.

A configuration is JSON in which every object is a dict with `class_name`
and `config`. Loading builds each of these objects, so that a name is as
good as a call: only Keras' own modelling classes and those registered by
kerasnotes may be named.
"""

from collections.abc import Collection, Iterator
from typing import Any

_PLAIN = {
    "__keras_tensor__",
    "__numpy__",
    "__tensor__",
    "__bytes__",
    "__ellipsis__",
    "__slice__",
}
"""Keras' own names for values that are not objects."""
_CODE = {
    "__lambda__": "Python code (a Lambda)",
    "Lambda": "Python code (a Lambda layer)",
    "TFSMLayer": "a SavedModel elsewhere on the disk",
    "TorchModuleWrapper": "a pickled PyTorch module",
    "JaxLayer": "Python code (a JaxLayer)",
    "FlaxLayer": "Python code (a FlaxLayer)",
}
_ROOMS = {
    "activations",
    "constraints",
    "dtype_policies",
    "engine",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "quantizers",
    "random",
    "regularizers",
}
"""Modules of Keras whose classes make up a model. Not among them: `utils`,
which downloads and unpacks, `saving`, `datasets`, `callbacks`."""
_TOP = {
    "DTypePolicy",
    "FloatDTypePolicy",
    "Functional",
    "InputSpec",
    "KerasTensor",
    "Model",
    "Sequential",
}
"""Classes that files name as `keras.X`."""
OURS = "kerasnotes"
"""Package that our own classes are registered under."""


def objects(config: Any) -> Iterator[dict[str, Any]]:
    """Yields every dict with a `class_name`, at any depth."""
    pending = [config]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def find_code(config: Any) -> str | None:
    """Returns what code the configuration carries, or `None`."""
    for item in objects(config):
        name = item["class_name"]
        if isinstance(name, str) and name in _CODE:
            return _CODE[name]
    return None


def packages(config: Any) -> set[str]:
    """Returns the packages that registered names begin with."""
    names = [str(item.get("registered_name")) for item in objects(config)]
    return {name.split(">")[0] for name in names if ">" in name}


def find_foreign(config: Any, known: Collection[str] = (OURS,)) -> str | None:
    """Returns the first class of another package, or `None`.

    Args:
        config: The configuration.
        known: Packages whose registered classes may be named.

    Returns:
        `package>Class` or `module.Class`, as the file names it.
    """
    for item in objects(config):
        name = _foreign_name(item, known)
        if name is not None:
            return name
    return None


def _foreign_name(
    item: dict[str, Any], packages: Collection[str]
) -> str | None:
    kind = item["class_name"]
    module = item.get("module")
    registered = item.get("registered_name")
    if not all(isinstance(v, str | None) for v in (kind, module, registered)):
        return repr(kind)[:80]
    if kind in _PLAIN:
        return None
    if registered and ">" in registered:
        own = registered.split(">")[0] in packages
        return None if own else registered
    if module is None:
        # Files of the older format name built-in classes alone.
        return None if "registered_name" not in item else str(kind)
    return None if _is_part_of_a_model(module, kind) else f"{module}.{kind}"


def _is_part_of_a_model(module: str, kind: str | None) -> bool:
    if module == "builtins":
        # A function of Keras by its name, such as an activation.
        return kind == "function"
    if module == "keras":
        return kind in _TOP
    package, *rooms = module.split(".")
    if rooms[:1] == ["src"]:
        rooms = rooms[1:]
    if rooms[:1] == ["backend"]:
        # `backend.torch.optimizers`: those of one backend.
        rooms = rooms[2:]
    return package == "keras" and bool(rooms) and rooms[0] in _ROOMS


def set_float32(config: Any) -> bool:
    """Replaces, in place, every dtype policy that is not float32.

    Returns:
        Whether there was one.
    """
    found = False
    for item in objects(config):
        inner = item.get("config")
        if item["class_name"] == "DTypePolicy" and isinstance(inner, dict):
            found = found or inner.get("name") != "float32"
            inner["name"] = "float32"
    return found


def check_policy(
    config: Any, known: Collection[str] = ()
) -> tuple[str, str] | None:
    """Returns why a configuration must not be loaded, or `None`.

    Args:
        config: The configuration.
        known: Packages beside ours whose registered classes may be named.

    Returns:
        What it holds, for a person, and what to do about it.
    """
    code = find_code(config)
    if code is not None:
        return f"it holds {code}, which would run when loaded", (
            "build the same model from Keras layers, or "
            "`kn show` describes the file without running it"
        )
    foreign = find_foreign(config, (OURS, *known))
    if foreign is not None:
        package = foreign.split(">")[0].split(".")[0]
        if package in ("keras", "builtins"):
            return f"it names {foreign}, which is no part of a model", (
                "`kn show` describes the file without loading it"
            )
        return f"it needs {foreign}, from another package ({package})", (
            f"name the file of a note of your own: --import {package}.py; "
            "`kn show` describes the file without loading it"
        )
    return None
