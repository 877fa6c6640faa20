"""Batches that were really run, in the ledger of a test's server, with the model by script."""

import json
from pathlib import Path
from typing import Any

from agent.domain.messages import Reply
from agent.models.testing.script import call
from agent.runtime.options import RunOptions
from agent.runtime.settings import Settings
from evals.batch.acting import acts_of
from evals.batch.looking import Batches
from evals.batch.order import BatchFolder, BatchOrder, attempts_of, new_order
from evals.batch.running import BatchRunner
from evals.batch.tasks import Tasks
from evals.suite.definition import Suite
from evals.suite.reading import read_suite
from tests.webui.serving import Web

SUITE = """
name: {name}
version: "2"
description: Lengths of locks.
samples: [samples.jsonl]
scorers: [{{kind: numeric}}, {{kind: contains, required: false}}]
"""


def counting(folder: Path, name: str, samples: int) -> Suite:
    """Return a suite whose samples ask for their own numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "suite.yaml").write_text(SUITE.format(name=name))
    lines = [
        {
            "id": f"lock-{n:02d}",
            "goal": f"How many metres long is lock {n}. of the canal?",
            "gold": str(n),
            "tags": ["deep" if n % 3 == 0 else "shallow", "canal"],
        }
        for n in range(samples)
    ]
    (folder / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return read_suite(folder)


async def batch(web: Web, suite: Suite, name: str, *, wrong: set[int], attempts: int = 1, ends: str = "") -> BatchOrder:
    """Run a batch of a suite.

    Args:
        web: the server in whose ledger its runs are.
        suite: the suite, as ``counting`` made it.
        name: of the batch.
        wrong: samples to which the model does not know the answer; of several attempts at one it gets the first wrong.
        attempts: at each sample.
        ends: why the batch stops after half of its attempts; empty for a batch that comes to its end.
    """
    order = new_order(
        suite, str(suite.folder), RunOptions(model="scripted", sandbox="none"),
        samples=tuple(one.id for one in suite.samples), attempts=attempts, budget=None, name=name,
    )  # fmt: skip
    asked: dict[int, int] = {}

    def answered(request: dict[str, Any]) -> Reply:
        number = int(json.dumps(request["messages"]).rpartition("lock ")[2].partition(".")[0])
        asked[number] = asked.get(number, 0) + 1
        right = number not in wrong or asked[number] > 1
        return call("submit", answer=f"The lock is {number if right else number + 100} metres long.", success=True)

    web.model.by = answered
    work = attempts_of(order, suite)
    runner = BatchRunner(
        web.runner, suite, Tasks(suite, Settings(), web.home, web.ledger.blobs), order.options,
        budget=order.budget, concurrency=4, acts=acts_of(order, suite, web.ledger, web.home),
    )  # fmt: skip
    with BatchFolder(web.home, order.id) as place:
        place.begin(order)
        with place.worked_on() as told:
            found = await runner.work(work[: len(work) // 2] if ends else work)
            told(ends)
    web.model.by = None
    await Batches(web.ledger, web.home).remember(order, suite, list(found.values()))
    return order
