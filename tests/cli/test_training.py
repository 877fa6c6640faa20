"""Failed attempts are corrected and exported from the command line."""

import json
import re
from pathlib import Path
from typing import Any

from agent.domain.messages import Reply
from agent.models.testing.script import call, error
from evals.training.files import read_preference, read_sft
from tests.cli.conftest import Plumbline, Serve

SUITE = """
name: counting
version: "1"
description: A model says numbers.
samples: [samples.jsonl]
scorers: [{kind: numeric}]
"""
ADVICE = "Compare the number with the task once more, digit by digit, before it is submitted."


def made(folder: Path, samples: int) -> Path:
    place = folder / "counting"
    place.mkdir()
    (place / "suite.yaml").write_text(SUITE)
    lines = [{"id": f"s{n}", "goal": f"Say {n}.", "gold": n} for n in range(500, 500 + samples)]
    (place / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return place


class Talk:
    """Plays the agent, which says odd numbers wrong unless it is advised, and the reflector.

    Attributes:
        shown: what the reflector was shown.
        down: whether the reflector's server refuses.
        patience: pieces of advice that an odd number takes.
    """

    def __init__(self, patience: int = 1) -> None:
        self.shown: list[str] = []
        self.down = False
        self.patience = patience

    def __call__(self, request: dict[str, Any], _number: int) -> Any:
        messages = request["messages"]
        text = json.dumps(messages)
        number = int(re.findall(r"Say (\d+)", text)[0])
        if request["tools"][0]["function"]["name"] == "advise":
            if self.down:
                return error(401, "no such key")
            self.shown.append(str(messages[1]["content"]))
            given = f"It is {number}." if number == 509 else ADVICE
            return call("advise", diagnosis="It was not compared.", advice=given)
        said = number if number % 2 == 0 or text.count("[person] Compare") >= self.patience else 1
        return self.submitted(said)

    @staticmethod
    def submitted(number: int) -> Reply:
        return call("submit", answer=str(number), success=True)


def test_failed_attempts_are_corrected_once_and_exported_without_the_advice(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite, talk = made(folder, 10), Talk()
    model = f"m@{serve(talk)}"
    plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one")

    done = plumbline("eval", "reflect", "one", "--name", "two", "--json")
    again = plumbline("eval", "reflect", "--resume", "two", "--json")

    assert (done.code, done.json["failed"], done.json["corrected"]) == (0, 5, 4), done.err
    assert again.json["corrected"] == 4
    assert len(talk.shown) == 5
    leaked = next(one for one in done.json["results"] if one["sample"] == "s509")
    assert (leaked["state"], leaked["failure"]) == ("failed", "the advice gave the answer away")
    assert all("The answer is not right." in text for text in talk.shown)
    assert not any("for 50" in text for text in talk.shown)
    shown = plumbline("eval", "show", "two", "--json")
    assert [one["state"] for one in shown.json["results"]] == ["passed"] * 4
    assert (shown.json["corrected"], shown.json["failed"]) == (4, 5)
    assert "4 of 5 failed attempts were corrected" in plumbline("eval", "show", "two").out
    refused = plumbline("eval", "run", "--resume", "two")
    assert (refused.code, "eval reflect --resume two" in refused.err) == (2, True)

    sft = plumbline("eval", "export", "one", "two", "all.jsonl", "--to", "sft", "--json")
    pairs = plumbline("eval", "export", "two", "pairs.jsonl", "--to", "preference", "--json")

    assert sft.code == 0, sft.err
    assert sft.json["left_out"] == {"it did not pass": 5, "it was never begun": 1}
    examples = list(read_sft(folder / "all.jsonl"))
    assert {one.provenance.sample for one in examples} == {f"s{n}" for n in range(500, 509)}
    assert "Compare the number" not in (folder / "all.jsonl").read_text()
    corrected = next(one for one in examples if one.provenance.batch == "two")
    assert corrected.provenance.corrects == "one-00002-001"
    assert corrected.provenance.reflector == model
    assert [message.role for message in corrected.messages] == ["system", "user", "assistant"]
    (pair, *others) = list(read_preference(folder / "pairs.jsonl"))
    assert (pairs.json["examples"], len(others)) == (4, 3)
    assert [message.role for message in pair.prompt] == ["system", "user"]
    told = [json.loads(row) for row in (folder / "all.dropped.jsonl").read_text().splitlines()]
    assert {row["sample"] for row in told if row["reason"] == "it was never begun"} == {"s509"}
    held = plumbline("eval", "export", "one", "x.jsonl", "--to", "sft", "--held-out", str(suite), "--json")
    assert (held.json["examples"], held.json["left_out"]["shares words with what is held out"]) == (0, 5)
    none = plumbline("eval", "export", "one", "x.jsonl", "--to", "preference")
    assert (none.code, "eval reflect" in none.err) == (2, True)


def test_a_reflector_that_is_down_is_asked_again_and_rounds_go_by_what_came_before(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite, talk = made(folder, 4), Talk(patience=2)
    model = f"m@{serve(talk)}"
    plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one")
    talk.down = True
    failed = plumbline("eval", "reflect", "one", "--rounds", "2", "--name", "two", "--json")
    talk.down = False

    done = plumbline("eval", "reflect", "--resume", "two", "--json")

    assert failed.code == 1
    assert [(one["state"], one["failure"]) for one in failed.json["results"]] == [("error", "no advice")] * 2
    # a second round adds its advice to that of the first
    assert [one["state"] for one in done.json["results"]] == ["failed", "failed", "passed", "passed"]
    assert (done.code, done.json["corrected"], len(talk.shown)) == (0, 2, 4)
    # two rounds are no two tries: what was corrected in the second was corrected
    figures = done.json["figures"]
    assert (figures["attempts"], figures["passed"], figures["failed"], figures["share"]["value"]) == (4, 2, 0, 1.0)
    assert figures["pass_at"] == {}
    assert [one["run_id"][-1] for one in done.json["results"]] == ["1", "1", "2", "2"]
    assert "step 0: submit" in talk.shown[-1]
    refused = plumbline("eval", "reflect", "--resume", "one")
    assert (refused.code, "corrects no other" in refused.err) == (2, True)
    plumbline("eval", "export", "two", "x.jsonl", "--to", "sft")
    assert len(list(read_sft(folder / "x.jsonl"))) == 2
    assert "Compare" not in (folder / "x.jsonl").read_text()
