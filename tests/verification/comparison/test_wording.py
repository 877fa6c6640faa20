from agent.domain.claims import Claim
from agent.verification.judges.wording import WordingJudge
from tests.verification.builders import quote_of, run_of

_TEXT = "The bridge was opened in 1911. It rained. The bridge was designed by Anna Holt."


async def test_every_quote_is_compared_with_the_claim() -> None:
    quotes = [
        quote_of(_TEXT, "The bridge was opened in 1911.", name="e1"),
        quote_of(_TEXT, "The bridge was designed by Anna Holt.", name="e2"),
    ]

    found = await WordingJudge().judge("s", Claim(id="c1", text="The bridge was opened in 1912."), quotes)

    assert [(one.verdict, one.evidence) for one in found] == [("contradicted", ("e1",)), ("unverifiable", ("e2",))]
    assert found[0].detail == "the evidence says in 1911, the claim in 1912"
    assert found[0].quote == "The bridge was opened in 1911."


async def test_opinions_and_other_evidence_are_not_judged() -> None:
    judge = WordingJudge()
    opinion = Claim(id="c1", text="The bridge is beautiful.", kind="opinion")

    assert await judge.judge("s", opinion, [quote_of(_TEXT)]) == ()
    assert list(await judge.judge("s", Claim(id="c2", text="The bridge was opened in 1911."), [run_of("1911")])) == []


async def test_a_bare_answer_is_no_statement_to_be_compared() -> None:
    quote = quote_of("The ferry carries up to 38 cars.")
    answer = Claim(id="c1", text="38 cars", question="How many cars can the ferry carry?")

    assert await WordingJudge().judge("s", answer, [quote]) == ()


async def test_words_beside_a_quote_take_part_in_what_it_says() -> None:
    claim = Claim(id="c1", text="The bridge was opened in 1911.")
    said = "Some years later, Smith claimed that the bridge was opened in 1911, which nobody denied."
    quote = quote_of(said, "the bridge was opened in 1911")
    whole = quote_of("Tolls rose. The bridge was opened in 1911, and they fell.", "The bridge was opened in 1911")

    assert [one.verdict for one in await WordingJudge().judge("s", claim, [whole])] == ["supported"]
    assert (await WordingJudge().judge("s", claim, [quote]))[0].verdict != "supported"


async def test_a_sentence_behind_the_quote_that_takes_it_back_leaves_it_undecided() -> None:
    claim = Claim(id="c1", text="The bridge was opened in 1911.")
    sentence = "The bridge was opened in 1911."
    denied = quote_of(f"{sentence} None of this is true.", sentence)
    plain = quote_of(f"{sentence} It was repaired later.", sentence)

    found = [await WordingJudge().judge("s", claim, [quote]) for quote in (denied, plain)]

    assert [one.verdict for (one,) in found] == ["unverifiable", "supported"]
