"""What ordinary runs make is tried out by tests that were frozen before the work: each with a control that fails."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.domain.checks import ArtefactCheck, CheckResult
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.execution.setting import Limits
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.benches import Benches, benches_of
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio
from toolserver.client import EgressEvent, LocalSandbox, Sandbox, open_sandbox
from toolserver.client import Limits as SandboxLimits
from toolserver.deployment.bubblewrap import find

PROFILE = Profile(tool_mode="native")
CONFIG = LocalSandbox(require_isolation=True, limits=SandboxLimits(file_mb=4096, disk_mb=8192))


class LocalServices(StudioServices):
    """Services whose sandboxes are bubblewrap's."""

    async def open_sandbox(
        self, options: RunOptions, run_id: str, on_egress: Callable[[EgressEvent], None] | None = None
    ) -> Sandbox:
        return await open_sandbox(CONFIG, run_id.lower(), state_dir=self.folder / "sandboxes", keep=False)

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        return benches_of(CONFIG, lambda purpose: f"{run_id}-{purpose}".lower(), self.folder / "sandboxes")


@asynccontextmanager
async def served(
    ledger: Ledger, folder: Path, script: Sequence[Reply], settings: Settings | None = None
) -> AsyncIterator[tuple[Runner, ScriptedServer]]:
    """A runner whose model is a scripted server, and whose finished runs must replay to the same report."""
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)
    async with ScriptedServer(list(script)) as server:
        model = OpenAICompatible(
            "m", OpenAIConfig(model="m", base_url=server.base_url, profile=PROFILE, api_key_env=None)
        )
        async with studio(ledger, LocalServices(model, folder), settings=settings) as runner:
            yield runner, server
        await model.close()


def told(server: ScriptedServer, number: int) -> str:
    """What the model was told last before a reply."""
    return str(server.requests[number].json["messages"][-1]["content"])


def values(results: Sequence[CheckResult]) -> list[tuple[str | None, str, float | None, float | None]]:
    """Each check: its name, what came of it, what was measured, and what its control measured."""
    return [
        (one.milestone, one.outcome, one.tried.trials[0].value, one.tried.control[0].value)
        for one in results
        if one.tried is not None
    ]


def of_data(scenario: str, parameters: Mapping[str, Any], measure: str, threshold: float = 0) -> dict[str, Any]:
    return {
        "kind": "artefact",
        "artefact": "data_file",
        "paths": ["orders.csv"],
        "scenario": scenario,
        "parameters": dict(parameters),
        "measure": measure,
        "threshold": threshold,
    }


BAD = "id,amount\n1,10\n2,20\n2,15\n"
GOOD = "id,amount\n1,10\n2,20\n3,30\n"
ONCE: dict[str, Any] = {
    "id": "once",
    "wish": "each order once",
    "check": of_data("unique", {"columns": ["id"]}, "duplicates"),
}
SUM: dict[str, Any] = {"id": "sum", "wish": "60 in all", "check": of_data("total", {"column": "amount"}, "total", 60)}


async def test_a_file_with_a_double_key_and_a_wrong_total_is_sent_back_and_mended(ledger: Ledger, folder: Path) -> None:
    script = [
        call("write_tests", tests=[ONCE, SUM], untestable=["sorted nicely: nothing says what nice is"]),
        call("write_file", path="orders.csv", content=BAD),
        call("submit", answer="Done.", artefacts=["orders.csv"]),
        call("write_file", path="orders.csv", content=GOOD),
        call("submit", answer="Done.", artefacts=["orders.csv"]),
    ]
    async with served(ledger, folder, script) as (runner, server):
        report: Report = await runner.wait(
            await runner.start(Task(goal="Write orders.csv: each order once, 60 in all, sorted nicely"))
        )
        sent_back = told(server, 3)
        opening = str(server.requests[1].json["messages"])

    assert "milestone once: fail: orders.csv: unique: duplicates is 1, asked for is == 0" in sent_back
    assert "milestone sum: fail: orders.csv: total: total is 45, asked for is == 60" in sent_back
    assert values(report.checks) == [("once", "pass", 0, 1), ("sum", "pass", 60, 1079.37)]
    assert (report.outcome, report.checks[-1].detail) == ("verified", "orders.csv is there")
    assert "Not tested: sorted nicely: nothing says what nice is" in report.notes
    # who does the work is told the wish, and not how it is tried
    assert "once: each order once (tested by us)" in opening
    assert "threshold" not in opening.partition("Milestones:")[2].partition("make_plan")[0]
    (wished,) = report.plan.wishes
    assert wished.intact
    assert [one.threshold for one in wished.criteria.criteria] == [0, 60]


GREET = "import sys\nprint('Hello, ' + sys.argv[1])\n"
MENDED = "import sys\nname = sys.argv[1] if len(sys.argv) > 1 else 'world'\nprint('Hello, ' + name)\n"
CASES: dict[str, Any] = {
    "kind": "artefact",
    "artefact": "program",
    "paths": ["greet.py"],
    "scenario": "cases",
    "parameters": {
        "cases": [{"arguments": ["Ann"], "expected": "Hello, Ann"}, {"expected": "Hello, world"}],
    },
    "measure": "failed_cases",
}


async def test_a_program_with_a_failing_case_is_sent_back_and_mended(ledger: Ledger, folder: Path) -> None:
    script = [
        call("write_tests", tests=[{"id": "greets", "wish": "greets the world by default", "check": CASES}]),
        call("write_file", path="greet.py", content=GREET),
        call("submit", answer="Done."),
        calls(
            ("write_file", {"path": "greet.py", "content": MENDED}),
            ("write_file", {"path": "sitecustomize.py", "content": "print('Hello, nobody')"}),
        ),
        call("submit", answer="Done."),
    ]
    async with served(ledger, folder, script) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Write greet.py, which greets the world by default")))
        sent_back = told(server, 3)

    assert "milestone greets: fail: greet.py: cases: failed_cases is 1, asked for is == 0" in sent_back
    assert "case 2: it ended with exit code 1: IndexError: list index out of range" in sent_back
    # the file beside it that would bend every program is not there when this one is tried
    assert values(report.checks) == [("greets", "pass", 0, 2)]
    assert report.outcome == "verified"


PAGE = "<!doctype html><html lang=en><title>Menu</title><h1>Menu</h1><p>{}</p><a href={}>more</a></html>"
SEEN = {
    "kind": "artefact",
    "artefact": "web_page",
    "paths": ["menu.html", "more.html"],
    "scenario": "text_present",
    "parameters": {"texts": ["Soup of the day"]},
    "measure": "missing_texts",
}


@pytest.mark.browser
async def test_a_page_that_does_not_show_a_text_is_sent_back_and_mended(ledger: Ledger, folder: Path) -> None:
    more = ("write_file", {"path": "more.html", "content": PAGE.format("Dessert", "menu.html")})
    script = [
        call("write_tests", tests=[{"id": "soup", "wish": "tells the soup of the day", "check": SEEN}]),
        calls(("write_file", {"path": "menu.html", "content": PAGE.format("Salad", "more.html")}), more),
        call("submit", answer="Done."),
        call("write_file", path="menu.html", content=PAGE.format("Soup of the day", "more.html")),
        call("submit", answer="Done."),
    ]
    async with served(ledger, folder, script) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Write menu.html and more.html")))
        sent_back = told(server, 3)
    assert "milestone soup: fail: menu.html: text_present: missing_texts is 1" in sent_back
    assert values(report.checks) == [("soup", "pass", 0, 1)]
    assert report.outcome == "verified"


async def test_tests_that_cannot_be_run_are_told_to_the_planner_in_one_line(ledger: Ledger, folder: Path) -> None:
    wrong = [
        of_data("unique", {"columns": ["id"]}, "total"),
        of_data("unique", {"column": "id"}, "duplicates"),
        {**of_data("unique", {"columns": ["id"]}, "duplicates"), "paths": ["given.csv"]},
    ]
    script = [call("write_tests", tests=[{**ONCE, "check": check}]) for check in wrong]
    script += [call("write_file", path="orders.csv", content=GOOD), call("submit", answer="x", success=False)]
    file = WorkspaceFile(path="given.csv", sha256=await ledger.blobs.put(b"id\n1\n"), size=5)
    async with served(ledger, folder, script) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Turn given.csv into orders.csv", files=(file,))))
        answers = [told(server, number) for number in (1, 2)]
    assert answers[0] == "error: once: unique does not measure 'total'; it measures duplicates"
    assert answers[1].startswith("error: once: the parameters do not fit unique: $: ")
    assert any("given.csv is an input file; test what the task makes" in note for note in report.notes)
    assert report.plan.wishes == ()


async def test_milestones_of_a_plan_are_tried_out_and_their_bounds_stay(ledger: Ledger, folder: Path) -> None:
    def plan(measure: str) -> Reply:
        milestone = {"id": "once", "text": "each order once", "check": {**ONCE["check"], "measure": measure}}
        sheet = {"id": "sheet", "goal": "Write the orders", "milestones": [milestone]}
        return call("make_plan", subtasks=[sheet, {"id": "letter", "goal": "Write a letter", "depends_on": ["sheet"]}])

    weaker = {"op": "update", "target": "letter", "goal": "Write nothing"}
    script = [
        plan("total"),
        plan("duplicates"),
        call("write_file", path="orders.csv", content=BAD),
        call("submit", answer="Done."),
        call("write_file", path="orders.csv", content=GOOD),
        call("submit", answer="Done.", surprise="there are three orders"),
        call("revise_plan", learnt="", edits=[weaker]),
        call("submit", answer="Done."),
        call("submit", answer="Done."),
    ]
    async with served(ledger, folder, script) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Write down the orders, and a letter about them")))
        refused, sent_back = told(server, 1), told(server, 4)
        planner = str(server.requests[6].json["messages"][0])
    assert refused == "error (invalid): once: unique does not measure 'total'; it measures duplicates"
    assert "milestone once: fail: orders.csv: unique: duplicates is 1" in sent_back
    assert "- unique(columns) -> duplicates" in planner
    assert [(check.subtask, *one) for check, one in zip(report.checks, values(report.checks), strict=True)] == [
        ("sheet", "once", "pass", 0, 1)
    ]
    assert report.plan.version == 2


@pytest.mark.parametrize("mends", [True, False])
async def test_frozen_tests_hold_for_the_subtask_that_names_the_file_and_for_the_whole(
    ledger: Ledger, folder: Path, mends: bool
) -> None:
    parts = [{"id": "sheet", "goal": "Write orders.csv"}, {"id": "tidy", "goal": "Tidy up", "depends_on": ["sheet"]}]
    script = [
        call("write_tests", tests=[ONCE, SUM]),
        call("make_plan", subtasks=parts),
        call("write_file", path="orders.csv", content=GOOD),
        call("submit", answer="Done."),
        # the next one spoils what the first one made, and nobody asks it to show anything
        call("write_file", path="orders.csv", content=BAD),
        call("submit", answer="Done."),
        call(
            "revise_plan", edits=[{"op": "add", "subtask": {"id": "mend", "goal": "Mend orders.csv"}}] if mends else []
        ),
        *([call("write_file", path="orders.csv", content=GOOD), call("submit", answer="Done.")] if mends else []),
        call("submit", answer="Done."),
    ]
    async with served(ledger, folder, script) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Write orders.csv: each order once, 60 in all")))
        asked = told(server, 6)
    assert "- sum: orders.csv: total: total is 45, asked for is == 60" in asked
    whole = [one for one in report.checks if one.subtask is None]
    assert [(check.milestone, check.outcome) for check in whole] == [
        ("once", "pass" if mends else "fail"),
        ("sum", "pass" if mends else "fail"),
    ]
    tested = {check.subtask for check in report.checks if check.outcome == "pass"}
    assert tested == ({"sheet", "mend", None} if mends else {"sheet"})
    assert (report.outcome, len(report.plan.wishes)) == ("verified" if mends else "unverified", 1)


async def test_no_tests_are_written_where_settings_want_none(ledger: Ledger, folder: Path) -> None:
    script = [call("write_file", path="orders.csv", content=BAD), call("submit", answer="Done.")]
    settings = Settings(limits=Limits(tests=0))
    async with served(ledger, folder, script, settings) as (runner, server):
        report = await runner.wait(await runner.start(Task(goal="Write orders.csv: each order once")))
    assert len(server.requests) == 2
    assert report.checks == ()


HOSTILE = (
    "import os\n"
    "os.symlink('/etc/hostname', 'link.csv'); os.mkfifo('pipe.csv'); os.mkdir('folder.csv')\n"
    "open('large.csv', 'wb').truncate(3 << 30)\n"
    "open('latin.csv', 'wb').write(b'id\\n\\xff\\xfe\\xe9\\n')\n"
    "open('latin.py', 'wb').write(b'print(1) # \\xe9\\n')\n"
    "open('two\\nlines.csv', 'w').write('id\\n1\\n')\n"
    "open('ragged.csv', 'w').write('id,n\\n1\\n')\n"
)


async def test_a_file_that_cannot_be_tried_is_inconclusive_with_the_reason(ledger: Ledger, folder: Path) -> None:
    names = [
        "link.csv",
        "pipe.csv",
        "folder.csv",
        "large.csv",
        "latin.csv",
        "two\nlines.csv",
        "ragged.csv",
        "../up.csv",
    ]
    unique = of_data("unique", {"columns": ["id"]}, "duplicates")
    checks = [ArtefactCheck.model_validate({**unique, "paths": [name]}) for name in names]
    checks.append(ArtefactCheck.model_validate({**CASES, "paths": ["latin.py"]}))
    checks.append(ArtefactCheck.model_validate({**unique, "paths": ["none.csv"]}))
    checks.append(ArtefactCheck.model_validate({**unique, "measure": "sum"}))
    script = [call("python", code=HOSTILE), call("submit", answer="Done.")]
    async with served(ledger, folder, script) as (runner, _):
        report = await runner.wait(await runner.start(Task(goal="Leave traps", checks=tuple(checks))))
    outcomes = [check.outcome for check in report.checks]
    details = [check.detail for check in report.checks]
    assert outcomes == ["inconclusive"] * 9 + ["fail", "fail"], json.dumps(details, indent=1)
    for part, detail in zip(
        [
            "",
            "fifo",
            "folder",
            "more than the 20,000,000",
            "",
            "control character",
            "",
            "leaves the workspace",
            "UTF-8",
        ],
        details,
        strict=False,
    ):
        assert part in detail
        assert "\n" not in detail
    assert report.outcome == "unverified"
