"""All benchmarks in one go: each in its own process, what cannot run told with its reason, one report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.domain.errors import OutputUnavailable, UsageError
from evals.all_cli import all_
from evals.benchmarks.everything import BENCHMARKS, Benchmark, Outcome, figures_of, run_benchmark
from evals.benchmarks.report import report
from evals.cli import COMMANDS, bench
from evals.records import Figure, keep, kept, measured

FOUND = {
    "machine": "2 x CPU",
    "turns": 20,
    "rows": [{"cell": "raw", "wall_ms": 1234.5, "rounds": [0.5, 0.25]}, {"cell": "ours", "wall_ms": 0.123456}],
    "by_length": {"20": {"ms": 1.5}, "100": {"ms": 2.5}},
    "items": [{"n": number} for number in range(50)],
}


def program(folder: Path, text: str) -> tuple[str, str]:
    """Write a program that stands where ``plumbline bench`` does."""
    path = folder / "bench.py"
    path.write_text(f"import sys, json\n{text}\n", "utf-8")
    return sys.executable, str(path)


def test_every_benchmark_of_the_list_is_a_command_that_prints_json() -> None:
    # each subject that the list promises stands once
    assert len({one.name for one in BENCHMARKS}) == len(BENCHMARKS)
    assert {one.name for one in BENCHMARKS} <= set(COMMANDS)


def test_every_benchmark_that_is_listed_is_there_and_the_list_needs_none_of_them() -> None:
    listed = CliRunner().invoke(bench, ["--help"])
    assert listed.exit_code == 0
    for name in COMMANDS:
        assert name in listed.output
        shown = CliRunner().invoke(bench, [name, "--help"])
        assert shown.exit_code == 0
        assert "--json" in shown.output
    with pytest.raises(Exception, match=r"No such command 'peer'\. Did you mean 'peers'"):
        bench(["peer"], standalone_mode=False)
    told = subprocess.run(
        [sys.executable, "-c", "import sys, evals.cli; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not {"agent", "openai", "sqlalchemy"} & {name.partition(".")[0] for name in told.stdout.split()}


def test_a_benchmark_gets_its_options_and_what_it_printed_is_found(tmp_path: Path) -> None:
    command = program(tmp_path, "print(json.dumps({'asked': sys.argv[1:], 'ms': 2.5}))")
    one = Benchmark(name="some", about="something", quick=("--rounds", "2"), data=True)
    outcome = run_benchmark(one, tmp_path, quick=True, data=Path("set"), command=command)
    assert outcome.ended == "held"
    assert outcome.found["asked"] == ["some", "--rounds", "2", "--data", "set", "--json"]
    assert outcome.figures == (Figure(name="ms", value=2.5),)


def test_a_benchmark_that_does_not_hold_or_breaks_has_failed_and_one_that_lacks_something_is_not_run(
    tmp_path: Path,
) -> None:
    one = Benchmark(name="some", about="something")
    failed = run_benchmark(one, tmp_path, command=program(tmp_path, "print('{\"ms\": 1}'); sys.exit(1)"))
    assert (failed.ended, failed.found) == ("failed", {"ms": 1})
    error = json.dumps({"error": {"kind": "ServiceError", "message": "no Docker;\n start it", "exit_code": 1}})
    refused = run_benchmark(one, tmp_path, command=program(tmp_path, f"print({error!r}); sys.exit(1)"))
    assert (refused.ended, refused.reason) == ("not run", "no Docker; start it")
    crashed = run_benchmark(one, tmp_path, command=program(tmp_path, "sys.exit('gone')"))
    assert (crashed.ended, crashed.reason) == ("failed", "gone")
    for kind in ("InternalError", "UsageError"):
        error = json.dumps({"error": {"kind": kind, "message": "broken", "exit_code": 1}})
        broken = run_benchmark(one, tmp_path, command=program(tmp_path, f"print({error!r}); sys.exit(1)"))
        assert (broken.ended, broken.told) == ("failed", "failed: broken")
    without = run_benchmark(one.model_copy(update={"data": True}), tmp_path)
    assert without.reason == "needs test data: --data, or PLUMBLINE_TEST_DATA"


def test_figures_are_named_by_their_place() -> None:
    names = {figure.name: figure.value for figure in figures_of(FOUND)}
    assert names["rows[raw].wall_ms"] == 1234.5
    assert names["by_length.100.ms"] == 2.5
    assert list(figures_of({"bad": float("nan"), "yes": True})) == []


def test_the_report_has_tables_and_what_was_not_run() -> None:
    some = Benchmark(name="some", about="something")
    outcomes = [
        Outcome(benchmark=some, ended="held", found=FOUND, seconds=12.3),
        Outcome(benchmark=Benchmark(name="cad", about="CAD"), ended="not run", reason="no | library"),
    ]
    text = report(outcomes, machine="2 x CPU", day="1 May 2030", quick=True)
    assert "on 1 May 2030 with `--quick`" in text
    assert "2 x CPU. plumbline-agent " in text
    assert "| some | something | 12 |  |" in text
    assert "| cad | CAD |  | not run: no \\| library |" in text
    assert "| cell | wall ms | rounds |\n| --- | --- | --- |\n| raw | 1,234 | 0.5 0.25 |\n| ours | 0.123 |  |" in text
    assert "|  | ms |\n| --- | --- |\n| 20 | 1.5 |\n| 100 | 2.5 |" in text
    assert "50 rows; `--json` prints them." in text


def test_figures_are_kept_with_a_measurement(tmp_path: Path) -> None:
    figures = [Figure(name="ms", value=2.5)]
    keep(tmp_path, measured("bench.some", "quick", [True], figures=figures))
    assert kept(tmp_path, "bench.some").measurements[0].figures == tuple(figures)


def test_an_unknown_benchmark_and_a_report_that_cannot_be_written_are_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no benchmark 'sleep' among all"):
        all_(only=["sleep"], markdown=tmp_path / "report.md")
    with pytest.raises(OutputUnavailable, match="cannot write"):
        all_(only=["startup"], markdown=tmp_path / "nowhere" / "report.md")
