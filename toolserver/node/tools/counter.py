"""A tool for tests that shows how often it was run."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta

from toolserver.node.toolbox import Answer, Tool
from toolserver.node.workspace import Workspace
from toolserver.protocol import Fact, Form


class Counter(Form):
    """Add one to the number in the file `counter` of the workspace and return it."""

    seconds: Annotated[float, Meta(ge=0, le=60, description="How long to wait first.")] = 0


class Count(Fact):
    """The number after adding one."""

    value: int


class CounterTool:
    """Counts its own executions."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Counter, self.run, effects=("reads", "writes")),)

    async def run(self, form: Counter) -> Answer:
        """Count."""
        await asyncio.sleep(form.seconds)
        value = 1
        if self._workspace.kind("counter") is not None:
            with self._workspace.open_file("counter") as file:
                value += int(file.read())
        self._workspace.replace("counter", str(value).encode())
        return Answer(str(value), Count(value=value))
