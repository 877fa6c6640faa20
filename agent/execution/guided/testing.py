"""Fakes for tests of guided strategies: steps that follow a script, and tools over a folder or a list of passages."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Unpack

import anyio.to_thread

from agent.domain.messages import Reply, TokenChoice, ToolOutcome, Transcript
from agent.models.asking import HowAsked

Tool = Callable[[Mapping[str, Any]], ToolOutcome]


class UnexpectedStep(AssertionError):
    """A strategy took a step that the script does not have."""


class ScriptedSteps:
    """Steps that answer from a script.

    Args:
        replies: the model's reply for each step name; a dictionary is sent as JSON, a number is the margin of yes.
        tools: the tools by name; they run when called.
    """

    def __init__(self, replies: Mapping[str, str | float | dict[str, Any]], tools: Mapping[str, Tool]) -> None:
        self._replies = replies
        self._tools = tools
        self.taken: list[str] = []
        self.asked: dict[str, str] = {}

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Return the scripted reply."""
        self._take(step)
        self.asked[step] = "\n".join(str(message["content"]) for message in messages)
        if step not in self._replies:
            raise UnexpectedStep(f"the model was asked at {step}: {messages[-1]['content']}")
        scripted = self._replies[step]
        if isinstance(scripted, str):
            return Reply(text=scripted)
        if isinstance(scripted, dict):
            return Reply(text=json.dumps(scripted))
        likely = {"yes": 0.0, " No": -scripted}
        choices = tuple(TokenChoice(token=token, logprob=logprob) for token, logprob in likely.items())
        return Reply(text="yes", first_token=choices)

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run the tool."""
        self._take(step)
        if tool not in self._tools:
            raise UnexpectedStep(f"{tool} was called at {step}")
        return await anyio.to_thread.run_sync(self._tools[tool], arguments)

    def _take(self, step: str) -> None:
        if step in self.taken:
            raise UnexpectedStep(f"the step {step} was taken twice")
        self.taken.append(step)


def python_in(folder: Path) -> Tool:
    """Return the python tool for a folder: a fresh interpreter that works there, without any isolation."""

    def run(arguments: Mapping[str, Any]) -> ToolOutcome:
        ended = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-c", arguments["code"]],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=arguments["seconds"],
            check=False,
        )
        data = {"stdout": ended.stdout, "stderr": ended.stderr, "exit_code": ended.returncode}
        return ToolOutcome(text=ended.stdout or ended.stderr, data=dict(data))

    return run


def search_in(*passages: dict[str, Any]) -> Tool:
    """Return a search tool that finds the same passages whatever is asked."""

    def run(arguments: Mapping[str, Any]) -> ToolOutcome:
        return ToolOutcome(text=f"{len(passages)} passages", data={"passages": list(passages)})

    return run


def passage(document: str, *sentences: str, title: str = "", heading: str = "", first: int = 1) -> dict[str, Any]:
    """Return a passage as the search tool gives it, its sentences numbered from ``first``."""
    numbered = [{"n": number, "text": text} for number, text in enumerate(sentences, first)]
    return {
        "document": document,
        "title": title or document,
        "location": f"docs/{document}",
        "heading": heading,
        "sentences": numbered,
        "score": 1.0,
    }
