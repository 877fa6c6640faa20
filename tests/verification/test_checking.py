"""Checking a text as a library, without a run."""

import re
import runpy
from pathlib import Path

import pytest

from agent.verification.chain.testing import ScriptedJudge
from agent.verification.checking import check_text
from agent.verification.retrieval.texts import TextRetriever

DOCS = Path(__file__).parents[2] / "docs" / "claims.md"
CHRONICLE = "The bridge was opened in 1932. It is painted grey."


def test_the_example_of_the_docs_prints_what_they_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    section = DOCS.read_text("utf-8").split("## As a library", 1)[1]
    program, printed = (
        re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL)[1]  # type: ignore[index]
        for kind in ("python", "text")
    )
    (tmp_path / "example.py").write_text(program, "utf-8")
    runpy.run_path(str(tmp_path / "example.py"))
    assert capsys.readouterr().out == printed


async def test_what_no_source_says_is_neither_supported_nor_contradicted() -> None:
    checked = await check_text("The bridge was painted by Ann Lee.", sources={"Chronicle": CHRONICLE})
    assert checked.claims[0].verdict in ("not_found", "unverifiable")
    assert not checked.accepted


async def test_without_sources_only_what_computes_is_decided() -> None:
    checked = await check_text("The bridge was opened in 1932. 6 * 7 = 43.")
    assert [one.verdict for one in checked.claims] == ["unverifiable", "contradicted"]


async def test_verdicts_name_quotes_that_stand_in_the_sources() -> None:
    checked = await check_text("The bridge was opened in 1935.", sources={"Chronicle": CHRONICLE, "Empty": ""})
    (said,) = (one for one in checked.claims[0].judgements if one.verdict == "contradicted")
    quote = checked.evidence[said.evidence[0]]
    assert quote.kind == "quote"
    assert CHRONICLE[quote.start : quote.end] == quote.text
    assert said.quote in quote.text


async def test_sources_that_contradict_each_other_make_a_claim_qualified_and_both_are_named() -> None:
    checked = await check_text(
        "The bridge was opened in 1932.",
        sources={"Chronicle": CHRONICLE, "Diary": "The bridge was opened in 1935."},
    )
    assert checked.claims[0].verdict == "qualified"
    named = {name.split(":")[0] for one in checked.claims[0].judgements for name in one.evidence}
    assert named == {"Chronicle", "Diary"}


async def test_judges_can_be_handed_in() -> None:
    judge = ScriptedJudge({}, other="supported")
    checked = await check_text("The bridge was opened in 1932.", judges=[judge])
    assert (checked.accepted, checked.score.score) == (True, 1)


@pytest.mark.parametrize("text", ["", "Really?", "\ud800", "没有。", "a" * 5000, "| a | b |\n|---|---|\n"])
async def test_any_text_can_be_checked(text: str) -> None:
    checked = await check_text(text, sources={"Chronicle": CHRONICLE})
    assert checked.draft == text
    assert all(one.verdict not in ("supported", "contradicted") for one in checked.claims)


async def test_rare_words_count_more_than_common_ones() -> None:
    common = " ".join(f"The mill number {number} stands at the river." for number in range(30))
    retriever = TextRetriever({"Mills": f"{common} The heron nests at the river."}, most=1)
    (checked,) = (await check_text("The heron is at the river.", retrievers=[retriever], judges=[])).claims
    (quote,) = await retriever.retrieve("s", checked.claim)
    assert quote.kind == "quote"
    assert "heron" in quote.text
    with pytest.raises(LookupError):
        await retriever("0" * 64)
