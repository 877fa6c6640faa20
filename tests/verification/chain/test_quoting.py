"""Without a model nothing is written: the evidence's own sentence takes the place of a failed one, or nothing does."""

import pytest

from agent.domain.claims import CheckedClaim, Claim, Judgement, Statement, Verdict
from agent.verification.chain.quoting import QuotingRethinker
from tests.verification.builders import quote_of

SENTENCE = "The bridge opened in 1930."
TEXT = f"{SENTENCE} It is grey."


def refuted(
    *evidence: str, verdict: Verdict = "contradicted", quote: str = "", triples: tuple[Statement, ...] = ()
) -> CheckedClaim:
    """Return the claim with a judgement that rests on evidence."""
    claim = Claim(id="c1", text=SENTENCE, sentence=SENTENCE, start=0, end=len(SENTENCE), triples=triples)
    said = Judgement(judge="wording", tier="T1", verdict=verdict, detail="no", evidence=evidence, quote=quote)
    return CheckedClaim(claim=claim, verdict=verdict, judgements=(said,))


async def rethought(one: CheckedClaim, *quotes: str, text: str = TEXT) -> tuple[dict[str, str], tuple[str, ...]]:
    evidence = {f"e{number}": quote_of(quote, name=f"e{number}") for number, quote in enumerate(quotes, 1)}
    result = await QuotingRethinker().rethink("r", text, [one], evidence)
    return dict(result.sentences), result.notes


async def test_the_one_sentence_that_says_it_of_the_same_thing_takes_its_place() -> None:
    sentences, notes = await rethought(refuted("e1"), "Much was built then. The bridge was opened in 1932. It is grey.")
    assert sentences == {SENTENCE: "The bridge was opened in 1932."}
    assert notes == (f"A sentence was replaced by what the evidence says: {SENTENCE}",)


async def test_the_same_sentence_in_two_quotes_is_one() -> None:
    sentences, _ = await rethought(refuted("e1", "e2"), "The bridge opened in 1932.", "The bridge  opened in\n1932.")
    assert sentences == {SENTENCE: "The bridge opened in 1932."}


@pytest.mark.parametrize(
    "quotes",
    [
        ("The bridge opened in 1932.", "The bridge opened in 1931."),
        ("The tunnel opened in 1932.",),
        ("It opened in 1932 as a bridge.",),
        ("When was the bridge opened?",),
        ("The bridge [opened](https://evil.example) in 1932.",),
        ("The bridge is the longest of all those that cross the river in the north of the old town.",),
    ],
    ids=["two values", "another subject", "subject unnamed", "a question", "markup", "something else"],
)
async def test_otherwise_a_refuted_sentence_is_left_out_and_that_is_noted(quotes: tuple[str, ...]) -> None:
    sentences, notes = await rethought(refuted(*(f"e{number}" for number in range(1, len(quotes) + 1))), *quotes)
    assert sentences == {SENTENCE: ""}
    assert notes[0].endswith(f"no single quote says what is right: {SENTENCE}")


async def test_a_sentence_that_is_not_refuted_is_never_left_out() -> None:
    assert (await rethought(refuted("e1", verdict="qualified"), "The tunnel opened in 1932."))[0] == {}
    assert (await rethought(refuted("e1", verdict="not_found"), "The bridge opened in 1932."))[0] == {}


async def test_what_a_small_model_alone_refutes_is_never_left_out() -> None:
    one = refuted("e1")
    by_model = [judgement.model_copy(update={"tier": "T3"}) for judgement in one.judgements]
    assert (await rethought(one.model_copy(update={"judgements": tuple(by_model)}), "The tunnel opened in 1932."))[
        0
    ] == {}


async def test_what_a_judge_quoted_tells_which_sentence_it_is() -> None:
    text = "The bridge opened in 1932. The bridge opened again in 1950."
    assert (await rethought(refuted("e1"), text))[0] == {SENTENCE: ""}
    sentences, _ = await rethought(refuted("e1", quote="opened in 1932"), text)
    assert sentences == {SENTENCE: "The bridge opened in 1932."}


async def test_the_subject_of_a_triple_must_be_named() -> None:
    triple = Statement(subject="Sydney Harbour Bridge", relation="opened in", object="1930")
    assert (await rethought(refuted("e1", triples=(triple,)), "The bridge opened in 1932."))[0] == {SENTENCE: ""}


async def test_in_a_list_the_marker_stays() -> None:
    text = f"- {SENTENCE}\n- It is grey."
    one = refuted("e1")
    claim = one.claim.model_copy(update={"start": 0, "end": len(SENTENCE) + 2, "sentence": f"- {SENTENCE}"})
    sentences, _ = await rethought(one.model_copy(update={"claim": claim}), "* The bridge opened in 1932.", text=text)
    assert sentences == {f"- {SENTENCE}": "- The bridge opened in 1932."}
