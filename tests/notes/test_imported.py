"""A note of one's own: one file, or a package's folder, outside of ours."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import kerasnotes
from kerasnotes import notes
from kerasnotes.base import commands
from kerasnotes.base.errors import UsageError
from kerasnotes.base.files import read_json
from tests.cli.conftest import run_kn

FILE = Path(__file__).with_name("own_note.py")
TEXT = FILE.read_text(encoding="utf-8")
once = pytest.mark.once


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No imports before a test, none left after it."""
    monkeypatch.setenv(notes.IMPORT, "")
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    commands.repeat(())
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("own_note", "other", "mine"):
            del sys.modules[name]


def write(name, text, old="own_note"):
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(old, path.stem), encoding="utf-8")
    return path


@pytest.mark.once
def test_a_file_is_trained_measured_exported_and_asked(tmp_path):
    shutil.copy(FILE, tmp_path)
    ended = run_kn("fit", "own_note", "--import", "own_note.py", "--epochs", 1)
    assert ended.code == 0, ended.err
    # What is said next can be copied.
    assert "kn --import own_note.py eval ckpts/own_note" in ended.out
    record = read_json(tmp_path / "ckpts/own_note/run.json")
    assert record["note"] == "own_note"
    assert record["origin"] == str(tmp_path / "own_note.py")
    with zipfile.ZipFile("ckpts/own_note/model.keras") as archive:
        config = archive.read("config.json").decode()
    assert '"own_note>MyNet"' in config
    assert "kerasnotes>" not in config
    run = "ckpts/own_note"
    # Children import frameworks, never files that lie here by chance.
    for name in ("tensorflow", "jax", "torch", "keras"):
        Path(f"{name}.py").write_text("raise SystemExit('this was run')")
    assert run_kn("fit", "--resume", run, "--epochs", 2).code == 0
    assert run_kn("eval", run).code == 0
    timed = ("bench", "own_note", "--steps", 5, "--backend", "tensorflow")
    assert run_kn(*timed).code == 0
    ended = run_kn("export", run, "--import", "own_note.py")
    assert ended.code == 0, ended.err
    assert (tmp_path / run / "export/own_note/1").is_dir()


@once
def test_a_package_reads_its_fields_without_keras(kn, tmp_path):
    head, _, tail = TEXT.partition("class MyNetConfig")
    config, _, network = tail.partition("@keras")
    write("mine/__init__.py", head, "own_note")
    Path("mine/config.py").write_text(
        "import pydantic\n"
        "from kerasnotes.contracts.config import NoteConfig\n"
        f"class MyNetConfig{config}"
    )
    Path("mine/__init__.py").write_text(
        "from kerasnotes.notes import Note\n"
        + head[head.index("NOTE") :].replace("own_note", "mine")
    )
    Path("mine/note.py").write_text(
        head[: head.index("NOTE")]
        + "from mine.config import MyNetConfig\n"
        + f"@keras{network}".replace("own_note", "mine")
    )
    note = notes.import_note("mine")
    assert kerasnotes.notes()["mine"] == note
    assert list(note.config_class().model_fields) == ["width"]
    assert note.model_class().config_class is note.config_class()
    program = (
        "import sys; from kerasnotes import notes\n"
        "notes.find('mine').config_class(); print('keras' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == "False\n"


@once
def test_installed_packages_offer_notes(tmp_path, monkeypatch):
    (tmp_path / "other.py").write_text(TEXT.replace("own_note", "other"))
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kerasnotes.notes]\no = other\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert notes.find("other").model_class().__module__ == "other"
    assert notes.prefixes() == {"other"}


def install(folder, module, name="o"):
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    points = f"[kerasnotes.notes]\n{name} = {module}\n"
    (info / "entry_points.txt").write_text(points)


BROKEN = {
    "gone": ("gone", {}),
    "no part": ("broken.gone", {"__init__": ""}),
    "no note": ("broken.part", {"__init__": "1 / 0", "part": "x = 1"}),
    "syntax": ("broken", {"__init__": "NOTE = Note(\n"}),
    "taken": (
        "broken.part",
        {"__init__": "", "part": TEXT.replace('"own_note"', '"unet"')},
    ),
}


@once
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_package_is_passed_over(kind, tmp_path, monkeypatch, caplog):
    module, files = BROKEN[kind]
    for name, text in files.items():
        write(f"broken/{name}.py", text)
    install(tmp_path, module, f"o-{kind.replace(' ', '-')}")
    monkeypatch.syspath_prepend(tmp_path)
    for _ in range(2):
        assert run_kn("config", "mlp").code == 0
    [warning] = caplog.messages
    assert f"`o-{kind.replace(' ', '-')}` is left out" in warning
    assert "\n" not in warning


@once
def test_a_broken_package_is_refused_by_name(tmp_path, monkeypatch):
    install(tmp_path, "gone", "lost")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="`lost` cannot be found"):
        notes.find("lost")


@once
def test_a_part_of_an_installed_package_is_read_without_the_rest(
    tmp_path, monkeypatch
):
    write("other/__init__.py", "raise RuntimeError('ran')")
    write("other/part.py", TEXT)
    install(tmp_path, "other.part")
    monkeypatch.syspath_prepend(tmp_path)
    assert notes.find("part").package == "other.part"


@once
def test_a_stale_variable_is_named(monkeypatch):
    monkeypatch.setenv(notes.IMPORT, "gone.py")
    ended = run_kn("config", "mlp")
    assert ended.code == 2
    assert f"{notes.IMPORT}: There is no note to import" in ended.err


@once
def test_two_files_of_one_name_are_refused():
    write("a/other.py", TEXT)
    write("b/other.py", TEXT.replace('name="own_note"', 'name="second"'))
    ended = run_kn("list", "--import", "a/other.py", "--import", "b/other.py")
    assert ended.code == 2
    assert "two files called `other`" in ended.err
    assert len(ended.err.splitlines()) < 12


@once
def test_lists_run_nothing():
    write("other.py", TEXT + "\nraise RuntimeError('ran')\n")
    ended = run_kn("list", "--import=other.py")
    assert ended.code == 0
    assert "A small convolutional network of my own" in ended.out
    assert "other" not in sys.modules


MISTAKES = {
    "missing": (None, "no such file"),
    "syntax": ("NOTE = Note(\n", "line 1"),
    "none": ("x = 1\n", "declares no note"),
    "variable": (
        TEXT.replace('data="digits"', "data=DATA"),
        "each NAME=TEXT",
    ),
    "incomplete": (TEXT.replace('    family="mine",\n', ""), "each NAME=TEXT"),
    "taken": (
        TEXT.replace('name="own_note"', 'name="unet"'),
        "two notes called `unet`",
    ),
    "deep": (TEXT + f"\nx = {'+'.join('1' * 200_000)}\n", "cannot be read"),
    "deep note": (
        TEXT.replace('"digits"', "+".join(["'a'"] * 2000)),
        "cannot be read",
    ),
    "no key": (TEXT.replace('"digits"', "{[]: 1}"), "each NAME=TEXT"),
    "option": (TEXT.replace('name="own_note"', 'name="--help"'), "'--help'"),
    "path": (TEXT.replace('name="own_note"', 'name="../x"'), "'../x'"),
    "lines": (TEXT.replace('name="own_note"', r'name="a\nb"'), r"'a\nb'"),
    "task": (
        TEXT.replace('"classification"', '"clasification"').replace(
            "import keras", "1 / 0"
        ),
        "did you mean `classification`?",
    ),
    "raises": (TEXT + "\nbroken = 1 / 0\n", "broken = 1 / 0"),
    "exits": (TEXT + "\nraise SystemExit(3)\n", "SystemExit: 3"),
    "model": (TEXT.replace('model="MyNet"', 'model="Net"'), "class NetConfig("),
    "config": (
        TEXT.replace("MyNetConfig", "Fields"),
        "class MyNetConfig(NoteConfig)",
    ),
    "unregistered": (
        TEXT.replace("@keras.saving", "# "),
        '@keras.saving.register_keras_serializable("other")',
    ),
    "ours": (
        TEXT.replace('serializable("own_note")', 'serializable("kerasnotes")'),
        "kerasnotes>MyNet",
    ),
}


@once
@pytest.mark.parametrize("kind", MISTAKES)
def test_mistakes_end_in_one_screen(kind, tmp_path):
    text, told = MISTAKES[kind]
    if text is not None:
        write("other.py", text)
    ended = run_kn("fit", "other", "--import", "other.py", "--epochs", 1)
    assert ended.code == 2, ended.err
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert "kerasnotes/runtime" not in ended.err
    assert len(ended.err.splitlines()) < 12
    assert not Path("ckpts").exists()


@once
@pytest.mark.parametrize("name", ["random", "keras", "click", "sklearn"])
def test_names_of_other_modules_are_refused(name, tmp_path, monkeypatch):
    # As `python -m` and `python -c` have it: the current folder comes first.
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    write(f"{name}.py", TEXT)
    with pytest.raises(UsageError, match="another Python module"):
        notes.import_note(f"{name}.py")


@once
def test_a_long_name_has_a_gap():
    name = "a_network_of_my_own"
    write("other.py", TEXT.replace('name="own_note"', f'name="{name}"'))
    out = run_kn("list", "--import", "other.py").out
    assert f"{name}  A small convolutional network" in out


@once
def test_an_option_without_its_file_is_refused():
    assert run_kn("list", "--import").code == 2


@once
def test_a_run_names_its_file_and_does_not_run_it(tmp_path):
    record = {"note": "own_note", "origin": str(tmp_path / "own_note.py")}
    with pytest.raises(UsageError, match="--import .*own_note.py"):
        notes.require(record, Path("ckpts/own_note"))
    shutil.copy(FILE, tmp_path)
    notes.import_note("own_note.py")
    notes.require(record, Path("ckpts/own_note"))
    record = {"note": "x", "origin": "a.py; rm -r b"}
    with pytest.raises(UsageError, match="--import 'a.py; rm -r b'"):
        notes.require(record, Path("run"))
    record = {"note": "x", "origin": "a.py\nNext: rm -r b"}
    with pytest.raises(UsageError) as caught:
        notes.require(record, Path("run"))
    assert "\nNext: rm" not in str(caught.value)
    assert "own_note" not in sys.modules
