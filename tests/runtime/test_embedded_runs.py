"""Whole runs with the real small model: what it can prove is verified, what it cannot is withheld."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.browsing.corpus import Corpus
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import ConfiguredServices, corpus_file
from agent.runtime.settings import Settings, home_folder
from tests import weights
from tests.studio import assert_replays

MANUAL = (
    "# Server manual\n\nThe server listens on port 7420 by default.\n\nIdle connections are closed after 90 seconds.\n"
)
SALES = b"date,region,revenue\n2024-01-05,North,10.50\n2024-02-09,South,4.00\n2024-02-11,North,3.25\n"
GOAL = "According to the manual, what is the default port of the server? And what is the total revenue in sales.csv?"

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


@pytest.fixture
async def runner(ledger: Ledger, home: Path, tmp_path: Path) -> AsyncIterator[Runner]:
    weights.require("qwen2.5-coder-1.5b")
    (home / "models").symlink_to(home_folder() / "models")
    (tmp_path / "manual.md").write_text(MANUAL)
    (home / "corpora").mkdir()
    corpus = Corpus(corpus_file(home, "manual"))
    await corpus.add([tmp_path / "manual.md"])
    await corpus.close()
    services = ConfiguredServices(Settings(), home)
    runner = Runner(ledger, services, Settings())
    yield runner
    await runner.close()
    await services.close()


async def report_on(runner: Runner, ledger: Ledger, goal: str, sandbox: str) -> tuple[str, Report]:
    sales = WorkspaceFile(path="sales.csv", sha256=await ledger.blobs.put(SALES), size=len(SALES))
    task = Task(goal=goal, files=(sales,), corpus="manual")
    run_id = await runner.start(task, RunOptions(model="embedded", sandbox=sandbox))
    return run_id, await runner.wait(run_id)


@pytest.mark.parametrize("sandbox", ["local", pytest.param("docker", marks=pytest.mark.docker)])
@pytest.mark.usefixtures("require_sandbox")
async def test_a_question_and_a_computation_in_one_goal_are_verified_with_their_evidence(
    runner: Runner, ledger: Ledger, tmp_path: Path, sandbox: str
) -> None:
    run_id, report = await report_on(runner, ledger, GOAL, sandbox)

    assert report.outcome == "verified"
    assert [checked.claim.text for checked in report.claims] == ["7420", "17.75"]
    quotes = [item for item in report.evidence if item.kind == "quote"]
    assert [quote.text for quote in quotes] == ["The server listens on port 7420 by default."]
    assert MANUAL[quotes[0].start : quotes[0].end] == quotes[0].text
    await assert_replays(ledger, run_id, tmp_path / "replayed")


async def test_what_is_not_stated_is_withheld_part_by_part(runner: Runner, ledger: Ledger) -> None:
    goal = (
        "According to the manual, what is the default port of the database? What is the total profit in sales.csv?"
        " According to the manual, how many clients can connect?"
    )
    _, report = await report_on(runner, ledger, goal, "local")

    assert report.outcome == "unverified"
    # what was found all the same stands in the report as what it is
    assert all(one.verdict == "unverifiable" and one.findings[-1].method == "guided" for one in report.claims)
    assert report.answer.count("Withheld") == 3
