"""What the judge of tables takes for a table, and what it cites."""

from agent.domain.claims import Claim
from agent.domain.evidence import Quote, ToolResult
from agent.verification.judges.choosing import deterministic_judges
from agent.verification.judges.tables import TableJudge
from agent.verification.judges.wording import WordingJudge
from agent.verification.quotes import text_digest
from tests.verification.builders import quote_of

CSV = "City,Population\nBerlin,3645000\nBonn,331000\nUlm\n"


def texts_of(**texts: str) -> TableJudge:
    known = {text_digest(text): text for text in texts.values()}

    async def text_of(sha256: str) -> str:
        return known[sha256]

    return TableJudge(text_of, readings={"t1": text_digest(CSV)})


def cell(text: str, cited: str, location: str = "towns.csv", name: str = "e1") -> Quote:
    quote = quote_of(text, cited, name=name)
    return quote.model_copy(
        update={"source": quote.source.model_copy(update={"location": location, "title": location})}
    )


def reading(output: str, name: str = "t1") -> ToolResult:
    return ToolResult(id=name, key="k", tool="read_file", arguments='{"path": "towns.csv"}', output=output)


CLAIM = Claim(id="c1", text="Bonn has a population of 400,000", kind="number")


async def test_the_header_of_a_quoted_row_is_read_from_the_stored_text() -> None:
    (found,) = await texts_of(a=CSV).judge("s", CLAIM, [cell(CSV, "Berlin,3645000"), cell(CSV, "Bonn", name="e2")])
    assert (found.verdict, found.evidence, found.tier) == ("contradicted", ("e1",), "T1")
    assert "line 3, column 'Population': '331000'" in found.detail
    assert "1 rows cannot be read, the first in line 4" in found.detail


async def test_the_row_that_decides_is_quoted_from_the_evidence_that_shows_it() -> None:
    (found,) = await texts_of(a=CSV).judge(
        "s", CLAIM, [cell(CSV, "Berlin,3645000"), cell(CSV, "Bonn,331000", name="e2")]
    )
    assert (found.evidence, found.quote) == (("e2",), "Bonn,331000")


async def test_only_the_table_that_is_quoted_is_looked_at() -> None:
    header = "| City | Population |\n|---|---|\n"
    text = f"{header}| Bonn | 331000 |\n\nIn 1800:\n\n{header}| Bonn | 9000 |\n"
    (found,) = await texts_of(a=text).judge("s", CLAIM, [cell(text, "| Bonn | 9000 |", "towns.md")])
    assert "'9000'" in found.detail


async def test_of_a_reading_of_an_input_file_the_whole_file_is_looked_at() -> None:
    judge = texts_of(a=CSV)
    (found,) = await judge.judge("s", CLAIM, [reading("Berlin,3645000")])
    assert (found.verdict, found.evidence) == ("contradicted", ("t1",))
    assert not await judge.judge("s", CLAIM, [reading(CSV, name="t2")])


async def test_tables_that_disagree_are_both_named() -> None:
    other = CSV.replace("331000", "400000")
    found = await texts_of(a=CSV, b=other).judge("s", CLAIM, [cell(CSV, "Bonn"), cell(other, "Bonn", "b.csv", "e2")])
    assert [(one.verdict, one.evidence) for one in found] == [("contradicted", ("e1",)), ("supported", ("e2",))]


async def test_rows_of_a_table_file_are_not_compared_as_if_they_were_sentences() -> None:
    table = "City,Country,Population (millions),Area (km2)\nBerlin,Germany,3.645,891.7\n"
    claim = Claim(id="c1", text="Berlin has a population of 3.6 million.", kind="number")
    (found,) = await texts_of(a=table).judge("s", claim, [cell(table, table.strip())])
    assert found.verdict == "supported"
    assert not await WordingJudge().judge("s", claim, [cell(table, table.strip())])


async def test_a_source_that_is_gone_and_text_that_is_no_table_say_nothing() -> None:
    assert not await texts_of().judge("s", CLAIM, [cell(CSV, "Bonn")])
    letter = "Bonn, population, 5"
    assert not await texts_of(a=letter).judge("s", CLAIM, [cell(letter, "Bonn", "letter.txt")])


async def test_the_judges_at_hand_follow_from_what_is_given() -> None:
    async def text_of(sha256: str) -> str:
        raise LookupError(sha256)

    assert [judge.name for judge in deterministic_judges()] == ["arithmetic"]
    assert [judge.name for judge in deterministic_judges(text_of=text_of)] == ["arithmetic", "tables"]
