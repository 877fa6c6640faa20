"""When a person's correction refutes a claim: only where it denies in so many words what the claim says."""

import pytest

from agent.domain.claims import Claim
from agent.memory.corrections.facts import Applied, Correction, Situation
from agent.memory.corrections.recalling import Recalled
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.corrections import CorrectionJudge, says_wrong

TOWER = "the height of the tower"


def applied(value: str, key: str = TOWER) -> Applied:
    one = Correction(number=3, situation=Situation(text=key), value=value, radius=0.35, added_at=0.0)
    return Applied(correction=one, distance=0.1)


@pytest.mark.parametrize(
    ("value", "key", "claim"),
    [
        ("330 m since 2022, not 324 m", TOWER, "The tower is 324 m high."),
        ("324 m is wrong; it is 330 m", TOWER, "The tower is 324 m high."),
        ("It is not the Elbe but the Oder.", "the river of the town", "The town lies on the Elbe."),
        ("That is wrong.", "The tower is 324 m high.", "The tower is 324 m high."),
        ("Not true: nobody knows.", "The tower is 324 m high.", "The tower is 324 m high!"),
        ("是330米,不是324米", "塔的高度", "塔高324米。"),
    ],
)
def test_what_it_denies_and_the_claim_says_is_wrong(value: str, key: str, claim: str) -> None:
    assert says_wrong(applied(value, key), claim)


@pytest.mark.parametrize(
    ("value", "key", "claim"),
    [
        ("330 m since 2022", TOWER, "The tower is 324 m high."),
        ("330 m, not 324 m", TOWER, "The tower is 330 m high."),
        ("330 m, not 324 m", TOWER, "The tower grew from 324 m to 330 m."),
        ("330 m, not 324 m", TOWER, "The tower is not 324 m high."),
        ("330 m, not 324 m", TOWER, "The tower is 1324 m high."),
        ("That is wrong.", "The tower is 320 m high.", "The tower is 324 m high."),
        ("That is wrong.", "The tower is not 324 m high.", "The tower is 324 m high."),
        ("It is not true that it was ever measured", TOWER, "The tower is 324 m high."),
        ("measure it again, this is no longer current", TOWER, "The tower is 324 m high."),
        ("ask first, do not delete them", "delete old log files", "The script can delete them."),
        ("not only 324 m but 330 m at times", TOWER, "The tower is only 324 m high."),
    ],
)
def test_anything_else_is_only_shown(value: str, key: str, claim: str) -> None:
    assert not says_wrong(applied(value, key), claim)


async def test_it_is_asked_for_the_claim_and_for_its_question_and_shows_what_applies() -> None:
    asked: list[str] = []

    async def recall(step: str, situations: object) -> Recalled:
        asked.extend(one.text for one in situations)  # type: ignore[attr-defined]
        return Recalled(kept=True, applied=(applied("330 m, not 324 m"), applied("measured in 2022")))

    judge = CorrectionJudge(recall)
    found = await judge.judge("s", Claim(id="c1", text="It is 324 m high.", question="How high is the tower?"), ())
    assert asked == ["It is 324 m high.", "How high is the tower?"]
    assert [one.verdict for one in found] == ["contradicted", "unverifiable"]
    assert all(one.detail.startswith("correction 3 applied: ") for one in found)
    assert await judge.judge("s", Claim(id="c1", text="It is 324 m high.", kind="opinion"), ()) == ()


async def test_a_memory_that_cannot_be_read_is_a_failure_and_no_verdict() -> None:
    async def recall(step: str, situations: object) -> Recalled:
        return Recalled(problem="the disk is gone")

    with pytest.raises(JudgeFailed, match="the disk is gone"):
        await CorrectionJudge(recall).judge("s", Claim(id="c1", text="It is so."), ())
