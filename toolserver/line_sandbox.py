"""Sandboxes of their own for one program that is asked in lines: opened beside another sandbox, started, closed."""

from types import TracebackType
from typing import Any, Generic, Self

from toolserver.deployment.config import DockerSandbox, Limits, SandboxConfig
from toolserver.egress.profiles import Egress
from toolserver.line_program import DoneT, Language, LineProgram, ReadyT
from toolserver.sandbox import Sandbox


class LineSandbox(Generic[ReadyT, DoneT]):
    """A sandbox in which nothing runs but one program. It is started at the first call, and anew after it has ended.

    Attributes:
        sandbox: the sandbox itself.
    """

    def __init__(self, sandbox: Sandbox, language: Language[ReadyT, DoneT], settings: str) -> None:
        """Take a sandbox, what its program speaks, and the settings that the program is given as its one argument."""
        self.sandbox = sandbox
        self._program = LineProgram(sandbox, language, settings)

    async def start(self) -> ReadyT:
        """Start the program, unless it is running, and return what it says about itself.

        Raises:
            SandboxLost: the sandbox is gone.
            ToolServerError: the program cannot be started; which error it is, its language says.
        """
        return (await self._program.start()).ready

    async def leave(self) -> None:
        """End the program alone."""
        await self._program.leave()

    async def close(self) -> None:
        """End the program and the sandbox with all its files."""
        await self.leave()
        await self.sandbox.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def beside(config: SandboxConfig, limits: Limits, egress: Egress, image: str) -> SandboxConfig:
    """Return the configuration of a sandbox for one program beside a sandbox like this one.

    Limits that were given stay as they are, and so does an image that was named for Docker.
    """
    update: dict[str, Any] = {
        "limits": config.limits if "limits" in config.model_fields_set else limits,
        "egress": egress,
    }
    if isinstance(config, DockerSandbox) and config.image is None:
        update["image"] = image
    return config.model_copy(update=update)
