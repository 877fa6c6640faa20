"""The bench over claim pairs: what it counts, what it refuses, and that nothing it is fitted on is what it measures."""

import json
from pathlib import Path

import pytest

from agent.cli.main import main
from agent.domain.claims import Verdict
from agent.domain.errors import UsageError
from agent.domain.messages import Reply, TokenChoice
from agent.models.config import EmbeddedConfig
from agent.models.embedded.model import EmbeddedModel
from agent.models.port import Profile
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.tool_modes import with_tool_mode
from agent.runtime.settings import home_folder
from evals.claims.judging import BOTH, MODEL, RULES, judge_pairs
from evals.claims.pairs import DEV_PAIRS, OWN_PAIRS, Label, Pair, read_pairs
from evals.claims.scores import Judged, balanced_accuracy, interval, score
from tests import weights


def pair(
    label: Label, kind: str = "number", claim: str = "The pole is 5 m high.", evidence: str = "The pole is 5 m high."
) -> Pair:
    return Pair(id="p", evidence=evidence, claim=claim, label=label, kind=kind)


def judged(*verdicts: tuple[Label, Verdict]) -> list[Judged]:
    return [Judged(pair=pair(label), verdict=verdict, seconds=0.5) for label, verdict in verdicts]


def test_the_two_recalls_count_alike_and_what_is_left_open_is_wrong() -> None:
    rows = judged(
        ("supported", "supported"),
        ("contradicted", "contradicted"),
        ("contradicted", "supported"),
        ("contradicted", "unverifiable"),
        ("contradicted", "error"),
        ("not_found", "not_found"),
    )

    found = score("rules", rows)

    assert found.balanced == pytest.approx((1 + 1 / 4) / 2)
    assert found.coverage == pytest.approx(3 / 6)
    assert found.precision == pytest.approx(2 / 3)
    assert (found.false_support, found.errors, found.milliseconds) == (1, 1, 500)
    assert found.kinds == {"number": (3, 6)}


def test_where_a_label_is_missing_there_is_no_balanced_accuracy() -> None:
    rows = judged(("supported", "supported"), ("not_found", "not_found"))

    assert (balanced_accuracy(rows), interval(rows)) == (None, None)


def test_the_interval_is_the_same_again_and_narrower_with_more_pairs() -> None:
    few = judged(("supported", "supported"), ("supported", "not_found"), ("contradicted", "contradicted")) * 5
    low, high = interval(few) or (0, 0)
    narrow, wide = interval(few * 10) or (0, 0)

    assert (low, high) == interval(few)
    assert low < 0.75 < high
    assert low < narrow < wide < high
    assert interval(judged(("supported", "supported"), ("contradicted", "contradicted"))) == (1, 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no pairs"),
        ("{", "one JSON value a line"),
        ('{"id": "1"}', "pair 1: evidence: Field required"),
        ('{"id": "1", "evidence": "a", "claim": "b", "label": "true", "kind": "c"}', "pair 1: label"),
        ('{"id": "1", "evidence": "a", "claim": "b", "label": "supported", "kind": "c", "x": 1}', "pair 1: x"),
        ("7", "pair 1: the line"),
    ],
)
def test_what_are_no_pairs_is_refused_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(text)

    with pytest.raises(UsageError, match=problem) as caught:
        read_pairs(path)
    assert "\n" not in str(caught.value)


def test_thresholds_are_fitted_on_other_texts_than_those_that_are_measured() -> None:
    fitted, measured = read_pairs(DEV_PAIRS), read_pairs(OWN_PAIRS)

    assert len(fitted) >= 80
    assert len({one.id for one in fitted}) == len(fitted)
    assert {one.label for one in fitted} == {"supported", "contradicted", "not_found"}
    assert not {one.evidence for one in fitted} & {one.evidence for one in measured}
    assert not {one.claim for one in fitted} & {one.claim for one in measured}


def written(path: Path, *pairs: Pair) -> Path:
    path.write_text("".join(f"{one.model_dump_json()}\n" for one in pairs), encoding="utf-8")
    return path


def test_the_command_shows_a_table_and_ends_with_1_where_a_rule_supports_what_is_false(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path / "good.jsonl", pair("supported"), pair("contradicted", claim="The pole is 6 m high."))
    bad = written(tmp_path / "bad.jsonl", pair("supported"), pair("contradicted"))

    assert main(["bench", "claims", "--pairs", str(good)]) == 0
    assert "balanced" in capsys.readouterr().out
    assert main(["bench", "claims", "--pairs", str(bad), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert [one["false_support"] for one in printed["scores"][str(bad)]] == [1]
    assert main(["bench", "claims", "--pairs", str(bad)]) == 1
    assert "wrongly supported" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--pairs", "nowhere.jsonl"], ["--data", "nowhere"]])
def test_what_is_not_there_is_told_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "claims", *arguments]) == 2
    assert "nowhere" in capsys.readouterr().err


def odds(proves: float, denies: float) -> Reply:
    alternatives = (("entail", proves), ("contr", denies), ("neutral", -30.0))
    return Reply(text="x", first_token=tuple(TokenChoice(token=word, logprob=value) for word, value in alternatives))


async def test_the_model_is_heard_on_what_the_rules_leave_and_alone_on_everything() -> None:
    said = pair("supported", claim="The pole is 5 m high.", evidence="The pole is 5 m high.")
    reworded = pair("supported", claim="Its height is 5 m.", evidence="It rises 5 m above the ground.")
    number = pair("contradicted", claim="Its height is 6 m.", evidence="It rises 5 m above the ground.")

    def reply(asked: Asked) -> Reply:
        return odds(-30.0, -0.1) if "The pole is 5 m high." in asked.messages[-1]["content"] else odds(-0.1, -30.0)

    model = ScriptedModel(reply, profile=Profile(limited=True, strategy="guided"))
    heard: list[Pair] = []

    found = await judge_pairs([said, reworded, number], model, told=heard.append)

    assert heard == [said, reworded, number]
    assert [one.verdict for one in found[RULES]][:1] == ["supported"]
    assert [one.verdict for one in found[MODEL]] == ["contradicted", "supported", "supported"]
    assert [one.verdict for one in found[BOTH]][:2] == ["supported", "supported"]
    assert found[BOTH][2].verdict != "supported"


async def test_without_a_model_the_rules_alone_are_measured() -> None:
    assert list(await judge_pairs([pair("supported")], None, told=lambda one: None)) == [RULES]


@pytest.mark.embedded
async def test_the_embedded_model_tells_a_paraphrase_from_an_opposite() -> None:
    weights.require("qwen2.5-coder-1.5b")
    text = "The committee rejected the proposal to lower the speed limit on Ring Road."
    pairs = [
        pair("supported", claim="The committee turned down a lower speed limit on Ring Road.", evidence=text),
        pair("contradicted", claim="The committee accepted the proposal to lower the speed limit.", evidence=text),
        pair("not_found", claim="The committee has eleven members.", evidence=text),
    ]
    model = with_tool_mode(EmbeddedModel("small", EmbeddedConfig(low_memory=True), home_folder()))
    try:
        found = await judge_pairs(pairs, model, told=lambda one: None)
    finally:
        await model.close()

    assert [one.verdict for one in found[MODEL]] == ["supported", "contradicted", "not_found"]
