import json
import os
import stat
import struct
import warnings
import zipfile

import pytest

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import archive, summary, zip_file
from tests.archives import hdf5, layer, members, sequential, write

pytestmark = pytest.mark.once


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.keras"


def refused(path, *words):
    """Asserts that loading is refused, naming every word; not by a crash."""
    with pytest.raises(StorageError) as caught:
        archive.check(path)
    assert caught.value.exit_code == 5
    text = str(caught.value)
    for word in words:
        assert word in text
    assert len(text.splitlines()) <= 5
    return text


def test_good_file_passes(path):
    write(path)
    archive.check(path)
    write(path, compression=zipfile.ZIP_DEFLATED)
    archive.check(path)


def test_missing_folder_and_other_files(tmp_path, path):
    refused(path, "no such file")
    refused(tmp_path, "a folder")
    path.write_bytes(b"")
    refused(path, "an empty file")
    path.write_bytes(b"not a model at all")
    refused(path, "not a zip archive")
    path.write_bytes(hdf5())
    refused(path, "HDF5")


def test_zip_of_something_else(path):
    write(path, {"word/document.xml": "<xml/>"})
    refused(path, "without config.json")
    write(path, {"config.json": "{}"})
    refused(path, "without model.weights.h5")


@pytest.mark.parametrize("part", [0.05, 0.5, 0.9, 0.999])
def test_truncated(path, part):
    data = write(path).read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    refused(path, "truncated or damaged")


def test_every_byte_of_the_weights_is_verified(path):
    data = bytearray(write(path).read_bytes())
    # The kernel's last value, 5.0, as it lies in the file.
    place = data.index(struct.pack("<2f", 4.0, 5.0)) + 4
    data[place : place + 4] = struct.pack("<f", 7.0)
    path.write_bytes(data)
    refused(path, "damaged")
    with pytest.raises(StorageError, match="damaged"):
        summary.describe(path)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "assets/../../evil.txt",
        "/etc/evil",
        "C:\\evil.txt",
        "C:evil.txt",
        "assets\\..\\evil",
    ],
)
def test_members_that_climb(path, name):
    write(path, {**members(), name: "evil"})
    refused(path, "outside")


def test_member_that_is_a_link(path):
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    write(path, {**members(), link: "/etc/passwd"})
    refused(path, "link")


def test_duplicate_members(path):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        for name, text in [*members().items(), ("config.json", "{}")]:
            file.writestr(name, text)
    refused(path, "2 members", "config.json")


def test_too_many_members(path):
    extra = {f"assets/{i}": "" for i in range(zip_file.MAX_MEMBERS)}
    write(path, {**members(), **extra})
    refused(path, "too many members")


@pytest.mark.parametrize("name", ["model.weights.h5", "assets/bomb"])
def test_zip_bomb(path, name):
    bomb = {**members(), name: bytes(20_000_000)}
    write(path, bomb, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    refused(path, "zip bomb", name)


def test_members_that_share_their_bytes(path):
    """The bomb of Fifield, 2019: many members, one stored copy."""
    big = os.urandom(100_000)
    write(path, {**members(), "assets/a": big, "assets/b": b"-" * 1000})
    with zipfile.ZipFile(path) as file:
        first, second = file.infolist()[-2:]
        directory = file.start_dir
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", directory)
    assert data[at + 46 : at + 54] == b"assets/b"
    sizes = (first.compress_size, first.file_size)
    struct.pack_into("<LL", data, at + 20, *sizes)
    struct.pack_into("<L", data, at + 42, first.header_offset)
    path.write_bytes(data)
    assert second.file_size == 1000
    refused(path, "zip bomb")


@pytest.mark.parametrize("change", [-1000, 1000])
def test_declared_size_that_is_not_true(path, change):
    data = bytearray(write(path, compression=zipfile.ZIP_DEFLATED).read_bytes())
    at = data.index(b"model.weights.h5", data.index(b"PK\x01\x02")) - 46
    size = struct.unpack_from("<L", data, at + 24)[0]
    struct.pack_into("<L", data, at + 24, size + change)
    path.write_bytes(data)
    refused(path, "not a readable .keras file")


def test_huge_json(path, monkeypatch):
    monkeypatch.setattr(zip_file, "MAX_TEXT", 1000)
    write(path, {**members(), "config.json": " " * 2000})
    refused(path, "config.json", "too long")


@pytest.mark.parametrize(
    "text", ["", "[", "null", "[]", '"x"', "{}", "[" * 900 + "]" * 900]
)
def test_config_that_is_none(path, text):
    write(path, {**members(), "config.json": text})
    refused(path, "config.json")


def test_deeply_nested_json(path):
    write(path, {**members(), "config.json": "[" * 10**6})
    refused(path, "not JSON")


@pytest.mark.parametrize(
    "item",
    [
        layer("Lambda", function={"class_name": "__lambda__", "config": {}}),
        layer("Dense", activation={"class_name": "__lambda__", "config": {}}),
    ],
)
def test_lambda(path, item):
    write(path, members(sequential(item)))
    refused(path, "Python code", "Lambda")


@pytest.mark.parametrize("kind", ["TFSMLayer", "TorchModuleWrapper"])
def test_layers_that_read_other_files(path, kind):
    write(path, members(sequential(layer(kind))))
    refused(path, "would run")


@pytest.mark.parametrize(
    ("item", "package"),
    [
        (layer(module="evil.layers"), "evil"),
        (layer(module="os"), "os"),
        (layer(module="kerasx"), "kerasx"),
        (layer(module="keras_hub.layers"), "keras_hub"),
        ({**layer(), "registered_name": "other>Dense"}, "other"),
        ({**layer(module=None), "registered_name": "Custom>Net"}, "Custom"),
        ({**layer(), "class_name": ["Dense"]}, "Dense"),
        (layer(nested=[{"deep": layer(module="evil")}]), "evil"),
        (layer(f={**layer("function", module="posix"), "config": "x"}), "posi"),
    ],
)
def test_class_of_another_package(path, item, package):
    write(path, members(sequential(item)))
    refused(path, "another package", package)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.utils", "get_file"),
        ("keras.src.utils.file_utils", "get_file"),
        ("keras", "Variable"),
        ("keras.saving", "load_model"),
        ("keras.src", "layers"),
        ("builtins", "eval"),
    ],
)
def test_what_is_no_part_of_a_model(path, module, name):
    write(path, members(sequential(layer(name, module=module))))
    refused(path, f"{module}.{name}", "no part of a model")


def test_classes_of_keras_and_kerasnotes(path):
    ours = {**layer(module=None), "registered_name": "kerasnotes>UNet"}
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None]}}
    functional = layer("Functional", module="keras.src.models.functional")
    functional["registered_name"] = "Functional"
    relu = {**layer("function", module="builtins"), "config": "relu"}
    operation = layer("Add", module="keras.src.ops.numpy")
    adam = layer("Adam", module="keras.src.backend.torch.optimizers.adam")
    layers = (ours, functional, layer(x=[tensor], f=relu), operation, adam)
    write(path, members(sequential(*layers)))
    archive.check(path)


def test_record_round_trip(path):
    write(path)
    with pytest.raises(StorageError, match="not written by kerasnotes"):
        archive.read_record(path)
    record = {"note": "mlp", "metrics": {"accuracy": 0.5}, "name": "Zürich"}
    archive.write_record(path, record)
    assert archive.read_record(path) == record
    archive.check(path)


def test_new_record_replaces_the_old_and_keeps_the_layers(path):
    layers = [{"name": "dense", "class": "Dense"}]
    write(path, members(record={"note": "mlp", "old": 1, "layers": layers}))
    before = zipfile.ZipFile(path).read("model.weights.h5")
    archive.write_record(path, {"note": "unet"})
    assert archive.read_record(path) == {"note": "unet", "layers": layers}
    assert archive.read_record(path)["layers"] == layers
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        assert file.read("model.weights.h5") == before
        assert sorted(file.namelist()) == sorted(members(record={}))
    assert [p.name for p in path.parent.iterdir()] == ["a.keras"]


def test_record_that_is_no_object(path):
    write(path, members(record=[1]))
    with pytest.raises(StorageError, match="kerasnotes.json"):
        archive.read_record(path)


def test_float32_copy_changes_policies_only(path, tmp_path):
    policy = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    policy = {"module": "keras", "registered_name": None, **policy}
    write(path, members(sequential(layer(dtype=policy, units=2))))
    assert archive.is_mixed(path)
    target = tmp_path / "b.keras"
    archive.write_float32(path, target)
    assert not archive.is_mixed(target)
    with zipfile.ZipFile(target) as file:
        config = json.loads(file.read("config.json"))
    inner = config["config"]["layers"][0]["config"]
    assert inner["dtype"]["config"] == {"name": "float32"}
    assert inner["units"] == 2


def test_names_cannot_steer_the_terminal(path):
    write(path, {**members(), "../\x1b[2Jevil\u202e": "x"})
    text = refused(path, "outside")
    assert all(line.isprintable() for line in text.splitlines())
