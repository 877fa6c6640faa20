"""Run Python code in a fresh interpreter."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta

from toolserver.node.machine import Machine
from toolserver.node.processes.supervisor import Command
from toolserver.node.report import program_answer
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Form

_CELL: Final = Path(__file__).parent.parent / "workers" / "cell.py"


class Python(Form):
    """Run Python code in a fresh interpreter, in the workspace. The value of a last expression is printed.

    Nothing is kept from one call to the next but files. Modules of the workspace can be imported.
    """

    code: Annotated[str, Meta(min_length=1, description="Python code.")]
    seconds: Annotated[float, Meta(gt=0, le=3600, description="Time limit.")] = 60


class PythonTool:
    """Python, one process for each call."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Python, self.run, effects=("reads", "writes", "executes")),)

    async def run(self, form: Python) -> Answer:
        """Run code to its end."""
        with self._machine.outputs.recording() as output:
            code = output.folder / "code.py"
            code.write_text(form.code, encoding="utf-8")
            command = Command(
                argv=(sys.executable, "-I", "-u", "-X", "utf8", str(_CELL), str(code)),
                cwd=self._machine.workspace.root,
                env=self._machine.environment.variables(),
                output=output.folder,
            )
            ended = await self._machine.supervisor.run(command, form.seconds)
        stdout = output.excerpt("stdout", ended.totals[0], ended.lost[0])
        stderr = output.excerpt("stderr", ended.totals[1], ended.lost[1])
        self._machine.outputs.settle(output, stdout, stderr)
        return program_answer(output, ended, stdout, stderr, form.seconds)
