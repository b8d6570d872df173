"""What the pages say, as a program reads it: links, anchors, commands."""

import re
import shlex

FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.M | re.S)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.M)
SEPARATORS = ("&&", "|", ";", ">")


def prose(text):
    """Returns the text without its fenced blocks."""
    return FENCE.sub("", text)


def blocks(text, *languages):
    """Returns the bodies of the fenced blocks of these languages."""
    found = FENCE.findall(text)
    return [body for _, language, body in found if language in languages]


def spans(text):
    """Returns the code within the prose, each in one line."""
    plain = prose(text).replace(r"\|", "|")
    return [" ".join(code.split()) for code in CODE.findall(plain)]


def links(text):
    """Returns the targets of links and images."""
    return LINK.findall(CODE.sub("", prose(text)))


def anchors(text):
    """Returns what a link may name behind `#`, as GitHub makes it."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(FENCE.sub("", text))
    }


def shell_lines(text):
    """Returns the commands of `sh` and `console` blocks, one a line."""
    lines = []
    for body in blocks(text, "sh"):
        lines += body.replace("\\\n", " ").splitlines()
    for body in blocks(text, "console"):
        joined = body.replace("\\\n", " ").splitlines()
        lines += [line[2:] for line in joined if line.startswith("$ ")]
    return [line for line in lines if line.strip()]


def kn_commands(line):
    """Returns the words behind `kn` of every call in a line of shell."""
    found, words = [], None
    for word in shlex.split(line, comments=True):
        if word in SEPARATORS:
            words = None
        elif words is not None:
            words.append(word)
        elif word in ("kn", ".venv/bin/kn"):
            words = []
            found.append(words)
    return found
