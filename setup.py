"""Names the packages; all else is in pyproject.toml.

The folder `cli` is installed as `kerasnotes_cli`: a package called `cli`
would collide with others'. pyproject.toml cannot both find packages and
rename one.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["kerasnotes", "kerasnotes.*"]),
        "kerasnotes.serving.page.static",
        "kerasnotes_cli",
    ],
    package_dir={"kerasnotes_cli": "cli"},
)
