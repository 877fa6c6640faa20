"""A user's own tools: kept in a folder, described and run in a sandbox, never imported on the host."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue, StringConstraints, ValidationError

from toolserver.connection import Watch
from toolserver.errors import ToolServerError
from toolserver.forms import Form
from toolserver.protocol import Effect, NodeTool, Progress, ToolOutcome
from toolserver.sandbox import Sandbox

LONGEST_SOURCE: Final = 256 * 1024
LONGEST_DESCRIPTION: Final = 4000
LONGEST_SCHEMA: Final = 64 * 1024
DEFAULT_EFFECTS: Final[tuple[Effect, ...]] = ("reads", "writes", "executes")

_WORKER: Final = Path(__file__).with_name("worker.py")
_MARK: Final = "\x1eplumbline-own-tool "
_COMMENT: Final = re.compile(r"^#\s*effects:\s*([a-z, ]+)$", re.MULTILINE)

ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+){0,8}$", max_length=48)]


class OwnTool(Form):
    """A function that a user made a tool of.

    Attributes:
        kind: what it is.
        name: of the tool and of the function.
        description: what models read.
        parameters: JSON Schema of its arguments.
        effects: what it may do, as the user declares it; a sandbox allows no more whatever is declared.
        seconds: time limit of a call.
        file: where it came from, for people.
        source: the whole file.
    """

    kind: Literal["function"] = "function"
    name: ToolName
    description: str = Field(min_length=1, max_length=LONGEST_DESCRIPTION)
    parameters: dict[str, JsonValue]
    effects: tuple[Effect, ...] = DEFAULT_EFFECTS
    seconds: float = Field(default=60, gt=0, le=3600)
    file: str
    source: str = Field(max_length=LONGEST_SOURCE)


_NO_FUNCTION: Final = "no_such_function"


class OwnTools:
    """Own tools as a source of tools for a sandbox.

    Their calls are calls of the sandbox's ``python``, so each id runs once and leaves no process behind.
    """

    def __init__(self, sandbox: Sandbox, tools: Sequence[OwnTool]) -> None:
        self._sandbox = sandbox
        self._tools = {tool.name: tool for tool in tools}

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return the tools."""
        return tuple(
            NodeTool(name=tool.name, description=tool.description, parameters=tool.parameters, effects=tool.effects)
            for tool in self._tools.values()
        )

    def has(self, tool: str) -> bool:
        """Return whether there is a tool of that name."""
        return tool in self._tools

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Run a tool, once under this id.

        Raises:
            SandboxLost: the node is gone; the call may or may not have run.
        """
        own = self._tools[tool]
        code = _code(own.source, own.file, own.name, dict(arguments))
        limit = min(own.seconds, seconds or own.seconds)
        run = {"code": code, "seconds": limit}
        heard = None if watch is None else _without_result(watch)
        return _outcome(tool, await self._sandbox.call(call_id, "python", run, seconds=seconds, watch=heard))

    async def cancel(self, call_id: str) -> None:
        """Do nothing: the sandbox ends its own calls."""

    async def close(self) -> None:
        """Do nothing: nothing runs outside of the sandbox."""


async def derived(
    sandbox: Sandbox, file: Path, function: str, effects: tuple[Effect, ...] | None, seconds: float
) -> OwnTool:
    """Return the tool that a function is: described by the sandbox, for the file is not run on the host.

    Args:
        sandbox: any; nothing of the user's is in it but the file.
        file: the Python file.
        function: its function.
        effects: as the user declares them; None for what a line ``# effects: reads, writes`` of the file says.
        seconds: time limit of a call.

    Raises:
        ToolServerError: the function cannot be a tool; the message says why.
    """
    source = _read(file)
    outcome = await sandbox.call(
        secrets.token_hex(16), "python", {"code": _code(source, file.name, function, None), "seconds": 60}
    )
    told = _outcome(function, outcome)
    if not told.ok:
        said = " ".join(told.text.split())[:500]
        raise ToolServerError(said.removeprefix(f"{function}: ") if told.error == _NO_FUNCTION else f"{file}: {said}")
    if len(json.dumps(told.data)) > LONGEST_SCHEMA:
        raise ToolServerError(f"{file}: the schema of {function} has more than {LONGEST_SCHEMA:,} characters")
    comment = _COMMENT.search(source)
    declared: tuple[str, ...] = effects or (
        tuple(part.strip() for part in comment[1].split(",")) if comment else DEFAULT_EFFECTS
    )
    taken = {tool.name for tool in await sandbox.tools()}
    if function in taken:
        raise ToolServerError(f"there is a tool {function} already; give the function another name")
    try:
        return OwnTool.model_validate(
            {**told.data, "effects": declared, "seconds": seconds, "file": str(file), "source": source}
        )
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise ToolServerError(f"{file}: {function}: {problem['loc'][0]}: {problem['msg']}") from error


def _without_result(watch: Watch) -> Watch:
    """Return what passes on how a call gets on, without the line in which the worker tells the result."""
    mark = "".join(character for character in _MARK if character.isprintable())

    def heard(progress: Progress) -> None:
        watch(Progress(seconds=progress.seconds, line="") if progress.line.startswith(mark) else progress)

    return heard


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LONGEST_SOURCE:
            raise ToolServerError(f"{file} has more than {LONGEST_SOURCE:,} bytes")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ToolServerError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ToolServerError(f"cannot read {file}: it is not UTF-8") from error


def _code(source: str, file: str, function: str, arguments: Mapping[str, Any] | None) -> str:
    request = json.dumps({"source": source, "file": file, "function": function, "arguments": arguments})
    return f"{_WORKER.read_text(encoding='utf-8')}\n\nmain({request!r})\n"


def _outcome(tool: str, outcome: ToolOutcome) -> ToolOutcome:
    """Return what a call of the worker told; the function may have printed anything beside it."""
    if not outcome.ok:
        return outcome
    lines = str(outcome.data.get("stdout", "")).rstrip("\n").split("\n")
    try:
        told = json.loads(lines[-1].removeprefix(_MARK)) if lines[-1].startswith(_MARK) else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        said = str(outcome.data.get("stderr", "")).strip()[-2000:]
        return ToolOutcome(ok=False, error="own_tool_failed", text=f"{tool}: ended without a result\n{said}".strip())
    if "error" in told:
        return ToolOutcome(ok=False, error=str(told["error"]), text=f"{tool}: {told.get('text')}")
    value = told.get("value")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return ToolOutcome(text=text, data=value if isinstance(value, dict) else {"value": value})
