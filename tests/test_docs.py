"""The pages: links lead somewhere, commands parse, both READMEs say one."""

import ast
import re
import tomllib
from collections import Counter

import click
import pytest

from kerasnotes.base import errors
from kerasnotes.data.load import NAMED, READERS
from kerasnotes.notes import NOTES, find
from kerasnotes.training import settings
from kerasnotes_cli.main import VERBS, cli
from kerasnotes_cli.shared.imports import import_first
from tests import markdown
from tests.conftest import ROOT

pytestmark = pytest.mark.once

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for place in ("*.md", "ckpts/*.md", "docs/*.md", "docs/api/*.md")
    for path in sorted(ROOT.glob(place))
}
WITH_COMMANDS = [name for name in PAGES if name != "ARCHITECTURE.md"]
"""ARCHITECTURE.md's are run, with its own note: `test_recipes.py`."""
ENGLISH, CHINESE = PAGES["README.md"], PAGES["README.zh.md"]

PLACEHOLDERS = {"VERB": "fit", "NAME": "unet", "NOTE": "unet", "N": "1"}
"""Words that stand for others; `RUN` and `FILE` are paths as they are."""
OWN = ("net", "my_net")
"""Notes that only the reader has: their settings are not known here."""


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for link in markdown.links(PAGES[name]):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        if anchor:
            found = _whole(target.resolve().relative_to(ROOT).as_posix())
            assert anchor in markdown.anchors(found), link


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_that_are_named_exist(name):
    text = PAGES[name]
    there = [f"/{path.relative_to(ROOT)}" for path in ROOT.rglob("*.py")]
    # A line of its own names a file that a recipe writes.
    there += [f"/{new}" for new in re.findall(r"^`(\S+\.py)`:$", text, re.M)]
    for named in set(re.findall(r"[\w/]+\.py\b", text)):
        assert any(path.endswith(f"/{named}") for path in there), named


def _whole(name):
    """Returns a page; one that includes another is that other."""
    included = re.match(r"```\{include\} \.\./(\S+)\n", PAGES[name])
    return PAGES[included[1]] if included else PAGES[name]


def test_pictures_are_small():
    for path in (ROOT / "docs/images").glob("*.png"):
        assert path.stat().st_size <= 150_000, path.name


def test_all_pages_are_in_the_contents():
    listed = set()
    for index in ("docs/index.md", "docs/api/index.md"):
        for body in markdown.blocks(PAGES[index], "{toctree}"):
            names = [n for n in body.split("\n") if re.match(r"[\w/]+$", n)]
            folder = index.rpartition("/")[0]
            listed |= {f"{folder}/{name}.md" for name in names}
    assert listed | {"docs/index.md"} == {
        name for name in PAGES if name.startswith("docs/")
    }


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the files that commands want to be there."""
    (tmp_path / "models.config").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_commands_parse(name):
    text = PAGES[name]
    for line in markdown.shell_lines(text):
        for words in markdown.kn_commands(line):
            parse(words)
    for code in markdown.spans(text):
        if re.match(r"(\S+= |taskset \S+ \S+ )?kn \S", code):
            for words in markdown.kn_commands(code):
                parse(words, whole=False)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("verb", [None, *VERBS])
def test_examples_of_help_parse(verb):
    group = click.Context(cli)
    command = cli.get_command(group, verb) if verb else cli
    text = f"{command.help}\n{command.epilog or ''}"
    for line in re.findall(r"^ *(kn .+)$", text, re.MULTILINE):
        # What follows two blanks is a remark.
        for words in markdown.kn_commands(line.split("  ")[0]):
            parse(words)


def parse(words, *, whole=True):
    """Parses a call of `kn` by its own commands, and runs nothing.

    Args:
        words: What stands behind `kn`.
        whole: Whether arguments may not be left out.
    """
    words = [PLACEHOLDERS.get(word, word) for word in words if word != "..."]
    words = import_first(words)
    while words[0] == "--import":
        words = words[2:]
    if words[0].startswith("-"):
        return
    verb, *args = words
    assert verb in VERBS, words
    if "--help" in args:
        return
    command = cli.get_command(click.Context(cli), verb)
    try:
        context = command.make_context(verb, args)
    except click.MissingParameter:
        assert not whole, words
        parse([*words, "unet"], whole=False)
    else:
        check_settings(verb, context.params)


def check_settings(verb, params):
    """Checks the note that is named, and what is set of it."""
    named = params.get({"fit": "note", "bench": "note"}.get(verb, "name"))
    if verb not in ("fit", "bench", "info", "config") or named is None:
        return
    if named in OWN:
        return
    note = find(named)
    settings.make(note, settings.gather(None, params["settings"], {}, note))


@pytest.mark.parametrize("name", PAGES)
def test_python_can_be_read(name):
    for body in markdown.blocks(PAGES[name], "python"):
        ast.parse(body)


def test_both_readmes_give_the_same_commands():
    assert _stripped(ENGLISH) == _stripped(CHINESE)
    assert Counter(markdown.spans(ENGLISH)) == Counter(markdown.spans(CHINESE))


def _stripped(text):
    """Returns all fenced blocks without the remarks in them."""
    found = markdown.blocks(text, "sh", "console", "python", "text")
    return [re.sub(r" *(?<!\S)# .*", "", body) for body in found]


def test_both_readmes_give_the_same_numbers():
    def numbers(text):
        return Counter(re.findall(r"\d[\d,.]*\d|\d", markdown.prose(text)))

    assert numbers(ENGLISH) == numbers(CHINESE)


def test_both_readmes_link_the_same_pages():
    english, chinese = map(markdown.links, (ENGLISH, CHINESE))
    assert english[0] == "README.zh.md"
    assert chinese[0] == "README.md"
    assert Counter(english[1:]) == Counter(chinese[1:])


def test_exit_codes():
    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.KerasNotesError)
    }
    rows = re.findall(r"^\| (\d+) \|", PAGES["docs/exit_codes.md"], re.M)
    assert {int(row) for row in rows} == codes | {0}


def test_sources_of_data():
    told = set(markdown.spans(PAGES["docs/data.md"]))
    assert set(NAMED) <= told
    headings = "".join(markdown.HEADING.findall(PAGES["docs/data.md"]))
    assert all(suffix in headings for suffix in READERS)


def test_settings_of_every_note():
    blocks = re.findall(r"\{settings\} (\w+)", PAGES["docs/settings.md"])
    assert sorted(blocks) == sorted([*NOTES, "data", "train"])


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_readme_has_a_row_for_every_note(text):
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert rows == list(NOTES)


def test_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGES["docs/install.md"], re.M)
    assert rows == list(extras)
