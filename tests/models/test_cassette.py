import pytest

from agent.domain.errors import ReplayDivergence
from agent.domain.messages import CallOptions
from agent.models.cassette import CassetteModel
from agent.models.requests import request_digest
from agent.models.testing.script import say
from tests.models.helpers import TOOLS, question


async def test_an_equal_request_gets_the_recorded_reply() -> None:
    recorded = [(request_digest(question("a")), say("A")), (request_digest(question("b"), TOOLS), say("B"))]
    cassette = CassetteModel("main", recorded)
    assert (await cassette.complete(question("b"), tools=TOOLS, options=CallOptions(temperature=1))).text == "B"
    assert (await cassette.complete(question("a"))).text == "A"
    await cassette.close()


async def test_equal_requests_get_their_replies_in_order_and_then_none() -> None:
    digest = request_digest(question())
    cassette = CassetteModel("main", [(digest, say("first")), (digest, say("second"))])
    assert [(await cassette.complete(question())).text for _ in range(2)] == ["first", "second"]
    with pytest.raises(ReplayDivergence, match="no further reply"):
        await cassette.complete(question())


async def test_an_unknown_request_is_a_divergence_that_says_what_was_asked() -> None:
    cassette = CassetteModel("main", [])
    with pytest.raises(ReplayDivergence) as caught:
        await cassette.complete(question("Where\nis it?"), tools=TOOLS)
    line = str(caught.value)
    assert "2 messages, the last from user: 'Where is it?'; tools: read_file, search" in line
    assert request_digest(question("Where\nis it?"), TOOLS)[:12] in line
