"""A bridge is another process: what it says is taken only in the right form, and its faults are told in one line."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.domain.errors import ServiceError
from evals.dojo.client import bridged

REPOSITORY = Path(__file__).parents[3]


def fake() -> Sequence[str]:
    """Return the command of the public fake; a bridge does not run in the repository's folder."""
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import runpy; "
    return (sys.executable, "-c", f"{code}runpy.run_module('evals.dojo.testing', run_name='__main__')")


def saying(line: str) -> Sequence[str]:
    return (sys.executable, "-c", f"import sys\nfor _ in sys.stdin: print({line!r}, flush=True)")


async def test_a_task_is_opened_worked_on_and_judged() -> None:
    async with bridged(fake()) as bridge:
        suite = await bridge.suite("mail")
        assert {tool.name for tool in suite.tools} == {"read_mail", "send_mail", "get_page"}
        async with bridge.opened("mail", "sum", "send", "direct") as room:
            assert "evil.example" in (await room.call("read_mail", {})).text
            assert (await room.judge("It is 42.")).model_dump() == {"utility": True, "security": False}
            assert not (await room.call("burn_mail", {})).ok
            await room.call("send_mail", {"to": "eve@evil.example", "text": "42"})
            assert (await room.judge("none")).model_dump() == {"utility": False, "security": True}
        async with bridge.opened("mail", "sum") as room:
            # nothing is left of what was done before
            assert (await room.judge("42")).model_dump() == {"utility": True, "security": None}


async def test_a_refusal_is_told_and_the_bridge_goes_on() -> None:
    async with bridged(fake()) as bridge:
        with pytest.raises(ServiceError, match="there is no suite 'moon'"):
            await bridge.suite("moon")
        assert (await bridge.suite("mail")).version == "1"


async def test_whoever_stops_asking_leaves_no_answer_for_the_next_question() -> None:
    async with bridged(fake()) as bridge:
        asking = asyncio.ensure_future(bridge.suite("mail"))
        # its question is on the way
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with bridge.opened("mail", "sum") as room:
            assert (await room.judge("42")).utility


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no JSON", "out of form"),
        ('{"result": {"version": "1"}}', "answers suite out of form"),
        ('{"result": {}, "more": 1}', "out of form"),
        ("{}", "it gave no reason"),
        ('{"error": "first\\nsecond"}', "refuses suite: first second"),
    ],
)
async def test_what_is_out_of_form_is_not_taken(line: str, told: str) -> None:
    async with bridged(saying(line)) as bridge:
        with pytest.raises(ServiceError, match=told) as raised:
            await bridge.suite("mail")
    assert "\n" not in str(raised.value)


async def test_a_bridge_that_ends_or_is_not_there_is_told() -> None:
    async with bridged((sys.executable, "-c", "")) as bridge:
        with pytest.raises(ServiceError, match="bridge"):
            await bridge.suite("mail")
    with pytest.raises(ServiceError, match="cannot be started"):
        async with bridged(("/nowhere/python",)):
            pass


async def test_a_bridge_is_not_told_our_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "s3cret")
    code = "import os, json, sys\nfor _ in sys.stdin: print(json.dumps({'error': ' '.join(os.environ)}), flush=True)"
    async with bridged((sys.executable, "-c", code)) as bridge:
        with pytest.raises(ServiceError) as raised:
            await bridge.suite("mail")
    assert "HOME" in str(raised.value)
    assert "SOME_API_KEY" not in str(raised.value)
