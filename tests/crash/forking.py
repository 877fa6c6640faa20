"""Processes that are forked to work on a run and are killed while they do; ``killing`` drives them."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.runtime.runner import Runner


async def ended(runner: Runner, ledger: Ledger, order: dict[str, Any], task: Task) -> None:
    """Start or resume the run of an order, work on it to its end, and close both."""
    run_id = order["run_id"]
    if not order["resume"]:
        await runner.start(task, run_id=run_id)
        await runner.wait(run_id)
    elif (await ledger.find(run_id)).status != "finished":
        # one that was killed after its last event has nothing left to do
        await runner.resume(run_id)
        await runner.wait(run_id)
    await runner.close()
    await ledger.close()


def fork_for_orders(work: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]) -> None:
    """Fork a process for each order that is read, and report its end."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(work(json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"ended": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()
