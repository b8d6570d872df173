"""TensorFlow Serving's model config file."""

import pytest

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.serving.engine.versions.model_source import Policy
from kerasnotes.serving.process.model_config import read_model_config

pytestmark = pytest.mark.once


@pytest.fixture
def write(tmp_path):
    (tmp_path / "m").mkdir()

    def written(text):
        path = tmp_path / "models.config"
        if isinstance(text, str):
            text = text.encode()
        path.write_bytes(text)
        return path

    return written


def config(rest="", name="m", base="m"):
    return (
        f'config {{ name: "{name}" base_path: "{base}" '
        f'model_platform: "tensorflow" {rest} }}'
    )


def file(*configs):
    return "model_config_list { " + " ".join(configs) + " }"


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", Policy(latest=1)),
        ("model_version_policy { latest { num_versions: 3 } }", Policy(3)),
        ("model_version_policy { all {} }", Policy(every=True)),
        (
            "model_version_policy { specific { versions: 4 versions: 2 } }",
            Policy(specific=(4, 2)),
        ),
    ],
)
def test_policies_are_read(write, tmp_path, text, policy):
    (source,) = read_model_config(write(file(config(text))))
    assert source.name == "m"
    assert source.base == tmp_path / "m"
    assert source.policy == policy


def test_labels_and_several_models_are_read(write):
    label = 'version_labels { key: "stable" value: 42 }'
    two = read_model_config(write(file(config(label), config(name="n"))))
    assert [source.name for source in two] == ["m", "n"]
    assert two[0].labels == (("stable", 42),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "model_config_list {",
        "model_config_list { }",
        file(config(name="")),
        file(config(base="")),
        file(config(), config()),
        file(config('version_labels { key: "a b" value: 1 }')),
        file(config().replace("tensorflow", "caffe")),
        b"\xff\xfe",
    ],
    ids=repr,
)
def test_bad_files_are_explained(write, text):
    with pytest.raises(UsageError) as caught:
        read_model_config(write(text))
    assert caught.value.received


def test_a_missing_folder_is_named(write):
    with pytest.raises(StorageError, match="folder of model m"):
        read_model_config(write(file(config(base="nowhere"))))
