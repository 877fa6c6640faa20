"""A person at the terminal: sees what is new, then types text, or a tool's number or name and its arguments as JSON."""

import asyncio
import io
import json
import sys
import threading
from collections.abc import Sequence
from typing import Any, TextIO

from agent.domain.errors import WaitingForPerson
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.person.answer import PersonAnswer, PersonCall, problem_of, schema_problem
from agent.models.person.rendering import messages_text, printable, tools_text
from agent.models.port import Profile, Watcher


class TerminalPerson:
    """A ``ChatModel`` whose replies are typed.

    Args:
        name: what settings, events and reports call the model.
        source: where lines are read; None means standard input; where that is closed, it has ended.
        sink: where requests are shown; None means standard output, as long as that is open.
    """

    def __init__(self, name: str, *, source: TextIO | None = None, sink: TextIO | None = None) -> None:
        self._name = name
        self._source = source or sys.stdin or io.StringIO()
        self._sink = sink or sys.stdout or io.StringIO()
        self._one_at_a_time = asyncio.Lock()
        self._shown: tuple[Transcript, int] | None = None
        self._reading: asyncio.Future[str] | None = None

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What a person can do."""
        return Profile(tool_mode="native")

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Show what is new and return what the person answers.

        Raises:
            WaitingForPerson: the input has ended.
        """
        async with self._one_at_a_time:
            self._show(messages, tools, response_format)
            while True:
                answer = await self._answer(tools)
                problem = problem_of(answer, tools, response_format, options.tool_choice)
                if problem is None:
                    return answer.as_reply(self._name, messages)
                self._print(f"{problem}; please try again")

    async def close(self) -> None:
        """Nothing to free."""

    def _show(self, messages: Transcript, tools: Sequence[ToolSpec], response_format: ResponseFormat | None) -> None:
        seen = self._shown[1] if self._shown is not None and self._shown[0] is messages else 0
        self._shown = (messages, len(messages))
        self._print(f"\n{messages_text(messages[seen:])}\n")
        if tools:
            self._print(f"{tools_text(tools)}\n")
        if response_format is not None:
            self._print(f"Answer with JSON of this form: {json.dumps(response_format.json_schema, ensure_ascii=False)}")

    async def _answer(self, tools: Sequence[ToolSpec]) -> PersonAnswer:
        line = (await self._ask("tool number or name, or text> " if tools else "text> ")).strip()
        chosen = _chosen(line, tools)
        if chosen is None:
            return PersonAnswer(text=line)
        return PersonAnswer(calls=[PersonCall(name=chosen.name, arguments=await self._arguments(chosen))])

    async def _arguments(self, tool: ToolSpec) -> dict[str, Any]:
        self._print(json.dumps(tool.parameters, ensure_ascii=False))
        while True:
            line = (await self._ask(f"arguments of {tool.name} as JSON> ")).strip()
            try:
                arguments = json.loads(line or "{}")
            except (ValueError, RecursionError) as error:
                self._print(f"no JSON: {error}; please try again")
                continue
            problem = schema_problem(arguments, tool.parameters)
            if problem is None and isinstance(arguments, dict):
                return arguments
            self._print(f"{problem or 'the arguments must be a JSON object'}; please try again")

    async def _ask(self, prompt: str) -> str:
        self._sink.write(prompt)
        self._sink.flush()
        # a call that was cancelled leaves its read behind; the line it gets is for the next question
        self._reading = self._reading or _next_line(self._source)
        line = await asyncio.shield(self._reading)
        self._reading = None
        if not line:
            raise WaitingForPerson("nobody answers in the model's place any more: the input has ended")
        return line

    def _print(self, text: str) -> None:
        self._sink.write(f"{printable(text)}\n")
        self._sink.flush()


def _chosen(line: str, tools: Sequence[ToolSpec]) -> ToolSpec | None:
    if line.isdecimal() and 1 <= int(line) <= len(tools):
        return tools[int(line) - 1]
    return next((tool for tool in tools if tool.name == line), None)


def _next_line(source: TextIO) -> asyncio.Future[str]:
    """Start to read one line without blocking the loop; it is empty at the end of the input.

    The thread is a daemon, because a blocked read cannot be cancelled and must not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def deliver(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        text = source.readline()
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, text)

    threading.Thread(target=read, daemon=True).start()
    return line
