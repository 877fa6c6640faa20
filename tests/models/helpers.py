"""What the tests of models share: a watcher that remembers, tools, and models pointed at a scripted server."""

from typing import Any

from agent.domain.messages import ToolSpec, Transcript
from agent.models.config import OpenAIConfig, RetryPolicy
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Retry
from agent.models.testing.scripted_server import ScriptedServer

QUICK = RetryPolicy(deadline_seconds=10, first_wait_seconds=0.01, longest_wait_seconds=0.05)
READ_FILE = ToolSpec(
    name="read_file",
    description="Read a text file of the workspace.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
SEARCH = ToolSpec(
    name="search",
    description="Search the web.",
    parameters={
        "type": "object",
        "properties": {"query": {"type": "string", "examples": ["tallest tower"]}, "limit": {"type": "integer"}},
        "required": ["query"],
    },
)
TOOLS = (READ_FILE, SEARCH)
NAMES = {"read_file", "search"}


class RecordingWatcher:
    """Remembers what it is told."""

    def __init__(self, *, streaming: bool = False) -> None:
        self.streaming = streaming
        self.pieces: list[str] = []
        self.retries: list[Retry] = []

    def text(self, piece: str) -> None:
        self.pieces.append(piece)

    def retry(self, notice: Retry) -> None:
        self.retries.append(notice)


def question(text: str = "What is in notes.txt?") -> Transcript:
    return Transcript([{"role": "system", "content": "You are helpful."}, {"role": "user", "content": text}])


def config_for(server: ScriptedServer, **changes: Any) -> OpenAIConfig:
    return OpenAIConfig.model_validate(
        {"model": "scripted", "base_url": server.base_url, "api_key_env": None, "retry": QUICK, **changes}
    )


def model_for(server: ScriptedServer, *, key: str | None = None, **changes: Any) -> OpenAICompatible:
    return OpenAICompatible("main", config_for(server, **changes), key=key)
