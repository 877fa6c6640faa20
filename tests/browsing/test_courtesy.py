"""Turns at sites: one at a time, a pause after each, and each site for itself."""

import asyncio
import time

import pytest

from agent.browsing.courtesy import MOST_SITES, Turns


async def test_one_asks_a_site_at_a_time_and_others_meanwhile() -> None:
    turns, inside, most = Turns(0.02), 0, 0
    began: list[float] = []

    async def ask(url: str) -> None:
        nonlocal inside, most
        async with turns.turn(url):
            began.append(time.monotonic())
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask(url) for url in ("http://a.example/1", "http://A.example/2#x", "http://u@a.example")))

    assert most == 1
    assert began[-1] - began[0] >= 0.04
    async with turns.turn("http://a.example/"):
        await asyncio.wait_for(ask("http://b.example/"), 60)
        await asyncio.wait_for(ask("http://a.example:81/"), 60)
        await asyncio.wait_for(ask("http://[broken"), 60)


async def test_a_turn_that_fails_or_is_given_up_is_passed_on() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="no page"):
        async with turns.turn("http://a.example/"):
            raise ValueError("no page")
    async with turns.turn("http://a.example/"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.turn("http://a.example/"):
                raise AssertionError("two at a time")
    async with asyncio.timeout(60), turns.turn("http://a.example/"):
        pass


async def test_a_site_that_is_being_asked_is_never_forgotten() -> None:
    turns = Turns()
    async with turns.turn("http://a.example/"):
        for number in range(MOST_SITES + 10):
            async with turns.turn(f"http://{number}.example/"):
                pass
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.turn("http://a.example/"):
                raise AssertionError("two at a time")
