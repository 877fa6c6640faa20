"""``plumbline run --web``: research over a model server, with quotes of pages in the report that is printed."""

from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.models.testing.script import call
from tests.cli.conftest import Plumbline, Serve

SAID = "The kettle boils water in three minutes."


def turn(request: dict[str, Any], _number: int) -> Reply:
    """What a capable model does as executor, in the seat, and as writer."""
    names = {tool["function"]["name"] for tool in request.get("tools", ())}
    shown = str(request["messages"][-1]["content"])
    if "submit" in names:
        if "research" in names and len(request["messages"]) == 2:
            return call("research", question="How fast is the kettle?")
        claims = [{"text": SAID, "evidence": ["root.0.0.E1"]}]
        return call("submit", answer=SAID, claims=claims if "root.0.0.E1" in shown else [])
    if "write_answer" in names:
        return call("write_answer", sentences=[{"text": SAID, "evidence": ["E1"]}])
    if "quote" in names:
        return call("finish", answer="See [E1].") if "[E1]" in shown else call("quote", first=1)
    return call("open", result=1) if "results for" in shown else call("search", query="kettle")


@pytest.fixture
def documents(folder: Path) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "kettle.txt").write_text(SAID)
    settings(folder)
    return folder / "docs"


def settings(folder: Path, lines: str = "") -> None:
    """Let runs search their own index alone: no test asks the public web."""
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "config.toml").write_text(f"[browsing]\n{lines}search = [{{ backend = 'corpus' }}]\n")


def test_a_run_researches_and_its_report_shows_what_was_quoted(
    plumbline: Plumbline, serve: Serve, documents: Path
) -> None:
    model = ("--model", serve(turn), "--sandbox", "none")
    done = plumbline("run", "How fast is the kettle?", "--web", "--docs", str(documents), *model, "--json")
    assert done.code == 0, done.err
    (quote,) = done.json["report"]["evidence"]
    assert (quote["id"], quote["text"]) == ("root.0.0.E1", SAID)
    assert quote["source"]["retrieved_at"]
    shown = plumbline("show", done.json["run_id"])
    assert f"“{SAID}”" in shown.out
    assert "UTC" in shown.out
    verified = plumbline("verify", done.json["run_id"])
    assert verified.code == 0, verified.out
    replayed = plumbline("replay", done.json["run_id"], "--json")
    assert replayed.code == 0, replayed.err


def test_the_settings_say_whether_runs_research_and_a_command_overrides_them(
    plumbline: Plumbline, serve: Serve, documents: Path, folder: Path
) -> None:
    settings(folder, "enabled = true\n")
    asked = ("run", "How fast is the kettle?", "--docs", str(documents), "--model", serve(turn), "--sandbox", "none")
    assert plumbline(*asked, "--quiet").code == 0
    assert plumbline(*asked, "--quiet", "--no-web").code == 3


def test_a_run_that_has_nothing_to_search_is_told_before_it_begins(
    plumbline: Plumbline, serve: Serve, folder: Path
) -> None:
    settings(folder)
    done = plumbline("run", "x", "--web", "--model", serve(turn), "--sandbox", "none")
    assert done.code == 2
    assert "nothing to search" in done.err
    assert plumbline("runs", "--json").json == []
