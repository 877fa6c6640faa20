"""Processes that work on a run and may be killed while they do.

``python -m tests.crash.worker`` imports everything once and then forks a process for each line of JSON it reads: a
trial of some milliseconds instead of some seconds. It answers each with a line that tells how that process ended.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from agent.domain.task import Task
from agent.ledger.testing import KillingLedger
from agent.models.config import OpenAIConfig
from agent.models.port import Profile
from agent.planning import graph  # noqa: F401 - imported before the first fork, as everything a run needs
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from toolserver.client import DockerSandbox, LocalSandbox, SandboxConfig
from toolserver.deployment import docker, local  # noqa: F401 - likewise

GOAL = "Count as far as you are told."


def settings(url: str, sandbox: str) -> Settings:
    """Return the settings of every worker: the scripted server, and a sandbox with the counter tool."""
    kinds: dict[str, SandboxConfig] = {
        "local": LocalSandbox(testing=True, idle_seconds=20),
        "docker": DockerSandbox(testing=True, idle_seconds=20),
    }
    model = OpenAIConfig(model="scripted", base_url=url, api_key_env=None, profile=Profile(tool_mode="native"))
    return Settings(model="scripted", models={"scripted": model}, sandbox=kinds[sandbox])


async def work(order: dict[str, Any]) -> None:
    """Start or resume a run and work on it to its end; prints how many events were committed."""
    home = Path(order["home"])
    ledger = await KillingLedger.open_with(home, commits=order["commits"])
    chosen = settings(order["url"], order["sandbox"])
    services = ConfiguredServices(chosen, home)
    runner = Runner(ledger, services, chosen)
    if order["resume"]:
        await runner.resume(order["run_id"])
    else:
        await runner.start(Task(goal=GOAL), run_id=order["run_id"])
    await runner.wait(order["run_id"])
    await runner.close()
    await services.close()
    await ledger.close()


def main() -> None:
    """Fork a process for each order and report its end."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            asyncio.run(work(order))
            os._exit(0)
        sys.stdout.write(json.dumps({"pid": child}) + "\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"ended": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
