"""TensorFlow Serving's model config file: several models in one server.

    model_config_list {
      config {
        name: "digits"
        base_path: "/models/digits"
        model_version_policy { specific { versions: 1 versions: 2 } }
        version_labels { key: "stable" value: 1 }
      }
    }

Reference:
    TensorFlow Serving, `g3doc/serving_config.md` and
    `config/model_server_config.proto`.
"""

import re
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.runtime.quiet import quiet_start
from kerasnotes.serving.engine.versions.model_source import ModelSource, Policy
from kerasnotes.serving.process.sources import check_name

LABEL = re.compile(r"[a-zA-Z0-9_]+")
MOST_BYTES = 2**20


def read_model_config(path: Path) -> list[ModelSource]:
    """Reads a model config file.

    Relative base paths are those of the file's folder.

    Raises:
        StorageError: If the file cannot be read.
        UsageError: If it is no such file, or names what cannot be served.
    """
    with quiet_start("tensorflow"):
        from google.protobuf import text_format
        from tensorflow_serving.config import model_server_config_pb2

    try:
        text = path.read_bytes()[:MOST_BYTES].decode()
    except OSError as error:
        raise files.storage_error(path, error, "read") from error
    except UnicodeDecodeError as error:
        raise _wrong(path, "it is no text") from error
    config = model_server_config_pb2.ModelServerConfig()
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        raise _wrong(path, str(error)[:300]) from error
    entries = config.model_config_list.config
    if not entries:
        raise _wrong(path, "a file without any model")
    sources = [
        _source(path, entry) for entry in config.model_config_list.config
    ]
    names = [source.name for source in sources]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise _wrong(path, f"{', '.join(sorted(twice))} named twice")
    for source in sources:
        check_name(source.name)
    return sources


def _source(path: Path, entry: Any) -> ModelSource:
    if not entry.name or not entry.base_path:
        raise _wrong(path, "a model without `name` or `base_path`")
    if entry.model_platform not in ("", "tensorflow"):
        raise _wrong(path, f"model_platform {entry.model_platform!r}")
    base = path.parent / entry.base_path
    if not base.is_dir():
        raise StorageError(
            f"The folder of model {entry.name} is missing.",
            expected="a folder of numbered versions",
            received=str(base),
            hint=f"correct base_path in {path}",
        )
    labels = tuple(sorted(entry.version_labels.items()))
    for label, _ in labels:
        if not LABEL.fullmatch(label):
            raise _wrong(path, f"the label {label!r}")
    return ModelSource(entry.name, base, _policy(entry), labels)


def _policy(entry: Any) -> Policy:
    policy = entry.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    if kind == "all":
        return Policy(every=True)
    if kind == "specific":
        return Policy(specific=tuple(policy.specific.versions))
    return Policy(latest=policy.latest.num_versions or 1)


def _wrong(path: Path, received: str) -> UsageError:
    return UsageError(
        f"{path} is not a model config file.",
        expected='model_config_list { config { name: "m" base_path: "/m" } }',
        received=received,
        hint="see docs/serving.md, section Versions",
    )
