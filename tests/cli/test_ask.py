"""``plumbline ask``: a question in each of the ways, as a run like any other."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from agent.domain.budget import Usage
from agent.domain.messages import Reply
from agent.models.testing.script import Step, call, error, say
from tests.cli.conftest import Plumbline, Serve

WRONG = ("France", "has capital", "Bonn")
RIGHT = ("France", "has capital", "Paris")
ASKED = "Is the capital of France on the Seine?"
EXEMPLAR = {
    "question": "Is ice cold?",
    "answer": "yes",
    "triples": [["ice", "is colder than", "water"]],
    "hints": ["Ice is frozen water."],
}


def proved(answer: Any, *triples: tuple[str, str, str], hints: Iterable[str] = ("So it is.",)) -> Reply:
    parts = [{"subject": s, "relation": r, "object": o} for s, r, o in triples]
    return call("prove_and_answer", triples=parts, hints=list(hints), answer=answer)


def computed(answer: Any, *hints: str) -> Reply:
    triples = [{"subject": "pens", "relation": "number", "object": str(answer)}]
    return call("compute_and_answer", hints=list(hints), triples=triples, answer=answer)


def follows(answer: Any, *, so: bool = True) -> Reply:
    return call("tell_what_follows", follows=so, answer=answer)


@pytest.fixture
def towns(plumbline: Plumbline, folder: Path) -> str:
    """A knowledge base in which a country has one capital."""
    lines = ("France\thas capital\tParis", "Rhineland\thas capital\tBonn", "Paris\ton river\tSeine")
    (folder / "towns.tsv").write_text("\n".join(lines) + "\n")
    assert plumbline("kb", "add", "towns", "towns.tsv", "--functional", "has capital").code == 0
    return "towns"


def names(prompt: Any) -> str:
    return str(prompt["messages"][-1]["content"])


class TestWays:
    @pytest.mark.parametrize(
        ("mode", "reply", "shown"),
        [
            ("direct", call("give_answer", answer="yes"), "yes"),
            ("cot", call("reason_and_answer", steps=["Paris is on it."], answer="yes"), "1. Paris is on it."),
            ("cok", proved("yes", RIGHT), "(France, has capital, Paris)"),
        ],
    )
    def test_the_answer_is_shown_with_what_was_given_for_it_and_replays(
        self, plumbline: Plumbline, serve: Serve, mode: str, reply: Reply, shown: str
    ) -> None:
        told = plumbline("ask", ASKED, "--mode", mode, "--model", serve([reply]))
        assert told.code == 0
        assert shown in told.out
        assert "nothing in it was checked" in told.out
        assert shown in plumbline("show", "last").out
        assert "the same report as recorded" in plumbline("replay", "last").out

    def test_json_has_the_answer_the_chain_and_its_claims(self, plumbline: Plumbline, serve: Serve) -> None:
        told = plumbline("ask", ASKED, "--mode", "cok", "--model", serve([proved("yes", RIGHT)]), "--json")
        report = told.json["report"]
        assert (told.code, report["answer"], report["outcome"]) == (0, "yes", "unverified")
        assert report["answered"]["reasoning"]["triples"][0]["subject"] == "France"
        assert [one["verdict"] for one in report["claims"]] == ["unverifiable"]

    def test_a_choice_is_answered_by_its_label_and_shown_with_its_text(
        self, plumbline: Plumbline, serve: Serve
    ) -> None:
        ask = ("ask", "Which is a fruit?", "--choices", "brick", "--choices", "pear", "--mode", "direct")
        served = serve([call("give_answer", answer="C"), call("give_answer", answer="B")])
        told = plumbline(*ask, "--model", served)
        assert (told.code, told.out.splitlines()[0]) == (0, "B: pear")

    def test_exemplars_of_a_file_are_shown_to_the_model(self, plumbline: Plumbline, serve: Serve, folder: Path) -> None:
        (folder / "mine.jsonl").write_text(json.dumps(EXEMPLAR) + "\n")
        seen: list[str] = []

        def answer(request: dict[str, Any], number: int) -> Step:
            seen.append(names(request))
            return proved("yes", RIGHT)

        told = plumbline(
            "ask", ASKED, "--mode", "cok", "--exemplars", "mine.jsonl", "--model", serve(answer), "--quiet"
        )
        assert (told.code, told.out.strip()) == (0, "yes")
        assert "Is ice cold?" in seen[0]
        assert "garden hose" not in seen[0]


class TestVerified:
    def test_an_answer_whose_evidence_is_held_is_accepted(self, plumbline: Plumbline, serve: Serve, towns: str) -> None:
        served = serve([proved("yes", RIGHT), follows("yes")])
        told = plumbline("ask", ASKED, "--kb", towns, "--model", served)
        assert told.code == 0
        assert "accepted" in told.out
        assert "towns.tsv:1" in told.out

    def test_a_refuted_triple_is_corrected_and_the_answer_changes(
        self, plumbline: Plumbline, serve: Serve, towns: str
    ) -> None:
        asked: list[str] = []
        replies = [proved("no", WRONG), follows("no", so=False), proved("yes", RIGHT), follows("yes")]

        def answer(request: dict[str, Any], number: int) -> Step:
            asked.append(names(request))
            return replies[min(number, 3)]

        told = plumbline("ask", ASKED, "--kb", towns, "--model", serve(answer), "--json")
        report = told.json["report"]
        assert (told.code, report["answer"]) == (0, "yes")
        assert "Bonn" not in asked[1].partition("Statements:")[2].partition("Question:")[0]
        assert "France has capital Paris" in asked[2].partition("Checked and found true")[2]
        assert "France has capital Bonn" in asked[2].partition("Said before and found wrong")[2]
        assert [len(one["contradicted"]) for one in report["checking"]["rounds"]] == [1, 0]
        assert all(one["usage"]["calls"] for one in report["checking"]["rounds"])
        assert plumbline("replay", "last", "--json").json["same"]

    def test_a_wrong_sum_is_refuted_and_computed_again(self, plumbline: Plumbline, serve: Serve) -> None:
        served = serve([computed(25, "4 * 6 = 25"), follows(25), computed(24, "4 * 6 = 24"), follows(24)])
        told = plumbline("ask", "How many pens are in 4 boxes of 6?", "--model", served, "--json")
        assert (told.code, told.json["report"]["answer"]) == (0, "24")

    def test_the_exit_code_is_the_same_when_a_stopped_question_is_resumed(
        self, plumbline: Plumbline, serve: Serve
    ) -> None:
        dear = say("?").model_copy(update={"usage": Usage(calls=1, output_tokens=50)})
        for mode, replies, code in (
            ("cot", [dear, call("reason_and_answer", steps=["So it is."], answer="yes")], 0),
            ("cok+f2", [dear, proved("yes", RIGHT), follows("yes")], 3),
        ):
            arguments = ("ask", ASKED, "--mode", mode, "--model", serve(replies))
            stopped = plumbline(*arguments, "--tokens", "1")
            assert stopped.code == 4
            assert plumbline("resume", "--tokens", "100000").code == code

    def test_an_outage_between_rounds_stops_the_question_and_resuming_it_asks_nothing_twice(
        self, plumbline: Plumbline, serve: Serve, towns: str, folder: Path
    ) -> None:
        model = serve(
            [proved("no", WRONG), follows("no", so=False), error(503, "down"), proved("yes", RIGHT), follows("yes")]
        )
        (folder / "home" / "config.toml").write_text(
            f'[models.once]\nbackend = "openai"\nmodel = "m"\nbase_url = "{model.partition("@")[2]}"\n'
            "retry = { attempts = 1 }\n"
        )
        stopped = plumbline("ask", ASKED, "--kb", towns, "--model", "once")
        assert (stopped.code, "plumbline resume" in stopped.err) == (1, True)
        resumed = plumbline("resume", "--json")
        assert (resumed.code, resumed.json["report"]["answer"]) == (0, "yes")
        assert len(resumed.json["report"]["checking"]["rounds"]) == 2
        assert plumbline("replay", "last", "--json").json["same"]

    def test_evidence_that_nothing_could_check_is_not_accepted(self, plumbline: Plumbline, serve: Serve) -> None:
        told = plumbline("ask", ASKED, "--model", serve([proved("yes", RIGHT), follows("yes")]))
        assert told.code == 3
        assert "not accepted: no evidence" in told.out
        assert "nothing in the evidence could be checked" in told.out


def test_a_refusal_to_a_small_model_fails_and_replays(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    url = serve(lambda request, number: error(400, "content filter")).partition("@")[2]
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "config.toml").write_text(
        f'[models.small]\nbackend = "openai"\nmodel = "m"\nbase_url = "{url}"\n'
        'profile = { tool_mode = "json", strategy = "guided", limited = true }\n'
    )
    outcome = plumbline("ask", ASKED, "--model", "small")
    assert outcome.code == 1
    assert "The model gave no answer" in outcome.out
    assert "the same report as recorded" in plumbline("replay", "last").out


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (lambda: say("I would say yes."), "no usable give_answer"),
        (lambda: call("give_answer", answer="perhaps"), "answer: Input should be 'yes' or 'no'"),
        (lambda: Reply(text="I must not.", finish="filtered"), "refused the request"),
        (lambda: error(400, "content filter"), "refused the request"),
    ],
)
def test_a_model_that_gives_no_answer_fails(
    plumbline: Plumbline, serve: Serve, reply: Callable[[], Step], told: str
) -> None:
    served = serve(lambda request, number: reply())
    outcome = plumbline("ask", ASKED, "--mode", "direct", "--model", served)
    assert outcome.code == 1
    assert "The model gave no answer" in outcome.out
    assert told.split()[-1] in outcome.out
    assert "the same report as recorded" in plumbline("replay", "last").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((" ",), "the question is empty"),
        ((ASKED, "--mode", "guess"), "--mode"),
        ((ASKED, "--exemplars", "none.jsonl"), "there is no file"),
        ((ASKED, "--exemplars", "bad.jsonl"), "bad.jsonl, line 2: it is no JSON"),
        ((ASKED, "--exemplars", "empty.jsonl"), "has no exemplars"),
        ((ASKED, "--exemplars", "binary.jsonl"), "is not in UTF-8"),
        ((ASKED, "--kb", "nothing"), "there is no knowledge base 'nothing'"),
        ((ASKED, "--choices", "one"), "--choices is given at least twice"),
        ((ASKED, "--choices", "one", "--choices", " "), "is empty"),
        ((ASKED, "--choices", "one", "--choices", "one"), "offered twice"),
        ((ASKED, "--choices", "a", "--choices", "b", "--kind", "text"), "--kind does not go with --choices"),
        ((ASKED, "--tokens", "0"), "--tokens"),
        ((ASKED, "--model", "none"), "name a model with --model"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(
    plumbline: Plumbline, serve: Serve, folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    (folder / "bad.jsonl").write_text(json.dumps(EXEMPLAR) + "\n{not json\n")
    (folder / "empty.jsonl").write_text("\n")
    (folder / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    outcome = plumbline("ask", "--model", serve([]), *arguments)
    assert outcome.code == 2
    assert told in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert plumbline("runs", "--json").json == []


class TestExemplars:
    LABELLED = "\n".join(
        json.dumps({"question": question, "answer": answer, "facts": ["A fact."]})
        for question, answer in (("Is ice cold?", "yes"), ("Is fire cold?", "no"))
    )

    def test_they_are_made_checked_and_can_be_used(self, plumbline: Plumbline, serve: Serve, folder: Path) -> None:
        (folder / "labelled.jsonl").write_text(self.LABELLED)

        def answer(request: dict[str, Any], number: int) -> Step:
            right = "yes" if "ice" in names(request).rpartition("Question:")[2] else "no"
            name = request["tools"][0]["function"]["name"]
            return follows(right) if name == "tell_what_follows" else proved(right, ("it", "is so", right))

        model = serve(answer)
        made = plumbline("kb", "exemplars", "labelled.jsonl", "--k", "2", "--out", "mine.jsonl", "--model", model)
        assert made.code == 0
        assert "2 of 2 exemplars written" in made.err
        used = plumbline(
            "ask", "Is ice cold?", "--mode", "cok", "--exemplars", "mine.jsonl", "--model", model, "--quiet"
        )
        assert (used.code, used.out.strip()) == (0, "yes")
        again = plumbline("kb", "exemplars", "labelled.jsonl", "--out", "mine.jsonl", "--model", model)
        assert (again.code, "is there already" in again.err) == (2, True)

    def test_those_that_are_rejected_are_told_with_their_lines(
        self, plumbline: Plumbline, serve: Serve, folder: Path
    ) -> None:
        (folder / "labelled.jsonl").write_text(self.LABELLED)
        model = serve(lambda request, number: proved("no", ("it", "is so", "no")))
        made = plumbline("kb", "exemplars", "labelled.jsonl", "--k", "2", "--out", "mine.jsonl", "--model", model)
        assert made.code == 3
        assert "rejected line 1: its answer is 'no', and the label is 'yes'" in made.err
        assert not (folder / "mine.jsonl").exists()

    def test_for_direct_answers_no_model_is_needed(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "labelled.jsonl").write_text(self.LABELLED)
        made = plumbline(
            "kb", "exemplars", "labelled.jsonl", "--k", "1", "--out", "mine.jsonl", "--mode", "direct", "--json"
        )
        assert (made.code, len(made.json["built"]["exemplars"])) == (0, 1)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("none.jsonl", "--out", "o.jsonl"), "there is no file"),
            (("bad.jsonl", "--out", "o.jsonl"), "bad.jsonl, line 2: it is no JSON"),
            (("bad.jsonl", "--out", "none/o.jsonl"), "bad.jsonl, line 2"),
            (("good.jsonl", "--out", "none/o.jsonl"), "there is no folder"),
            (("good.jsonl", "--out", "o.jsonl", "--k", "0"), "--k"),
            (("good.jsonl", "--out", "o.jsonl", "--mode", "guess"), "--mode"),
        ],
    )
    def test_what_cannot_be_made_is_told_in_one_line(
        self, plumbline: Plumbline, folder: Path, arguments: tuple[str, ...], told: str
    ) -> None:
        (folder / "good.jsonl").write_text(self.LABELLED)
        (folder / "bad.jsonl").write_text(f"{self.LABELLED.splitlines()[0]}\nnot json\n")
        outcome = plumbline("kb", "exemplars", *arguments)
        assert (outcome.code, told in outcome.err, len(outcome.err.strip().splitlines())) == (2, True, 1)
