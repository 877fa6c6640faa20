"""What other libraries cost: ratios over rounds, tables, and programs that play the session."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.domain.errors import UsageError
from agent.models.testing.benchmark_turns import TOOLS
from evals.benchmarks.overhead import scripted_server
from evals.benchmarks.peers.catalogue import CELLS, LIBRARIES, OURS, OURS_POWER, REFERENCE, Cell
from evals.benchmarks.peers.programs.playing import Tools
from evals.benchmarks.peers.rows import Played, rows_of
from evals.benchmarks.peers.running import Failed, play, play_rounds
from evals.benchmarks.peers.shown import markdown, tables
from evals.cli import bench
from evals.environments import ready_python


def played(wall: float, cpu: float = 1.0, server: float = 0.5) -> Played:
    figures = {"start_ms": 900.0, "ready_mb": 50.0, "peak_mb": 60.0, "stored_kb": 12.0, "load": 1.0}
    return Played(wall_ms=wall, cpu_ms=cpu, server_ms=server, versions={"openai": "9.9"}, **figures)


REFERENCE_CELL = Cell(REFERENCE, own="raw:openai")
BARE_CELL = Cell("bare aiohttp loop", own="raw:aiohttp")
OURS_CELL = Cell(OURS, "everything", own="plumbline@process")
POWER_CELL = Cell(OURS_POWER, "everything", own="plumbline@power")
OTHER = Cell("other, SQLite", "its messages", library="other", program="with_other.py", durable=True)

ROUNDS = {
    REFERENCE_CELL: [played(10.5), played(20.5), played(8.5)],
    OURS_CELL: [played(5.5, cpu=2), played(4.5, cpu=2), played(6.5, cpu=2)],
    POWER_CELL: [played(8.5), played(8.5), played(8.5)],
    OTHER: [played(20.5, cpu=8), played(40.5, cpu=8), played(20.5, cpu=8)],
}


def test_overhead_is_what_the_server_did_not_take() -> None:
    rows = {row.name: row for row in rows_of(ROUNDS)}
    assert rows[REFERENCE].overhead_ms == 10.0
    assert (rows[REFERENCE].least, rows[REFERENCE].most) == (8.0, 20.0)


def test_ratios_are_of_medians_with_their_range_over_single_rounds() -> None:
    rows = {row.name: row for row in rows_of(ROUNDS)}
    ours = rows["other, SQLite"].ours
    assert ours is not None
    assert (ours.of_medians, ours.least, ours.most) == (5 / 20, 4 / 40, 6 / 20)
    ours_cpu, ours_power = rows["other, SQLite"].ours_cpu, rows["other, SQLite"].ours_power
    assert ours_cpu is not None
    assert ours_cpu.of_medians == 2 / 8
    assert ours_power is not None
    assert ours_power.of_medians == 8 / 20
    to_reference = rows[OURS].to_reference
    assert to_reference is not None
    assert (to_reference.of_medians, to_reference.least, to_reference.most) == (0.5, 4 / 20, 6 / 8)
    assert rows[OURS].ours is None


def test_without_plumbline_there_is_no_share_of_it() -> None:
    row = rows_of({OTHER: ROUNDS[OTHER]})[0]
    assert (row.to_reference, row.ours, row.ours_cpu, row.ours_power) == (None, None, None, None)


def test_markdown_has_the_tables_the_machine_and_what_is_missing() -> None:
    text = markdown(
        rows_of(ROUNDS), {"lost": "no network"}, turns=20, told="3 rounds", machine="2 x CPU", day="1 May 2030"
    )
    assert "on 1 May 2030: 3 rounds. 2 x CPU." in text
    assert "| other, SQLite | 0.25 (0.10-0.30) | 0.25 (0.25-0.25) | 0.40 (0.20-0.40) |" in text
    assert "- other, SQLite records its messages." in text
    assert "- Not measured: lost: no network" in text
    overhead, shares, _ = tables(rows_of(ROUNDS), 20)
    assert [row[0] for row in overhead.rows] == [REFERENCE, OURS, OURS_POWER, "other, SQLite"]
    assert [row[0] for row in shares.rows] == ["other, SQLite"]


def test_every_library_has_pins_alone_and_is_shown_as_durable_where_it_can_be() -> None:
    for cell in CELLS:
        if cell.library:
            assert cell.path.is_file()
            assert all(line.count("==") == 1 and "//" not in line for line in cell.requirements)
            assert any(line.startswith("openai==") for line in cell.requirements)
            assert bool(cell.records) == cell.durable
    shown = {cell.library for cell in CELLS if cell.library and not cell.plain}
    assert shown == set(LIBRARIES) == {"langchain", "openai-agents", "pydantic-ai", "smolagents"}


def test_programs_describe_the_tools_as_the_others_do() -> None:
    for spec in TOOLS:
        assert (getattr(Tools, spec.name).__doc__ or "").splitlines()[0] == spec.description


def test_a_cell_that_fails_is_told_and_left_out_and_the_others_go_on(tmp_path: Path) -> None:
    program = tmp_path / "with_broken.py"
    program.write_text("raise SystemExit('it does not work')", "utf-8")
    broken = Cell("broken", library="broken", program=str(program))
    seen: list[tuple[int, str]] = []
    found, failures = play_rounds(
        {REFERENCE_CELL: Path(sys.executable), broken: Path(sys.executable)},
        turns=2,
        sessions=1,
        rounds=2,
        told=lambda number, cell: seen.append((number, cell.name)),
    )
    assert failures == {broken: "it does not work"}
    assert [len(rounds) for rounds in found.values()] == [2]
    assert seen == [(1, REFERENCE), (1, "broken"), (2, REFERENCE)]
    one = found[REFERENCE_CELL][0]
    assert 0 < one.server_ms < one.wall_ms
    assert 0 < one.ready_mb <= one.peak_mb
    assert one.start_ms > 0
    assert "openai" in one.versions


def test_a_program_that_ends_with_another_answer_does_not_count(tmp_path: Path) -> None:
    program = tmp_path / "with_liar.py"
    place = next(str(cell.path.parent) for cell in CELLS if cell.library)
    program.write_text(
        f"import sys; sys.path.insert(0, {place!r})\n"
        "import playing\n"
        "order = playing.ordered()\n"
        "async def session(number): return 'another'\n"
        "playing.play(order, playing.Tools(order), session, ())\n",
        "utf-8",
    )
    liar = Cell("liar", library="liar", program=str(program))
    with scripted_server() as root, pytest.raises(Failed, match="session 0 ended with another answer: 'another'"):
        play(liar, Path(sys.executable), root, turns=2, sessions=1)


def test_libraries_that_are_not_known_are_refused() -> None:
    with pytest.raises(UsageError, match="there is no library 'autogpt' to measure; choose from langchain"):
        CliRunner().invoke(bench, ["peers", "--only", "autogpt"], catch_exceptions=False)


def test_what_plumbline_stores_is_measured_and_a_bare_loop_loads_nothing_of_it() -> None:
    with scripted_server() as root:
        ours, bare = (play(cell, Path(sys.executable), root, turns=2, sessions=1) for cell in (OURS_CELL, BARE_CELL))
    assert ours.stored_kb > 10 > 0 == bare.stored_kb
    assert "langgraph" not in bare.versions
    seen = "import sys, evals.benchmarks.cells; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "agent.ledger"} & set(told.stdout.split())


@pytest.mark.slow
def test_a_library_plays_the_session_and_stores_where_it_is_durable() -> None:
    cell = next(cell for cell in CELLS if cell.library == "openai-agents" and cell.durable)
    python = ready_python(cell.environment, cell.requirements)
    if python is None:
        pytest.skip(f"the environment {cell.environment} is not there; plumbline bench peers makes it")
    with scripted_server() as root:
        one = play(cell, python, root, turns=3, sessions=1)
        bare = play(dataclasses.replace(cell, durable=False), python, root, turns=3, sessions=1)
    assert one.overhead_ms > 0
    assert one.stored_kb > 0 == bare.stored_kb
