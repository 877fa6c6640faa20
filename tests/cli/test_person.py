"""A person, or a program, takes the model's seat through a folder; what they did can be replayed."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Plumbline, awaited, command

ANSWERS: list[dict[str, Any]] = [
    {"text": "First I look.", "calls": [{"name": "list_files", "arguments": {}}]},
    {"calls": [{"name": "read_file", "arguments": {"path": "orders.csv"}}]},
    {"calls": [{"name": "search_documents", "arguments": {"query": "value added tax rate"}}]},
    {"calls": [{"name": "write_file", "arguments": {"path": "total.py", "content": (
        "import csv\nrate = 0.2\nnet = sum(float(row['price']) for row in csv.DictReader(open('orders.csv')))\n"
        "print('gross', round(net * (1 + rate), 2))\n"
    )}}]},
    {"calls": [{"name": "shell", "arguments": {"command": "python3 total.py"}}]},
]  # fmt: skip


def last_answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return a submission that cites the sentence a person sees in the search result."""
    found = next(m["content"] for m in request["messages"] if "document " in str(m["content"]) and "[" in m["content"])
    document = found.split("document ", 1)[1][:10]
    number = found.split("The rate of value added tax", 1)[0].rsplit("[", 1)[1].split("]")[0]
    claims = [
        {"text": "The rate of value added tax is 20 percent.", "evidence": [f"{document}:{number}"]},
        {"text": "gross 54.0", "evidence": ["root.4.0"]},
    ]
    answer = "The rate of value added tax is 20 percent. gross 54.0"
    return {"calls": [{"name": "submit", "arguments": {"answer": answer, "claims": claims, "artefacts": ["total.py"]}}]}


def test_a_task_with_five_tool_calls_is_done_through_the_folder_and_its_cassette_replays(
    plumbline: Plumbline, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "orders.csv").write_text("price\n15\n30\n")
    (folder / "tax.md").write_text("# Tax\n\nThe rate of value added tax is 20 percent.\n")
    seat = folder / "seat"
    arguments = command(
        *("run", "What is the gross total?", "--file", "orders.csv", "--docs", "tax.md"),
        *("--model", f"person:{seat}", "--sandbox", "local", "--json"),
    )
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        for number in range(1, len(ANSWERS) + 2):
            request = awaited(seat / f"{number:04}.request.json", process)
            answer = ANSWERS[number - 1] if number <= len(ANSWERS) else last_answer(json.loads(request))
            draft = seat / "draft"
            draft.write_text(json.dumps(answer))
            draft.rename(seat / f"{number:04}.response.json")
        out, _ = process.communicate(timeout=60)
    report = json.loads(out)["report"]
    assert (process.returncode, report["outcome"]) == (0, "verified")
    assert [artefact["path"] for artefact in report["artefacts"]] == ["total.py"]

    cassette = str(folder / "run.jsonl")
    assert plumbline("export", "--output", cassette).code == 0
    steps = plumbline("show", "--json").json["view"]["steps"].values()
    assert len([step for step in steps if step["kind"] == "tool" and step["key"].startswith("root/")]) == 5

    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "elsewhere"))
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    assert plumbline("import", cassette).code == 0
    replayed = plumbline("replay", "--json")
    assert (replayed.code, replayed.json["same"], replayed.json["report"]) == (0, True, report)
