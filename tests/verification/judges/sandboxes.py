"""Runs programs for tests in a real sandbox, without a run around it."""

import uuid
from collections.abc import Mapping
from typing import Any

from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolOutcome
from toolserver.client import Sandbox


class SandboxCaller:
    """Calls the tools of a sandbox. Implements ``Caller``; ``steps`` are the names of the calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.steps: list[str] = []

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        self.steps.append(step)
        outcome = await self._sandbox.call(uuid.uuid4().hex, tool, arguments)
        return ToolOutcome(ok=outcome.ok, text=outcome.text, data=dict(outcome.data), error=outcome.error)

    def evidence_id(self, step: str) -> str:
        return f"report.{step}"


class NoTools:
    """Calls where there is no sandbox. Implements ``Caller``."""

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        raise ModelOutputError(f"there is no tool {tool!r}")

    def evidence_id(self, step: str) -> str:
        return f"report.{step}"
