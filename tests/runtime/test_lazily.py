"""Sandboxes of artefacts: opened at their first use, once more when lost, never in vain."""

import asyncio

import pytest

from agent.domain.errors import SandboxUnavailable
from agent.runtime.lazily import Lazily
from toolserver.client import CadBroken, SandboxLost, ToolServerError
from toolserver.client import SandboxUnavailable as NotOpened


class Opened:
    def __init__(self, number: int, *, lost: bool, how: type[ToolServerError]) -> None:
        self.number, self.lost, self.closed, self.how = number, lost, False, how

    async def work(self) -> int:
        if self.lost:
            raise self.how("it is gone")
        return self.number

    async def close(self) -> None:
        self.closed = True


class Opener:
    def __init__(self, *lost: bool, how: type[ToolServerError] = SandboxLost) -> None:
        self.opened: list[Opened] = []
        self._lost, self._how = lost, how

    async def __call__(self) -> Opened:
        await asyncio.sleep(0)
        number = len(self.opened)
        self.opened.append(Opened(number, lost=self._lost[number], how=self._how))
        return self.opened[-1]


async def test_it_is_opened_at_its_first_use_and_shared_by_all() -> None:
    opener = Opener(False)
    lazily = Lazily(opener, "nothing can be made")
    await lazily.close()
    assert opener.opened == []
    assert await asyncio.gather(*(lazily.use(Opened.work) for _ in range(5))) == [0] * 5
    await lazily.close()
    assert [one.closed for one in opener.opened] == [True]


@pytest.mark.parametrize("how", [SandboxLost, CadBroken])
async def test_what_is_lost_is_opened_anew_once_for_each_piece_of_work(how: type[ToolServerError]) -> None:
    opener = Opener(True, False, how=how)
    lazily = Lazily(opener, "nothing can be made")
    assert await asyncio.gather(*(lazily.use(Opened.work) for _ in range(3))) == [1] * 3
    assert [one.closed for one in opener.opened] == [True, False]
    await lazily.close()
    again = Lazily(Opener(True, True), "nothing can be made")
    with pytest.raises(SandboxLost):
        await again.use(Opened.work)
    await again.close()


async def test_what_cannot_be_opened_is_told_with_what_it_is_for() -> None:
    async def refuse() -> Opened:
        raise NotOpened("there is no engine")

    lazily = Lazily(refuse, "nothing can be made")
    with pytest.raises(SandboxUnavailable, match="nothing can be made: there is no engine"):
        await lazily.use(Opened.work)
