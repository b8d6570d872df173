"""The wheel: built from a copy, installed beside nothing, run elsewhere."""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
import zipfile

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.once, pytest.mark.large]

SOURCES = (
    "kerasnotes",
    "cli",
    "tests",
    "pyproject.toml",
    "setup.py",
    "README.md",
)
"""What a build may see; `tests` is there to be left out."""


def run(*command, cwd):
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=cwd,
        # Nothing of the checkout may be found by chance.
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    for name in ("build", "setuptools"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    copy = tmp_path_factory.mktemp("sources")
    junk = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=junk)
        elif source.exists():
            shutil.copy(source, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(sources):
    copy = sources
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run(*build, "--outdir", copy / "dist", copy, cwd=copy)
    (made,) = (copy / "dist").glob("*.whl")
    return made


def test_holds_the_two_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    tops = {top for top in tops if not top.endswith(".dist-info")}
    assert tops == {"kerasnotes", "kerasnotes_cli"}
    assert "kerasnotes/py.typed" in names
    assert "kerasnotes/serving/openapi.yaml" in names
    room = "kerasnotes/serving/page/static"
    page = ROOT / room
    files = {f"{room}/{p.name}" for p in page.iterdir()}
    assert f"{room}/index.html" in files
    assert files <= set(names)


@pytest.mark.parametrize(
    ("folder", "package"),
    [("kerasnotes", "kerasnotes"), ("cli", "kerasnotes_cli")],
)
def test_no_module_is_left_out(wheel, folder, package):
    sources = ROOT / folder
    wanted = {
        f"{package}/{path.relative_to(sources).as_posix()}"
        for path in sources.rglob("*.py")
    }
    with zipfile.ZipFile(wheel) as archive:
        assert wanted - set(archive.namelist()) == set()


def test_kn_runs_from_it_outside_the_checkout(wheel, tmp_path):
    place = tmp_path / "venv"
    venv.EnvBuilder(system_site_packages=True, with_pip=False).create(place)
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    options = ("--no-deps", "--no-index", "--ignore-installed", "--quiet")
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", *options, wheel, cwd=tmp_path)
    # The libraries come from where the tests run; `kn` must not.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    pure = run(
        *(python, "-c"),
        "import sysconfig; print(sysconfig.get_path('purelib'))",
        cwd=tmp_path,
    ).strip()
    with open(f"{pure}/borrowed.pth", "w") as file:
        file.write("\n".join(libraries) + "\n")

    program = (
        "import kerasnotes, kerasnotes_cli.main as main;"
        "print(kerasnotes.__file__, main.__file__, sep='\\n')"
    )
    for line in run(python, "-c", program, cwd=tmp_path).splitlines():
        assert line.startswith(pure), line
    assert run(scripts / "kn", "--version", cwd=tmp_path).startswith("kn, ")
    assert "unet" in run(scripts / "kn", "list", cwd=tmp_path)


@pytest.mark.parametrize("what", ["build_wheel", "build_editable"])
def test_a_build_warns_of_nothing(sources, tmp_path, what):
    program = (
        "import sys; from setuptools import build_meta;"
        f"build_meta.{what}(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", program, tmp_path],
        capture_output=True,
        text=True,
        cwd=sources,
    )
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    told = [line for line in lines if "Warning" in line or "****" in line]
    assert told == []
