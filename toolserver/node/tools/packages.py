"""Install Python packages into the sandbox."""

import re
import sys
from typing import Annotated, Any

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.environment import PACKAGES_FOLDER
from toolserver.node.machine import Machine
from toolserver.node.outputs import as_text
from toolserver.node.processes.supervisor import Command
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Fact, Form, Requirement


class InstallPackages(Form):
    """Install Python packages with pip. They are there for python and shell until the sandbox ends."""

    packages: Annotated[
        list[Requirement],
        Meta(min_length=1, max_length=50, description='Names, for example "numpy", "httpx[http2]>=0.28,<1".'),
    ]
    seconds: Annotated[float, Meta(gt=0, le=3600, description="Time limit.")] = 600


class Installed(Fact):
    """What pip installed: names with versions, those that were needed by others among them."""

    installed: tuple[str, ...]


class PackageTool:
    """Installs packages into a folder on the sandbox's volume."""

    def __init__(self, machine: Machine, index_url: str | None) -> None:
        self._machine = machine
        self._index_url = index_url
        self._folder = machine.state / PACKAGES_FOLDER

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(InstallPackages, self.run, effects=("writes", "executes", "network")),)

    async def run(self, form: InstallPackages) -> Answer:
        """Install packages."""
        # the temporary folder is memory, and small
        scratch = self._machine.state / "pip"
        scratch.mkdir(exist_ok=True, mode=0o700)
        self._folder.mkdir(exist_ok=True, mode=0o700)
        index = ["--index-url", self._index_url] if self._index_url is not None else []
        options = ["--target", str(self._folder), "--upgrade", "--progress-bar", "off", "--no-color", *index]
        with self._machine.outputs.recording() as output:
            command = Command(
                argv=(sys.executable, "-I", "-m", "pip", "install", *options, "--", *form.packages),
                cwd=scratch,
                env={**self._machine.environment.variables(), "TMPDIR": str(scratch)},
                output=output.folder,
            )
            ended = await self._machine.supervisor.run(command, form.seconds)
            stdout, stderr = (as_text(output.kept(stream)) for stream in ("stdout", "stderr"))
        output.discard()
        if ended.timed_out:
            raise ToolFailure("timeout", f"install_packages: not done after {form.seconds:g} s")
        if ended.code != 0:
            raise ToolFailure("install_failed", f"install_packages: pip failed\n{_telling(stdout, stderr)}")
        done = re.findall(r"^Successfully installed (.+)$", stdout, re.MULTILINE)
        installed = tuple(done[-1].split()) if done else ()
        text = f"Installed {', '.join(installed)}." if installed else "pip had nothing to install."
        return Answer(text, Installed(installed=installed))


def _telling(stdout: str, stderr: str) -> str:
    """Return the lines of pip that say what went wrong."""
    errors = [line for line in stderr.splitlines() if line.startswith(("ERROR", "WARNING"))]
    return "\n".join(dict.fromkeys(errors))[-2500:] or (stderr.strip() or stdout.strip())[-1500:] or "it said nothing"
