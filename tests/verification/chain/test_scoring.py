"""F²: how much of an answer is true, and how much of it follows from what was shown to be true."""

from collections.abc import Sequence

import pytest

from agent.domain.claims import ChainScore, CheckedClaim, Claim, ClaimKind, Judgement, Statement, Verdict
from agent.domain.errors import RunPaused
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.ports import JudgeFailed
from agent.verification.chain.scoring import score_answer

FOUNDED, SEAT = "Acme was founded in 1984.", "Its seat is in Ghent."
WORKERS, HAPPY = "It has 120 workers.", "That is a fine company."
ANSWER = f"{FOUNDED} {SEAT} {WORKERS}"


def claim(
    text: str,
    verdict: Verdict,
    *,
    sentence: str = "",
    kind: ClaimKind = "fact",
    triples: Sequence[tuple[int, Verdict]] = (),
    name: str = "",
) -> CheckedClaim:
    """Return a checked claim, with the verdicts on its triples where it was judged triple by triple."""
    said = tuple(
        Judgement(judge="knowledge", tier="T1", verdict=of_triple, detail="held", triple=number)
        for number, of_triple in triples
    )
    parts = tuple(Statement(subject="Acme", relation="has", object=str(number)) for number, _ in triples)
    made = Claim(id=name or text, text=text, sentence=sentence, kind=kind, triples=parts)
    return CheckedClaim(claim=made, verdict=verdict, judgements=said)


async def scored(claims: Sequence[CheckedClaim], answer: str = ANSWER, **changes: float) -> ChainScore:
    """Return the score of an answer."""
    score, _ = await score_answer("follows", answer, claims, CheckingConfig.model_validate(changes))
    return score


async def test_an_answer_all_of_whose_sentences_are_supported_claims_has_the_full_score() -> None:
    score = await scored([claim(text, "supported") for text in (FOUNDED, SEAT, WORKERS)])
    assert (score.factuality, score.faithfulness, score.coverage, score.score) == (1, 1, 1, 1)
    assert (score.checked, score.claims, score.uncovered, score.unfounded, score.unused) == (3, 3, (), (), ())


async def test_factuality_counts_only_what_was_decided() -> None:
    score = await scored([claim(FOUNDED, "supported"), claim(SEAT, "contradicted"), claim(WORKERS, "not_found")])
    assert (score.factuality, score.checked, score.claims) == (0.5, 2, 3)


async def test_a_failure_is_not_counted_against_an_answer_but_proves_nothing() -> None:
    score = await scored([claim(FOUNDED, "supported"), claim(SEAT, "supported"), claim(WORKERS, "error")])
    assert (score.factuality, score.checked) == (1, 2)
    assert score.unfounded == (WORKERS,)
    assert score.faithfulness == pytest.approx(2 / 3)


async def test_what_is_qualified_counts_half_and_is_not_accepted() -> None:
    score = await scored([claim(FOUNDED, "qualified")], FOUNDED)
    assert (score.factuality, score.faithfulness, score.unfounded) == (0.5, 0, (FOUNDED,))


async def test_a_claim_that_was_judged_triple_by_triple_counts_once_for_each() -> None:
    claims = [
        claim(FOUNDED, "contradicted", triples=[(0, "supported"), (1, "supported"), (2, "contradicted")]),
        claim(SEAT, "supported"),
    ]
    assert (await scored(claims)).factuality == pytest.approx(3 / 4)


async def test_the_score_is_weighted_by_gamma() -> None:
    claims = [claim(FOUNDED, "supported"), claim(SEAT, "contradicted"), claim(WORKERS, "contradicted")]
    for gamma in (0, 0.25, 1):
        score = await scored(claims, gamma=gamma)
        assert score.factuality == pytest.approx(1 / 3)
        assert score.faithfulness == pytest.approx(1 / 3)
        assert score.score == pytest.approx(1 / 3)
    score = await scored([claim(FOUNDED, "supported")], gamma=0.25)
    assert score.score == pytest.approx(0.25 * 1 + 0.75 / 3)


async def test_sentences_without_a_claim_are_named() -> None:
    score = await scored([claim(FOUNDED, "supported")])
    assert score.coverage == pytest.approx(1 / 3)
    assert score.uncovered == score.unfounded == (SEAT, WORKERS)


async def test_opinions_do_not_count() -> None:
    claims = [claim(FOUNDED, "supported"), claim(HAPPY, "unverifiable", kind="opinion")]
    score = await scored(claims, f"{FOUNDED} {HAPPY}")
    assert (score.factuality, score.faithfulness, score.coverage, score.claims) == (1, 1, 1, 1)


@pytest.mark.parametrize("answer", ["", "Yes.", "Who is it?", "# Acme\n"])
async def test_where_nothing_is_stated_faithfulness_is_not_given(answer: str) -> None:
    score = await scored([], answer)
    assert (score.factuality, score.faithfulness, score.score, score.checked) == (1, None, 1, 0)


async def test_a_sentence_follows_from_the_claims_that_it_was_split_into() -> None:
    both = "Acme was founded in 1984 and has its seat in Ghent."
    claims = [
        claim("Acme was founded in 1984.", "supported", sentence=both),
        claim("Acme has its seat in Ghent.", "supported", sentence=both),
    ]
    score = await scored(claims, both)
    assert (score.faithfulness, score.unused) == (1, ())
    refuted = await scored([claims[0], claim("Acme has its seat in Ghent.", "contradicted", sentence=both)], both)
    assert (refuted.faithfulness, refuted.unfounded) == (0, (both,))


async def test_a_sentence_with_a_limit_that_its_claims_leave_out_does_not_follow() -> None:
    said = "Acme was never founded in 1984."
    score = await scored([claim("Acme was founded in 1984.", "supported", sentence=said)], said)
    assert score.unfounded == (said,)


async def test_accepted_claims_that_no_sentence_rests_on_are_named() -> None:
    idle = claim("Acme makes rope of hemp.", "supported", name="idle")
    score = await scored([claim(text, "supported") for text in (FOUNDED, SEAT, WORKERS)] + [idle])
    assert score.unused == ("idle",)


async def test_of_two_claims_that_say_the_same_neither_is_needed() -> None:
    claims = [claim(FOUNDED, "supported", name="a"), claim(FOUNDED, "supported", name="b")]
    assert (await scored(claims, FOUNDED)).unused == ("a", "b")


class Entailing:
    """A model that knows which statements make a sentence follow.

    Args:
        needs: statements that a sentence needs all of, by the sentence.
        failure: raised instead.
    """

    def __init__(self, needs: dict[str, set[str]], failure: Exception | None = None) -> None:
        self.steps: list[str] = []
        self._needs = needs
        self._failure = failure

    async def __call__(self, step: str, sentence: str, statements: Sequence[str]) -> bool:
        """Return whether all that is needed is there."""
        self.steps.append(step)
        if self._failure is not None:
            raise self._failure
        return sentence in self._needs and self._needs[sentence] <= set(statements)


SUM = "Acme is older and larger than its rival."
ACCEPTED = ("Acme dates from 1984, its rival from 1990.", "Acme has 120 workers, its rival has 80.")


async def by_model(entails: Entailing, *, allowed: bool = True) -> ChainScore:
    """Return the score of a sentence that words alone do not show to follow."""
    claims = [claim(text, "supported", sentence=SUM, name=f"c{number}") for number, text in enumerate(ACCEPTED)]
    score, _ = await score_answer("f", SUM, claims, CheckingConfig(), entails=entails, allowance=lambda: allowed)
    return score


async def test_a_claim_that_cites_nothing_is_supported_where_its_sentence_follows_from_others() -> None:
    known = [claim(text, "supported", name=f"c{number}") for number, text in enumerate(ACCEPTED)]
    loose = claim(SUM, "unverifiable", name="loose")
    answer = f"{' '.join(ACCEPTED)} {SUM}"

    _, before = await score_answer("f", answer, [*known, loose], CheckingConfig(), entails=Entailing({}))
    score, after = await score_answer(
        "f", answer, [*known, loose], CheckingConfig(), entails=Entailing({SUM: set(ACCEPTED)})
    )

    assert before[-1].verdict == "unverifiable"
    assert after[-1].verdict == "supported"
    assert [(one.judge, one.tier) for one in after[-1].judgements] == [("follows", "T3")]
    assert score.unfounded == ()


async def test_a_claim_that_was_judged_is_not_saved_by_others_it_might_follow_from() -> None:
    known = [claim(text, "supported", name=f"c{number}") for number, text in enumerate(ACCEPTED)]
    refuted = claim(SUM, "contradicted", name="refuted")
    asking = Entailing({SUM: set(ACCEPTED)})

    _, after = await score_answer(
        "f", f"{' '.join(ACCEPTED)} {SUM}", [*known, refuted], CheckingConfig(), entails=asking
    )

    assert after[-1].verdict == "contradicted"


async def test_a_model_may_show_that_a_sentence_follows_and_what_it_needs() -> None:
    assert (await by_model(Entailing({}))).unfounded == (SUM,)
    both = Entailing({SUM: set(ACCEPTED)})
    score = await by_model(both)
    assert (score.faithfulness, score.unused) == (1, ())
    assert both.steps == ["f/0/all", "f/0/none", "f/0/0", "f/0/1"]
    one = await by_model(Entailing({SUM: {ACCEPTED[1]}}))
    assert (one.faithfulness, one.unused) == (1, ("c0",))


async def test_what_follows_from_nothing_is_not_taken_for_faithful() -> None:
    score = await by_model(Entailing({SUM: set()}))
    assert (score.faithfulness, score.unfounded, score.unused) == (0, (SUM,), ("c0", "c1"))


async def test_a_model_that_fails_shows_nothing() -> None:
    assert (await by_model(Entailing({}, JudgeFailed("down")))).faithfulness == 0
    with pytest.raises(RunPaused):
        await by_model(Entailing({}, RunPaused("pause")))


async def test_a_model_is_not_asked_beyond_the_allowance_nor_about_what_words_show() -> None:
    entails = Entailing({SUM: set(ACCEPTED)})
    assert (await by_model(entails, allowed=False)).faithfulness == 0
    await score_answer("f", FOUNDED, [claim(FOUNDED, "supported")], CheckingConfig(), entails=entails)
    assert entails.steps == []


async def test_sentences_are_read_without_their_marks() -> None:
    marked = {
        "- **Sales** rose by 12 % in 2020 [2].": "Sales rose by 12 % in 2020.",
        "1. The first mill opened in 1990.": "The first mill opened in 1990.",
        "> The river floods each spring.": "The river floods each spring.",
        "See [the old register](https://acme.example/a) of mills.": "See the old register of mills.",
    }
    answer = "\n\n".join(marked) + "\n\n| Mill | Workers |\n|---|---|\n"
    claims = [claim(text, "supported", sentence=sentence) for sentence, text in marked.items()]
    score = await scored(claims, answer)
    assert (score.unfounded, score.uncovered, score.unused) == ((), (), ())
