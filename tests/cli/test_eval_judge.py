"""Checks and judges of a batch: asked once, kept, asked again when told, and not trusted before they are measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.domain.budget import Usage
from agent.domain.messages import Reply
from agent.models.testing.script import call
from tests.cli.conftest import Plumbline, Serve

LEVELS = [{"value": 0, "words": "rude"}, {"value": 1, "words": "polite"}]
SUITE: dict[str, Any] = {
    "name": "manners",
    "version": "1",
    "description": "d",
    "samples": ["samples.jsonl"],
    "scorers": [
        {"kind": "judge", "rubric": "Is it polite?", "levels": LEVELS, "votes": 1, "agreement": 0.6},
    ],
}


def made(folder: Path, **changes: Any) -> Path:
    place = folder / "manners"
    place.mkdir()
    # JSON is YAML
    (place / "suite.yaml").write_text(json.dumps({**SUITE, **changes}))
    (place / "samples.jsonl").write_text('{"id": "a", "goal": "Greet."}\n{"id": "b", "goal": "Part."}\n')
    examples = [{"goal": "g", "answer": words, "label": label} for words, label in (("please", 1), ("shut up", 0)) * 3]
    (place / "judge_examples.jsonl").write_text("\n".join(map(json.dumps, examples)))
    return place


def polite(request: dict[str, Any], _number: int) -> Reply:
    """Answer and judge: what says please is polite."""
    names = [tool["function"]["name"] for tool in request.get("tools", [])]
    text = str(request["messages"][-1]["content"])
    if names == ["choose_level"]:
        wanted = "polite" if "please" in text.partition("Answer to be judged")[2] else "rude"
        return call("choose_level", reason="So.", level="A" if f"A: {wanted}" in text else "B")
    asked = json.dumps(request["messages"])
    return call("submit", answer="Come in, please." if "Greet" in asked else "Go.", success=True)


def test_scores_of_a_judge_count_once_it_agrees_with_people(
    folder: Path, plumbline: Plumbline, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = made(folder)
    asked: list[str] = []

    def counted(request: dict[str, Any], number: int) -> Reply:
        asked.append(str([tool["function"]["name"] for tool in request.get("tools", [])]))
        return polite(request, number)

    model = f"m@{serve(counted)}"
    unnamed = plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none")
    options = ("--model", model, "--sandbox", "none", "--judge", model, "--name", "one")
    untrusted = plumbline("eval", "run", str(suite), *options)
    before = plumbline("eval", "show", "one", "--json")
    never = [one for one in asked if "choose_level" in one]
    measured = plumbline("eval", "judge", str(suite), "--judge", model, "--json")
    resumed = plumbline("eval", "run", "--resume", "one", "--json")
    count = len(asked)
    shown = plumbline("eval", "show", "one", "--json")

    assert (unnamed.code, "name one with --judge MODEL" in unnamed.err) == (2, True)
    assert "has not been measured" in untrusted.err
    assert [one["state"] for one in before.json["results"]] == ["error", "error"]
    assert "plumbline eval judge manners" in before.json["results"][0]["reason"]
    assert never == []
    assert (measured.code, measured.json[0]["kappa"], measured.json[0]["count"]) == (0, 1.0, 6)
    assert [one["state"] for one in resumed.json["results"]] == ["passed", "failed"]
    assert resumed.json["results"][0]["scores"][0]["detail"] == "votes 1: So."
    assert shown.json["results"] == resumed.json["results"]
    assert len(asked) == count
    again = plumbline("eval", "show", "one", "--score-again", "--json")
    assert again.json["results"] == shown.json["results"]
    assert len(asked) == count + 2
    monkeypatch.setenv("FORCE_COLOR", "1")
    watched = plumbline("eval", "show", "one", "--score-again")
    assert "asking again" in watched.err


def test_what_judges_use_is_told_beside_what_runs_use_and_counts_for_the_budget(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    judged = {key: value for key, value in SUITE["scorers"][0].items() if key != "agreement"}
    suite = made(folder, scorers=[judged])

    def counted(request: dict[str, Any], number: int) -> Reply:
        reply = polite(request, number)
        judges = reply.calls[0].name == "choose_level"
        usage = Usage(calls=1, input_tokens=700 if judges else 20, output_tokens=30 if judges else 5)
        return reply.model_copy(update={"usage": usage})

    model = f"m@{serve(counted)}"
    options = (str(suite), "--model", model, "--sandbox", "none", "--judge", model, "-n", "1")
    done = plumbline("eval", "run", *options, "--name", "one", "--html", "one.html", "--json")
    kept = plumbline("eval", "show", "one", "--json")
    told = plumbline("eval", "show", "one")
    bounded = plumbline("eval", "run", *options, "--name", "two", "--tokens", "500", "--json")

    figures = done.json["figures"]
    assert (figures["judging"]["calls"], figures["judging"]["input_tokens"], figures["judging"]["output_tokens"]) == (
        *(2, 1400, 60),
    )
    assert (figures["model_calls"], figures["input_tokens"], figures["output_tokens"]) == (2, 40, 10)
    assert kept.json["figures"]["judging"] == figures["judging"]
    assert "judges besides: 2 model calls, 1,460 tokens" in told.out
    assert "<b>1,460</b>tokens of judges" in (folder / "one.html").read_text()
    assert (bounded.code, bounded.json["stopped"]) == (1, "the batch has used up its budget of tokens")
    assert len(bounded.json["results"]) == 1


def test_a_judge_that_disagrees_with_people_decides_nothing(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder)

    def flattered(request: dict[str, Any], number: int) -> Reply:
        return call("choose_level", reason="Fine.", level="B" if "B: polite" in str(request) else "A")

    model = f"m@{serve(flattered)}"
    measured = plumbline("eval", "judge", str(suite), "--judge", model)
    good = f"m@{serve(polite)}"
    done = plumbline("eval", "run", str(suite), "--model", good, "--sandbox", "none", "--judge", model, "--json")

    assert (measured.code, "not reached" in measured.out) == (3, True)
    assert [one["state"] for one in done.json["results"]] == ["error", "error"]
    assert "agrees with people by kappa 0.00" in done.json["results"][0]["reason"]
    assert (done.code, done.json["figures"]["share"]) == (1, None)


def test_a_judge_for_a_suite_that_has_none_is_refused(folder: Path, plumbline: Plumbline) -> None:
    suite = made(folder, scorers=[{"kind": "verified"}])

    refused = plumbline("eval", "run", str(suite), "--model", "m@http://127.0.0.1:9/v1", "--judge", "m")

    assert (refused.code, "the suite manners has no judge" in refused.err) == (2, True)


def test_a_crashing_check_is_an_error_and_no_failure(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    checks = [
        {"kind": "program", "program": {"python": text}} for text in ("undefined", "assert open('new').read() == 'x'")
    ]
    suite = made(folder, scorers=[checks[1]])
    samples = '{"id": "a", "goal": "Greet."}\n' + json.dumps({"id": "b", "goal": "Part.", "scorers": [checks[0]]})
    (suite / "samples.jsonl").write_text(samples)

    def writes(request: dict[str, Any], number: int) -> Reply:
        if any(message["role"] == "tool" for message in request["messages"]):
            return call("submit", answer="Done.", success=True)
        return call("write_file", path="new", content="x")

    done = plumbline(
        *("eval", "run", str(suite), "--model", f"m@{serve(writes)}", "--sandbox", "local", "--name", "one"),
        *("--threshold", "0.9", "--json"),
    )
    shown = plumbline("eval", "show", "one", "--json")

    assert [one["state"] for one in done.json["results"]] == ["passed", "error"], done.json["results"]
    assert "the check failed itself" in done.json["results"][1]["reason"]
    assert "NameError" in done.json["results"][1]["reason"]
    told = plumbline("eval", "run", "--resume", "one")
    assert (told.code, "checks and judges are asked again by: plumbline eval show one" in told.err) == (1, True)
    # one passed of one that was decided, which says nothing of the other
    assert (done.code, done.json["figures"]["share"]["value"]) == (1, 1)
    assert shown.json["results"] == done.json["results"]
