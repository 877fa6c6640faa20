"""Prompts are template files in a folder ``prompts`` beside the code that uses them; a missing value is an error."""

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(package: str, name: str, **values: Any) -> str:
    """Return the text of a prompt.

    Args:
        package: dotted name of the package that has the ``prompts`` folder.
        name: file name without its ending ``.j2``.
        values: what the template needs; all of it, since nothing is undefined silently.
    """
    return _environment(package).get_template(f"{name}.j2").render(**values).strip()


@lru_cache(maxsize=32)
def _environment(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package, "prompts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - prompts are plain text, nothing renders them as HTML
    )
