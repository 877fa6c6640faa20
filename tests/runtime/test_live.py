"""Whoever watches a run sees how its tool calls get on; nothing of that is kept."""

import io
from pathlib import Path

from rich.console import Console

from agent.cli.following import shown_live
from agent.cli.render import live_view
from agent.domain.events import Event
from agent.domain.task import Task
from agent.domain.view import RunView
from agent.ledger.store import Ledger
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_model import ScriptedModel
from tests.studio import StudioServices, studio
from tests.toolserver.asking import eventually

COUNTING = (
    "for i in 1 2 3; do echo step $i; until [ -e step-$i ]; do sleep 0.05; done; done > /dev/stderr; clear; echo end"
)
COUNTING_TOO = (
    "import os, time\n"
    "for n in range(3):\n"
    "    print('round', n, flush=True)\n"
    "    while not os.path.exists(f'round-{n}'): time.sleep(0.05)"
)
"""Programs that go on from each of their lines once a file says that it was seen."""
DONE = call("submit", answer="Done.", success=False)


async def test_a_viewer_is_told_how_each_call_gets_on_under_its_key(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([calls(("shell", {"command": COUNTING}), ("python", {"code": COUNTING_TOO})), DONE])
    told: list[tuple[str, float, str]] = []
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Count"))

        def hear(key: str, seconds: float, line: str) -> None:
            told.append((key, seconds, line))
            name, _, number = line.partition(" ")
            if name in ("step", "round"):
                (folder / run_id / "workspace" / f"{name}-{number}").touch()

        stop = runner.live.watch(run_id, lambda key, piece: None, hear)
        await runner.wait(run_id)
        stop()

    lines = {(key, line) for key, _, line in told}
    assert {("root/tool/0.0", "step 2"), ("root/tool/0.0", "step 3"), ("root/tool/0.1", "round 2")} <= lines
    for key in ("root/tool/0.0", "root/tool/0.1"):
        seconds = [passed for name, passed, _ in told if name == key]
        assert seconds == sorted(seconds)
    # what is stored of the call is its result alone
    stored = [event async for event in ledger.events(run_id)]
    assert {event.kind for event in stored} <= {"run", "setting", "model", "tool", "subtask", "report", "sandbox"}
    assert [event.phase for event in stored if event.key == "root/tool/0.0"] == ["started", "done"]


async def test_a_run_that_nobody_watches_asks_for_nothing(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("shell", command="sleep 0.6"), DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Count"))
        assert runner.live.listener(run_id, "root/tool/0.0") is None
        stop = runner.live.watch(run_id, lambda key, piece: None)
        assert runner.live.listener(run_id, "root/tool/0.0") is not None
        stop()
        assert runner.live.listener(run_id, "root/tool/0.0") is None
        await runner.wait(run_id)


async def test_a_terminal_shows_the_last_line_while_the_call_runs(ledger: Ledger, folder: Path) -> None:
    command = r"printf '\033]0;owned\007\033[2J[red]step 1[/red]\n'; until [ -e shown ]; do sleep 0.05; done"
    model = ScriptedModel([call("shell", command=command), DONE])
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, height=40)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Count"))
        async with shown_live(console, ledger, run_id, runner.live) as follower:
            # as it was printed: neither escapes nor markup of the program take effect
            await eventually(lambda: "[red]step 1[/red]" in screen.getvalue())
            (folder / run_id / "workspace" / "shown").touch()
            await runner.wait(run_id)

    shown = screen.getvalue()
    assert "\x1b]0;owned" not in shown
    assert "\x1b[2J" not in shown
    assert follower.printing == {}


def test_a_line_that_is_hostile_is_shown_as_one_short_line() -> None:
    view = RunView()
    request = {"tool": "shell", "arguments": {"command": "x"}}
    event = {"run_id": "r", "seq": 1, "at": "2026-01-01T00:00:00Z", "kind": "tool", "key": "root/tool/0.0"}
    view.apply(Event.model_validate({**event, "phase": "started", "payload": {"request": request}}))
    console = Console(width=200, record=True, file=io.StringIO())
    hostile = {"root/tool/0.0": "3 s  a\x1b[2J\u202e\nb" + "c" * 1_000}
    console.print(live_view(view, 3.0, "", height=20, printing=hostile))
    text = console.export_text()

    (line,) = [line for line in text.splitlines() if "shell(" in line]
    assert "3 s a" in line
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "c" * 100 not in text
