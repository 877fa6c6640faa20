from collections.abc import Sequence

import pytest

from agent.domain.errors import ConfigurationError
from agent.domain.messages import CallOptions, ResponseFormat, ToolSpec
from agent.models.requests import PerTools, request_digest, require_model_requests
from tests.models.helpers import READ_FILE, SEARCH, TOOLS, question


def test_equal_requests_have_equal_digests() -> None:
    copied = tuple(ToolSpec.model_validate(tool.model_dump()) for tool in TOOLS)
    assert request_digest(question(), TOOLS) == request_digest(question(), copied)


def test_everything_that_decides_which_replies_fit_changes_the_digest() -> None:
    answer_format = ResponseFormat(name="answer", json_schema={"type": "object"})
    digests = {
        request_digest(question()),
        request_digest(question("Something else?")),
        request_digest(question(), TOOLS),
        request_digest(question(), (SEARCH, READ_FILE)),
        request_digest(question(), (), answer_format),
        request_digest(question(), TOOLS, None, CallOptions(tool_choice="required")),
    }
    assert len(digests) == 6


def test_how_the_model_is_called_does_not_change_the_digest() -> None:
    hot = CallOptions(temperature=1.5, max_tokens=7, top_logprobs=3)
    assert request_digest(question(), TOOLS, None, hot) == request_digest(question(), TOOLS)


def test_a_value_is_computed_once_for_the_same_tools() -> None:
    computed: list[int] = []

    def compute(tools: Sequence[ToolSpec]) -> list[str]:
        computed.append(1)
        return [tool.name for tool in tools]

    names = PerTools(compute)
    assert names(list(TOOLS)) == names(TOOLS) == ["read_file", "search"]
    assert len(computed) == 1


def test_the_memory_of_values_is_bounded() -> None:
    computed: list[int] = []

    def compute(tools: Sequence[ToolSpec]) -> str:
        computed.append(1)
        return tools[0].name

    names = PerTools(compute, size=2)
    for tool in (READ_FILE, SEARCH, READ_FILE.model_copy(), READ_FILE):
        names([tool])
    assert len(computed) == 4


def test_requests_can_be_forbidden_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    require_model_requests()
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    with pytest.raises(ConfigurationError, match="ALLOW_MODEL_REQUESTS=0"):
        require_model_requests()
