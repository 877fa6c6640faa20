"""The tools of a run, with what each call of them reaches."""

from collections.abc import Mapping
from typing import Any

from agent.domain.errors import ReplayDivergence
from agent.domain.messages import ToolOutcome
from agent.execution.setting import Setting
from agent.execution.toolbox import HostTool, ProgressListener, Toolbox
from agent.runtime.offering import own_name
from agent.runtime.sandbox import RunSandbox


def toolbox(setting: Setting, host: Mapping[str, HostTool], sandbox: RunSandbox | None) -> Toolbox:
    """Return the tools a run was set up with; without a sandbox they are only described, for a replay."""

    async def nowhere(
        call: str, tool: str, arguments: Mapping[str, Any], listener: ProgressListener | None
    ) -> ToolOutcome:
        raise ReplayDivergence(f"{tool} was to be run in a replay")

    tools = {tool.spec.name: tool for tool in setting.tools}

    async def there(
        call: str, tool: str, arguments: Mapping[str, Any], listener: ProgressListener | None
    ) -> ToolOutcome:
        assert sandbox is not None, "a call of a sandbox that there is not"  # noqa: S101
        where = tools[tool].where if tool in tools else ""
        return await sandbox.call(call, own_name(tool, where), arguments, listener)

    return Toolbox(tools=tools, host=host, sandbox=there if sandbox is not None else nowhere)
