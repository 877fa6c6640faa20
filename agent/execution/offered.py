"""Which tools an executor is offered where a run has more of them than a model can choose from, or than fit."""

from collections.abc import Iterable, Sequence

from agent.domain.messages import ToolSpec, wire_json
from agent.execution.compaction import BYTES_PER_TOKEN
from agent.execution.context import Branch

CORE = (
    *("read_file", "write_file", "shell", "search_documents", "read_document", "edit_file", "python", "list_files"),
    *("workspace_read_document", "grep", "read_output", "view_image", "notebook", "job", "search_files"),
    *("http", "http_send", "install_packages"),
)
"""Tools of ours that are offered first, the more important before others: with them anything can be done that does not
need somebody else's."""

FEWEST = 3
"""So many core tools are offered however small the context is."""

FOUND = 8
"""Most tools added by one search of the model."""

_FOR_CORE, _FOR_FOUND = 1 / 2, 1 / 4
"""Shares of the room where not everything fits: for the core, and for what the model finds later. The rest is for what
fits the work."""


def described(tools: Iterable[ToolSpec]) -> int:
    """Return how many bytes the descriptions of tools take."""
    return sum(len(wire_json(spec.as_function())) + 1 for spec in tools)


def room_for_tools(branch: Branch) -> int:
    """Return how many bytes the descriptions of a run's tools may take."""
    return int(branch.run.setting.context * branch.run.limits.tools_share * BYTES_PER_TOKEN)


def too_many(branch: Branch) -> bool:
    """Return whether a run has more tools than are offered at once."""
    tools = branch.run.toolbox.tools
    specs = (tool.spec for tool in tools.values())
    return len(tools) > branch.run.limits.tools_offered or described(specs) > room_for_tools(branch)


async def first_tools(branch: Branch, goal: str) -> tuple[ToolSpec, ...]:
    """Return the tools to begin with: all, or the core ones and after them those that fit the goal best."""
    tools = branch.run.toolbox.tools
    if not too_many(branch):
        return tuple(tool.spec for tool in tools.values())
    room = room_for_tools(branch)
    ours = [tools[name].spec for name in CORE if name in tools and tools[name].where != "server"]
    core = fitting(ours, int(room * _FOR_CORE), fewest=FEWEST)
    limit = max(0, branch.run.limits.tools_offered - len(core))
    names = [spec.name for spec in core]
    found = (await branch.find_tools("found/0", goal, limit=limit, besides=names)).names if limit else ()
    rest = max(0, int(room * (1 - _FOR_FOUND)) - described(core))
    fit = {spec.name for spec in fitting([tools[name].spec for name in found], rest)}
    # in the order of the catalogue, so that subtasks with the same tools send the same beginning
    return (*core, *(tool.spec for name, tool in tools.items() if name in fit))


def later_tools(branch: Branch, before: Sequence[ToolSpec], found: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """Return what to offer beside the first tools once more were found.

    Args:
        branch: the subtask.
        before: what was found before; where room is short, the oldest of it goes.
        found: what was found now, best first; of it at least one is offered.
    """
    room = int(room_for_tools(branch) * _FOR_FOUND)
    new = fitting(found, room, fewest=1)
    old = [spec for spec in before if spec not in new]
    while old and described([*old, *new]) > room:
        old.pop(0)
    return (*old, *new)


def fitting(tools: Iterable[ToolSpec], room: int, *, fewest: int = 0) -> list[ToolSpec]:
    """Return those tools, in order, whose descriptions fit into so many bytes together, and the first ``fewest``."""
    taken: list[ToolSpec] = []
    for spec in tools:
        size = described([spec])
        if size <= room or len(taken) < fewest:
            taken.append(spec)
            room -= size
    return taken
