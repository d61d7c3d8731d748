"""Print what the package and one of its extras need, for an environment into which it will be built."""

import sys
from pathlib import Path

import tomli

project = tomli.loads((Path(__file__).parent / "pyproject.toml").read_text())["project"]


def needs(extra: str) -> list[str]:
    """List the requirements of an extra, those of the extras within it included."""
    wanted = []
    for requirement in project["optional-dependencies"][extra]:
        inner = requirement.removeprefix("tierwise[").removesuffix("]")
        wanted += needs(inner) if inner != requirement else [requirement]
    return wanted


print(" ".join(requirement.replace(" ", "") for requirement in project["dependencies"] + needs(sys.argv[1])))
