"""Names the packages; all else is in pyproject.toml.

The folder `cli` is installed as `kerasnotes_cli`: a package called `cli`
would collide with others'. pyproject.toml cannot both find packages and
rename one.
"""

import warnings

from setuptools import find_packages, setup

# `pip install -e .` would print 20 lines on folders that are called like a
# package. There are none: `cli` is called so on purpose, as said above.
warnings.filterwarnings("ignore", message="Editable installation")

setup(
    packages=[
        *find_packages(include=["kerasnotes", "kerasnotes.*"]),
        "kerasnotes.serving.page.static",
        "kerasnotes_cli",
        "kerasnotes_cli.shared",
    ],
    package_dir={"kerasnotes_cli": "cli"},
)
