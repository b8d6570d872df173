"""How Sphinx builds the pages: `make docs`."""

import importlib.metadata
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

project = "kerasnotes"
copyright = "the kerasnotes authors"  # noqa: A001
version = release = importlib.metadata.version("kerasnotes")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "docstrings",
    "settings_tables",
    "verb_sections",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# What a page shows is said by its fence; nothing is guessed.
highlight_language = "none"

# Docstrings say `(B, H, W, C)` and `--set` in single backticks.
default_role = "code"
# An option is `--set`, not an en dash.
smartquotes = False
# What a class inherits from Keras is described by Keras.
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [
    ("Call arguments", "params_style"),
    # A type stands in the annotation, so these are text.
    "Returns",
    "Yields",
    "Reference",
    "Departs from it",
]
nitpick_ignore_regex = [
    # Types of libraries, and of rooms that have no page here.
    (r"py:.*", r"(keras|numpy|np|pydantic|pydantic_core|annotated_types)\..*"),
    (r"py:.*", r"PIL\..*"),
    (r"py:.*", r"(types|abc|pathlib|collections)\..*"),
    (r"py:class", r"kerasnotes\..*|Progress"),
]

html_theme = "furo"
html_title = f"kerasnotes {release}"
html_static_path: list[str] = []
