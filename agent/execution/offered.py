"""Which tools an executor is offered where a run has more of them than a model can choose from."""

from agent.domain.messages import ToolSpec
from agent.execution.context import Branch

CORE = frozenset(
    {
        *("read_file", "write_file", "edit_file", "list_files", "search_files", "grep", "shell", "job", "python"),
        *("notebook", "view_image", "read_output", "search_documents", "read_document"),
        *("http", "http_send", "install_packages"),
    }
)
"""Tools of ours that are always offered: with them anything can be done that does not need somebody else's."""

FOUND = 8
"""Tools added by one search of the model."""


def too_many(branch: Branch) -> bool:
    """Return whether a run has more tools than are offered at once."""
    return len(branch.run.toolbox.tools) > branch.run.limits.tools_offered


async def first_tools(branch: Branch, goal: str) -> tuple[ToolSpec, ...]:
    """Return the tools to begin with: all, or the core ones and after them those that fit the goal best."""
    tools = branch.run.toolbox.tools
    if not too_many(branch):
        return tuple(tool.spec for tool in tools.values())
    core = [name for name, tool in tools.items() if tool.where != "server" and name in CORE]
    room = max(0, branch.run.limits.tools_offered - len(core))
    found = (await branch.find_tools("found/0", goal, limit=room, besides=core)).names if room else ()
    # in the order of the catalogue, so that subtasks with the same tools send the same beginning
    return tuple(tools[name].spec for name in [*core, *(name for name in tools if name in set(found))])
