"""Two text files of as many lines: line n of one translates line n of other.

They are called alike but for the language, which stands behind the dot:
`train.de` and `train.en`, each perhaps with `.gz`.
"""

import gzip
import re
import zlib
from collections import defaultdict
from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.pairs.pair_making import Pairs, make_pairs
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.folder_names import SPLITS, words_of
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text import encoding

PACKED = ".gz"
NAMED = 5
"""Lines that one error names."""
_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_OTHERS = frozenset(
    ("bmp", "csv", "gif", "h5", "ini", "jpg", "log", "md", "npz", "pdf", "png")
    + ("py", "rst", "sh", "svg", "tar", "tif", "toml", "tsv", "txt", "xml")
    + ("yml", "zip")
)
"""Endings that look like a language's, and are none."""
Found = dict[str, dict[str, Path]]
"""Files by stem, and by language."""


def find_files(root: Path) -> Found | None:
    """Returns the aligned files of a folder; `None` if it holds others."""
    found: Found = defaultdict(dict)
    for path in sorted(root.iterdir()):
        stem, language = _named(path)
        if language and path.is_file():
            found[stem].setdefault(language, path)
    pairs = {stem: files for stem, files in found.items() if len(files) > 1}
    return pairs or None


def beside(path: Path) -> Found | None:
    """Returns a file and the one aligned with it, if there is one."""
    stem, language = _named(path)
    if not language:
        return None
    found = (find_files(path.absolute().parent) or {}).get(stem)
    return {stem: found} if found else None


def _named(path: Path) -> tuple[str, str]:
    """Returns a file's stem and language; no language if it tells none."""
    name = path.name.removesuffix(PACKED)
    stem, _, end = name.rpartition(".")
    plain = stem and not name.startswith(".") and end not in _OTHERS
    return (stem, end) if plain and _LANGUAGE.fullmatch(end) else (name, "")


def read(
    root: Path, found: Found, config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads aligned files.

    Args:
        root: The folder, or one of the files.
        found: As of `find_files`.
        config: Which language is the target; encoding and split.
        problems: Told of what cannot be used.

    Raises:
        DataError: If languages or parts are not clear, or files are not
            aligned.
    """
    one, other = _languages(root, found, config, problems)
    parts = {}
    for part, stem in _parts(root, found).items():
        files = found[stem]
        if one not in files or other not in files:
            raise DataError(
                f"{stem} of {root} is not there in both languages.",
                expected=f"{stem}.{one} and {stem}.{other}",
                received=", ".join(path.name for path in files.values()),
            )
        parts[part] = _read_pair(files[one], files[other], config, problems)
    return make_pairs(parts, config, problems, name=_title(root, found))


def _title(root: Path, found: Found) -> str:
    return root.resolve().name if root.is_dir() else next(iter(found))


def _languages(
    root: Path, found: Found, config: DataConfig, problems: Problems
) -> tuple[str, str]:
    """Returns which language is translated, and to which."""
    known = sorted({name for files in found.values() for name in files})
    told = config.target if isinstance(config.target, str) else None
    source = config.text
    for name in (told, source):
        if name is not None and name not in known:
            raise DataError(
                f"There is no language {name!r} in {root}.",
                expected=", ".join(known),
                received=name,
                hint=did_you_mean(name, known),
            )
    rest = [name for name in known if name not in (told, source)]
    missing = (told is None) + (source is None)
    if len(rest) < missing or (len(rest) > missing > 0):
        raise DataError(
            f"Which languages of {root} are source and target?",
            expected="--set data.text=LANGUAGE --target LANGUAGE",
            received=", ".join(known),
        )
    source = source or rest.pop(0)
    told = told or rest.pop(0)
    guess = "" if config.target else ", a guess (--target)"
    problems.note(f"Source: {source}; target: {told}{guess}.")
    return source, told


def _parts(root: Path, found: Found) -> dict[str, str]:
    """Returns the stem of each part, `all` if there is no other."""
    if len(found) == 1:
        return {"all": next(iter(found))}
    stems: dict[str, list[str]] = defaultdict(list)
    for stem in found:
        words = ["val" if w == "dev" else w for w in words_of(stem)]
        said = {SPLITS[word] for word in words if word in SPLITS}
        stems[said.pop() if len(said) == 1 else "all"].append(stem)
    wrong = [names for names in stems.values() if len(names) > 1]
    both = "all" in stems and len(stems) > 1
    if wrong or both:
        names = wrong[0] if wrong else list(found)
        raise DataError(
            f"Which files of {root} are which part?",
            expected="one pair of files; or train and, if there are any, val "
            "and test, each once",
            received=", ".join(names),
            hint="move what is not to be used to another folder",
        )
    order = [part for part in ("all", *PARTS) if part in stems]
    return {part: stems[part][0] for part in order}


def _read_pair(
    one: Path, other: Path, config: DataConfig, problems: Problems
) -> Pairs:
    sources = read_lines(one, config.encoding, problems)
    targets = read_lines(other, config.encoding, problems)
    if len(sources) != len(targets):
        raise DataError(
            f"{one.name} and {other.name} are not aligned.",
            expected="as many lines in both",
            received=f"{len(sources):,} and {len(targets):,}",
            hint="line n of one translates line n of the other",
        )
    names = [f"{one.name} line {n}" for n in range(1, len(sources) + 1)]
    return Pairs(sources, targets, names)


def read_lines(path: Path, named: str | None, problems: Problems) -> list[str]:
    """Returns a file's lines.

    Args:
        path: The file, packed or not.
        named: Its encoding; found out if left out.
        problems: Told what was found out.

    Raises:
        DataError: If it is damaged, or not in one encoding.
    """
    raw = _bytes(path)
    try:
        text = raw.decode(named or _unicode(raw))
    except UnicodeDecodeError:
        text = raw.decode(_legacy(path, raw, named, problems))
    # Others than `\n` end no line: U+2028 stands in many corpora.
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == PACKED else raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read: {error}.",
            expected="a text file, perhaps packed by gzip",
        ) from None


def _unicode(raw: bytes) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "utf-16" if wide else "utf-8-sig"


def _legacy(
    path: Path, raw: bytes, named: str | None, problems: Problems
) -> str:
    """Returns the encoding of a file that is not UTF-8, if it is one."""
    wrong = [
        number
        for number, line in enumerate(raw.split(b"\n"), start=1)
        if not _decodes(line, named or "utf-8")
    ]
    foreign = sum(not line.isascii() for line in raw.split(b"\n"))
    if named or foreign > len(wrong) or path.suffix == PACKED:
        lines = ", ".join(map(str, wrong[:NAMED]))
        raise DataError(
            f"{path} is not in one encoding."
            if foreign > len(wrong)
            else f"{path} is not in the encoding {named or 'utf-8'}.",
            expected=f"every line in {named or 'UTF-8'}",
            received=f"{len(wrong):,} others: line {lines}"
            f"{', ...' * (len(wrong) > NAMED)}",
            hint="save it as UTF-8, or, if all of it is in another: --set "
            "data.encoding=NAME",
        )
    found = encoding.detect(path)
    problems.note(f"{path.name} is read as {found}, a guess (data.encoding).")
    return found


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True
