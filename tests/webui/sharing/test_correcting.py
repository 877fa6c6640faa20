"""A person corrects a claim, and is told what comes of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.memory.corrections.facts import Situation
from agent.verification.remembered import open_corrections
from tests.webui.guard.conftest import House, opened
from tests.webui.sharing.runs import rich_run


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, authenticate=False) as one:
        yield one


async def test_a_correction_is_kept_and_says_what_it_does_from_now_on(house: House, tmp_path: Path) -> None:
    run = await rich_run(house.ledger)
    body = {"claim": "c1", "correction": "14 m, not 12 m"}
    got = await house.client.post(f"/api/runs/{run}/corrections", json=body)
    assert got.status_code == 201
    kept = got.json()
    assert kept["correction"]["situation"]["text"] == "The lock is 12 m wide."
    assert (kept["judged"], kept["contradicts"]) == (True, True)
    assert "contradicted" in kept["next"]
    with open_corrections(tmp_path) as corrections:
        (applied,) = corrections.applicable(Situation(text="The lock is 12 m wide."))
    assert applied.correction.value == "14 m, not 12 m"


async def test_words_that_are_too_far_are_said_to_be(house: House) -> None:
    run = await rich_run(house.ledger)
    body = {"claim": "c1", "correction": "ask the harbour master", "situation": "boats in winter"}
    kept = (await house.client.post(f"/api/runs/{run}/corrections", json=body)).json()
    assert (kept["told"], kept["judged"]) == (False, False)
    assert "too far" in kept["next"]


async def test_a_situation_in_the_words_of_the_goal_reaches_the_next_run(house: House) -> None:
    run = await rich_run(house.ledger)
    body = {"claim": "c1", "correction": "14 m", "situation": "How wide is the lock at Harrow?"}
    kept = (await house.client.post(f"/api/runs/{run}/corrections", json=body)).json()
    assert kept["told"]
    assert "told of it when it begins" in kept["next"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"claim": "c9", "correction": "x"}, 404),
        ({"claim": "c1", "correction": ""}, 422),
        ({"claim": "c1", "correction": "x" * 5_000}, 422),
        ({"claim": "c1", "correction": "x", "situation": "the of and"}, 422),
        ({"claim": "c1", "correction": "x", "run": "y"}, 422),
    ],
)
async def test_what_cannot_be_kept_is_refused(house: House, body: dict[str, str], status: int) -> None:
    run = await rich_run(house.ledger)
    got = await house.client.post(f"/api/runs/{run}/corrections", json=body)
    assert got.status_code == status
    assert set(got.json()) == {"error", "message"}


async def test_only_an_admin_says_what_holds_for_everybody(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        token = house.access.add_user("mei", "operator")
        run = await rich_run(house.ledger, owner="mei")
        body = {"claim": "c1", "correction": "14 m, not 12 m"}
        refused = await house.client.post(f"/api/runs/{run}/corrections", json=body, headers=house.bearer(token))
        assert (refused.status_code, refused.json()["error"]) == (403, "NotAllowed")
        kept = await house.client.post(f"/api/runs/{run}/corrections", json=body, headers=house.bearer())
        assert kept.status_code == 201
