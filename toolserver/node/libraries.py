"""Which tools need libraries that are not part of the node, and whether this sandbox has them."""

import importlib.util
from collections.abc import Mapping
from typing import Final

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "read_document": ("pypdfium2", "docx", "openpyxl"),
    "view_image": ("PIL",),
    "notebook": ("ipykernel", "jupyter_client", "nbformat"),
}
"""Modules that a tool cannot do without; only its workers import them."""


def missing_for(tool: str) -> tuple[str, ...]:
    """Return the modules that a tool needs and this interpreter does not have. Nothing is imported."""
    return tuple(module for module in NEEDED.get(tool, ()) if importlib.util.find_spec(module) is None)


def absent_tools() -> tuple[str, ...]:
    """Return the tools that cannot be offered here, in order, each with what it lacks."""
    lacking = {tool: missing_for(tool) for tool in NEEDED}
    return tuple(f"{tool} (needs {', '.join(modules)})" for tool, modules in lacking.items() if modules)
