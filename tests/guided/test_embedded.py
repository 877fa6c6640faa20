"""A handful of items with the real small model: right or withheld, never wrong."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from agent.domain.claims import Finding
from agent.domain.messages import CallOptions, Reply, ResponseFormat, TokenChoice, ToolOutcome, ToolSpec, Transcript
from agent.execution.guided.strategy import work
from agent.execution.guided.testing import Tool, passage, python_in, search_in
from agent.execution.guided.thresholds import thresholds_for
from agent.execution.guided.triage import triage
from agent.execution.guided.words import words

WEIGHTS = Path(os.environ.get("PLUMBLINE_TEST_WEIGHTS", ""))
SERVER = Path(__file__).parent / "server.py"
SALES = "date,region,revenue\n2024-01-05,North,10.50\n2024-02-09,South,4.00\n2024-02-11,North,3.25\n"
GOAL = "According to the manual, what is the default port of the server? And what is the total revenue in sales.csv?"

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.slow,
    pytest.mark.skipif(not WEIGHTS.is_file(), reason="PLUMBLINE_TEST_WEIGHTS names no weights of the 1.5B model"),
    pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
]


class LiveSteps:
    """Steps over a real server; nothing is recorded."""

    def __init__(self, client: AsyncOpenAI, tools: Mapping[str, Tool]) -> None:
        self._client = client
        self._tools = tools

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = "executor",
    ) -> Reply:
        body: dict[str, Any] = {"model": "m", "messages": list(messages), "temperature": 0}
        body["max_tokens"] = options.max_tokens
        if response_format:
            schema = {"name": response_format.name, "schema": response_format.json_schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if options.top_logprobs:
            body |= {"logprobs": True, "top_logprobs": options.top_logprobs}
        choice = (await self._client.chat.completions.create(**body)).choices[0]
        first = choice.logprobs.content[0].top_logprobs if choice.logprobs and choice.logprobs.content else []
        return Reply(
            text=choice.message.content or "",
            finish="length" if choice.finish_reason == "length" else "stop",
            first_token=tuple(TokenChoice(token=one.token, logprob=one.logprob) for one in first),
        )

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        return self._tools[tool](arguments)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = subprocess.Popen([sys.executable, str(SERVER), str(WEIGHTS)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield next(line.strip() for line in server.stdout if line.startswith("http"))
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def literal(answer: str, cited: str, question: str) -> Finding:
    missing = [word for word in words(answer) if word not in words(cited)]
    return Finding(method="literal", passed=not missing, detail=", ".join(missing))


async def outcomes(address: str, goal: str, folder: Path) -> list[tuple[bool, str]]:
    (folder / "sales.csv").write_text(SALES)
    manual = passage(
        "manual.md",
        "The server listens on port 7420 by default.",
        "Idle connections are closed after 90 seconds.",
        title="Server manual",
    )
    async with AsyncOpenAI(base_url=f"{address}/v1", api_key="none", timeout=300, max_retries=0) as client:
        steps = LiveSteps(client, {"python": python_in(folder), "search_documents": search_in(manual)})
        plan = await triage(goal, steps, files=("sales.csv",), documents=True)
        worked = [await work(part, steps, literal, thresholds_for("qwen2.5-coder-1.5b")) for part in plan.parts]
    return [(outcome.accepted, outcome.answer) for outcome in worked]


async def test_a_question_and_a_computation_in_one_goal_are_right(address: str, tmp_path: Path) -> None:
    assert await outcomes(address, GOAL, tmp_path) == [(True, "7420"), (True, "17.75")]


@pytest.mark.parametrize(
    "goal",
    [
        "According to the manual, what is the default port of the database?",
        "What is the total profit in sales.csv?",
        "According to the manual, how many clients can connect?",
    ],
)
async def test_what_is_not_stated_is_withheld(goal: str, address: str, tmp_path: Path) -> None:
    assert [accepted for accepted, _ in await outcomes(address, goal, tmp_path)] == [False]
