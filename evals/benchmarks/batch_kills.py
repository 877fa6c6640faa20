"""Kills a batch at random moments, goes on with it each time, and compares what it comes to with an undisturbed one.

The model is a scripted server in this process, so what was asked is counted by who was asked, and not by the batch.
"""

import asyncio
import json
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.domain.base import Fact
from agent.domain.errors import ServiceError
from agent.ledger.store import Ledger
from agent.models.testing.script import Paced, call
from agent.models.testing.scripted_server import ScriptedServer

_SUITE: Final = """
name: counting
version: "1"
description: A model says a number back; that of every tenth sample is wrong.
samples: [samples.jsonl]
scorers: [{kind: numeric}]
"""
_NAME: Final = "counted"
_TIMES: Final = frozenset({"seconds", "latency", "made_at"})
"""Fields of a report that hold times."""

_SHOWN_TIMES: Final = re.compile(
    r'\d{4}-\d\d-\d\d \d\d:\d\d|\d+(?:\.\d)? s\b|cy="[\d.]+"|<td class="number">\d+\.\d</td>(?=<td><code>)'
)
"""Times as a page shows them: when it was begun, seconds in words, height in the plot of seconds, column of seconds."""

_POLL_SECONDS: Final = 0.005


class BatchKills(Fact):
    """What came of it.

    Attributes:
        ended_before: runs that had ended in the ledger when the batch was killed, kill by kill.
        needed: requests that an undisturbed batch makes.
        asked: requests that the killed one made in all.
        rerun: runs that had ended before some kill and were asked about, or written to, after it.
        same_json: the JSON report is the same, byte for byte, without its times; ``same_html`` the page.
    """

    samples: int
    concurrency: int
    kills: int
    ended_before: tuple[int, ...]
    needed: int
    asked: int
    rerun: int
    same_json: bool
    same_html: bool
    whole_seconds: float
    killed_seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing was lost or repeated, and both reports are the same."""
        return not self.rerun and self.same_json and self.same_html and len(self.ended_before) == self.kills


@dataclass
class _Asked:
    """Counts requests by sample."""

    latency: float
    by_sample: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.by_sample.values())

    def answer(self, request: dict[str, Any], _number: int) -> Paced:
        text = json.dumps(request["messages"])
        number = int(text.rpartition("Say ")[2].partition(".")[0])
        self.by_sample[number] += 1
        said = number if number % 10 != 7 else -1
        return Paced(call("submit", answer=str(said), success=True), first=self.latency)


async def batch_kills(
    folder: Path,
    *,
    samples: int,
    kills: int,
    concurrency: int,
    seed: int = 0,
    latency: float = 0.05,
    told: Callable[[str], None] = lambda line: None,
) -> BatchKills:
    """Run a batch undisturbed, run it again with kills, and compare.

    Args:
        folder: an empty folder for the suite and both data folders.
        samples: of the suite.
        kills: how often the process is killed by SIGKILL.
        concurrency: runs at a time.
        seed: decides when.
        latency: of the model, in seconds.
        told: hears in a line what is done.

    Raises:
        ServiceError: the batch ended otherwise than it should.
    """
    suite = await asyncio.to_thread(_suite, folder, samples)
    asked = _Asked(latency)
    async with ScriptedServer(asked.answer) as server:
        begin = ["run", str(suite), "--model", f"m@scripted@{server.base_url}", "--sandbox", "none", "--name", _NAME]
        turns = ["-n", str(concurrency)]
        told(f"{samples} samples, undisturbed")
        whole, whole_seconds = await _to_its_end(folder / "whole", [*begin, *turns])
        needed = asked.total
        asked.by_sample.clear()
        chance = random.Random(seed)  # noqa: S311 - moments, no secret
        moments = sorted(chance.sample(range(samples // 20 + 1, samples - samples // 20), kills))
        ended: list[dict[str, int]] = []
        seen: list[Counter[int]] = []
        seconds = 0.0
        for number, moment in enumerate(moments):
            told(f"killed for the {number + 1}. time after request {moment}")
            arguments = begin if number == 0 else ["run", "--resume", _NAME]
            seconds += await _killed(
                folder / "cut", [*arguments, *turns], asked, moment, chance.uniform(0, 2 * latency)
            )
            ended.append(await _ended(folder / "cut"))
            seen.append(asked.by_sample.copy())
        told("the last time, to its end")
        cut, last = await _to_its_end(folder / "cut", ["run", "--resume", _NAME, *turns])
        after = await _ended(folder / "cut")
    return BatchKills(
        samples=samples,
        concurrency=concurrency,
        kills=kills,
        ended_before=tuple(map(len, ended)),
        needed=needed,
        asked=asked.total,
        rerun=len(_rerun(ended, seen, after, asked.by_sample)),
        same_json=_bytes(whole[0]) == _bytes(cut[0]),
        same_html=_SHOWN_TIMES.sub("", whole[1]) == _SHOWN_TIMES.sub("", cut[1]),
        whole_seconds=round(whole_seconds, 1),
        killed_seconds=round(seconds + last, 1),
    )


def _suite(folder: Path, samples: int) -> Path:
    place = folder / "counting"
    place.mkdir(parents=True)
    (place / "suite.yaml").write_text(_SUITE, encoding="utf-8")
    lines = [
        {"id": f"s{n:05}", "goal": f"Say {n}.", "gold": n, "tags": ["odd" if n % 2 else "even"]} for n in range(samples)
    ]
    (place / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return place


async def _started(home: Path, arguments: list[str], *, out: int) -> asyncio.subprocess.Process:
    root = str(Path(__file__).parents[2])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PLUMBLINE_"))},
        "PLUMBLINE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")])),
    }
    command = [sys.executable, "-m", "agent.cli.main", "eval", *arguments, "--json"]
    return await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, env=environment)


async def _to_its_end(home: Path, arguments: list[str]) -> tuple[tuple[str, str], float]:
    """Run a batch to its end and return its report as JSON and as a page, and the seconds that took."""
    clock, page = asyncio.get_running_loop().time, home.with_suffix(".html")
    began = clock()
    process = await _started(home, [*arguments, "--html", str(page)], out=asyncio.subprocess.PIPE)
    printed, errors = await process.communicate()
    if process.returncode != 0:
        told = " ".join(errors.decode(errors="replace").split())
        raise ServiceError(f"the batch ended with exit code {process.returncode}: {told[-300:]}")
    return (printed.decode(), await asyncio.to_thread(page.read_text, "utf-8")), clock() - began


async def _killed(home: Path, arguments: list[str], asked: _Asked, moment: int, after: float) -> float:
    """Run a batch until so many requests have come in all, and kill it ``after`` seconds; returns its seconds."""
    clock = asyncio.get_running_loop().time
    began = clock()
    process = await _started(home, arguments, out=asyncio.subprocess.DEVNULL)
    while asked.total < moment:
        if process.returncode is not None:
            raise ServiceError(f"the batch ended with exit code {process.returncode} before it could be killed")
        await asyncio.sleep(_POLL_SECONDS)
    await asyncio.sleep(after)
    process.send_signal(signal.SIGKILL)
    if await process.wait() != -signal.SIGKILL:
        raise ServiceError("the batch ended before it could be killed; use more samples or fewer kills")
    return clock() - began


async def _ended(home: Path) -> dict[str, int]:
    """Return the runs that have ended, each with the number of its last event."""
    ledger = await Ledger.open(home)
    try:
        runs = await ledger.newest(limit=1_000_000)
        return {run.id: run.last_seq for run in runs if run.status in ("finished", "failed")}
    finally:
        await ledger.close()


def _rerun(
    ended: list[dict[str, int]], seen: list[Counter[int]], after: dict[str, int], asked: Counter[int]
) -> set[str]:
    """Return the runs that were written to, or whose sample was asked about, after they had ended."""
    found = set()
    for runs, counts in zip(ended, seen, strict=True):
        for run_id, last in runs.items():
            # the runs of a batch are numbered as its samples are, from one
            number = int(run_id.rsplit("-", 2)[1]) - 1
            if after.get(run_id) != last or asked[number] != counts[number]:
                found.add(run_id)
    return found


def _bytes(printed: str) -> bytes:
    """Return a report without its times."""
    return json.dumps(_timeless(json.loads(printed))).encode()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(item) for name, item in value.items() if name not in _TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value
