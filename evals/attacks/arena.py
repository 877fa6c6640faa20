"""What an attack works with, and what it found. An attack is stopped when the harm did not happen."""

import itertools
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolserver.client import Sandbox, SandboxConfig, ToolOutcome, open_sandbox


@dataclass(frozen=True)
class Finding:
    """How an attack went.

    Attributes:
        stopped: whether the harm was kept from happening; None when the attack could not be carried out.
        seen: what was seen, in a few words.
    """

    stopped: bool | None
    seen: str


@dataclass(frozen=True)
class Attack:
    """One attack by a program in a sandbox, or by what a sandbox hands out.

    Attributes:
        number: stable; tests and documents name it.
        name: what is done.
        expected: what must come of it.
        run: does it.
    """

    number: str
    name: str
    expected: str
    run: Callable[["Arena"], Awaitable[Finding]]


@dataclass
class Arena:
    """Sandboxes to attack from, on one machine.

    Attributes:
        config: of the sandboxes.
        state_dir: their folder.
        sandbox: the attacker's.
        canary: what must not be found in any sandbox; the environment of this process holds it.
    """

    config: SandboxConfig
    state_dir: Path
    sandbox: Sandbox
    canary: str
    _stack: AsyncExitStack
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def call(self, tool: str, *, sandbox: Sandbox | None = None, **arguments: Any) -> ToolOutcome:
        """Call a tool under an id of its own."""
        return await (sandbox or self.sandbox).call(f"attack-{next(self._numbers)}", tool, arguments)

    async def shell(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Run a command and return how it ended; ``error`` is the kind of failure, if any."""
        outcome = await self.call("shell", command=command, **arguments)
        return {"stdout": "", "stderr": "", "exit_code": None, **outcome.data, "error": outcome.error}

    async def python(self, code: str, **arguments: Any) -> dict[str, Any]:
        """Run Python code and return how it ended, like ``shell``."""
        outcome = await self.call("python", code=code, **arguments)
        return {"stdout": "", "stderr": "", "exit_code": None, **outcome.data, "error": outcome.error}

    async def told(self, code: str, **arguments: Any) -> Any:
        """Run Python code that prints one JSON value at its end, and return it; None when it printed none."""
        lines = (await self.python(code, **arguments))["stdout"].strip().splitlines()
        try:
            return json.loads(lines[-1]) if lines else None
        except ValueError:
            return None

    async def offers(self, tool: str) -> bool:
        """Return whether the sandbox has a tool."""
        return tool in {offered.name for offered in await self.sandbox.tools()}

    async def still_works(self) -> bool:
        """Return whether the next call works as if nothing had happened."""
        ended = await self.shell("echo fine > still-works && cat still-works && rm still-works", session="after")
        return bool(ended["stdout"] == "fine\n")

    async def another(self) -> Sandbox:
        """Return a further sandbox, which ends with the arena."""
        return await self._stack.enter_async_context(await _opened(self.config, self.state_dir))

    async def reopened(self) -> Sandbox:
        """Return the attacker's sandbox opened once more, after its node was lost."""
        self.sandbox = await open_sandbox(self.config, self.sandbox.id, state_dir=self.state_dir)
        return self.sandbox


async def _opened(config: SandboxConfig, state_dir: Path) -> Sandbox:
    return await open_sandbox(config, f"attack-{uuid.uuid4().hex[:12]}", state_dir=state_dir)


async def carry_out(attack: Attack, config: SandboxConfig, state_dir: Path, canary: str) -> Finding:
    """Carry out one attack from a fresh sandbox; it is stopped only if the sandbox works on afterwards."""
    async with AsyncExitStack() as stack:
        sandbox = await _opened(config, state_dir)
        arena = Arena(config, state_dir, sandbox, canary, stack)

        async def end() -> None:
            await arena.sandbox.close()

        stack.push_async_callback(end)
        finding = await attack.run(arena)
        if finding.stopped and not await arena.still_works():
            return Finding(stopped=False, seen=f"{finding.seen}; but the next call does not work")
        return finding
