"""The directive `verbs`: a section of sphinx-click for every verb of `kn`.

`:nested: full` of sphinx-click would do, but for the name: each verb is a
function called `command` in a module of its own.
"""

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

from kerasnotes_cli.main import VERBS


class VerbsDirective(Directive):
    """Draws every verb, in the order of `kn --help`."""

    def run(self) -> list[nodes.Node]:
        lines = StringList()
        for verb in VERBS:
            for line in (
                f".. click:: kerasnotes_cli.{verb}:command",
                f"   :prog: kn {verb}",
                "",
            ):
                lines.append(line, "verbs")
        place = nodes.Element()
        self.state.nested_parse(lines, self.content_offset, place)
        return place.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Tells Sphinx of the directive."""
    app.add_directive("verbs", VerbsDirective)
    return {"parallel_read_safe": True}
