"""Evidence is shown in the page it was read on, and checked once more against what is kept."""

from agent.domain.evidence import Quote, Source, ToolResult, Triple
from agent.ledger.store import Ledger
from agent.verification.quotes import text_digest
from tests.webui.files.conftest import run_with
from tests.webui.guard.conftest import House

PAGE = f"{'Before it. ' * 400}The lock is 12 m wide 😀, they say.{' After it.' * 400}"


async def quote_of(ledger: Ledger, words: str, *, page: str = PAGE, location: str = "https://a.example/lock") -> Quote:
    """Return a quote of a page whose text is kept."""
    await ledger.blobs.put(page.encode("utf-8", "surrogatepass"))
    start = page.index(words)
    source = Source(title="Lock", location=location, text_sha256=text_digest(page), retrieved_at="2026-01-01T00:00:00Z")
    end = start + len(words)
    prefix, suffix = page[max(start - 32, 0) : start], page[end : end + 32]
    return Quote(id="q:1", source=source, start=start, end=end, text=words, prefix=prefix, suffix=suffix)


async def test_a_quote_stands_in_its_page(house: House) -> None:
    quote = await quote_of(house.ledger, "12 m wide 😀")
    run = await run_with(house.ledger, evidence=[quote])
    seen = (await house.client.get(f"/api/runs/{run}/evidence/q:1")).json()
    page = seen["page"]
    assert (seen["verified"], seen["why"], page["marked"]) == (True, "", "12 m wide 😀")
    assert page["before"].endswith("The lock is ")
    assert page["after"].startswith(", they say.")
    assert PAGE[page["offset"] :].startswith(page["before"] + page["marked"] + page["after"])
    assert len(page["before"]) <= 1_500
    assert (page["url"], page["length"]) == ("https://a.example/lock", len(PAGE))


async def test_a_forged_quote_is_not_verified_and_shows_what_stands_there(house: House) -> None:
    quote = (await quote_of(house.ledger, "12 m wide")).model_copy(update={"text": "99 m wide"})
    run = await run_with(house.ledger, evidence=[quote])
    seen = (await house.client.get(f"/api/runs/{run}/evidence/q:1")).json()
    assert (seen["verified"], seen["page"]["marked"]) == (False, "12 m wide")
    assert seen["why"] == "other words stand at its place"


async def test_a_quote_whose_page_is_lost_says_so(house: House) -> None:
    quote = await quote_of(house.ledger, "12 m wide")
    (await house.ledger.blobs.place(quote.source.text_sha256)).write_bytes(b"changed")
    run = await run_with(house.ledger, evidence=[quote])
    seen = (await house.client.get(f"/api/runs/{run}/evidence/q:1")).json()
    assert (seen["verified"], seen["page"]) == (False, None)
    assert "missing or damaged" in seen["why"]


async def test_addresses_that_are_none_of_the_web_are_no_links(house: House) -> None:
    quote = await quote_of(house.ledger, "wide", location="javascript:alert(1)")
    run = await run_with(house.ledger, evidence=[quote])
    assert (await house.client.get(f"/api/runs/{run}/evidence/q:1")).json()["page"]["url"] == ""


async def test_text_that_has_no_utf8_form_is_shown_with_marks(house: House) -> None:
    quote = await quote_of(house.ledger, "wide", page=f"so \ud800 {'it is ' * 9}wide")
    run = await run_with(house.ledger, evidence=[quote])
    assert (await house.client.get(f"/api/runs/{run}/evidence/q:1")).json()["page"]["before"].startswith("so \ufffd it")


async def test_the_output_of_a_tool_is_that_of_the_recorded_call(house: House) -> None:
    said = ToolResult(id="t1", key="root/1/0", tool="python", arguments="{}", output="42")
    forged = ToolResult(id="t2", key="root/1/0", tool="python", arguments="{}", output="43")
    foreign = ToolResult(id="t3", key="elsewhere/1", tool="python", arguments="{}", output="42")
    run = await run_with(house.ledger, evidence=[said, forged, foreign])
    result = {"ok": True, "text": "ran: 42", "data": {"stdout": "42"}, "images": [], "error": None}
    await house.ledger.append(run, None, "tool", "root/1/0", "done", {"result": result})
    seen = {name: (await house.client.get(f"/api/runs/{run}/evidence/{name}")).json() for name in ("t1", "t2", "t3")}
    assert [one["verified"] for one in seen.values()] == [True, False, False]
    assert "another output" in seen["t2"]["why"]
    assert "earlier one" in seen["t3"]["why"]


async def test_a_triple_without_a_source_is_not_verified(house: House) -> None:
    run = await run_with(house.ledger, evidence=[Triple(id="k1", subject="a", relation="b", object="c")])
    assert (await house.client.get(f"/api/runs/{run}/evidence/k1")).json()["why"] == "it names no source"


async def test_what_a_run_does_not_cite_is_not_found(house: House) -> None:
    run = await run_with(house.ledger, evidence=[await quote_of(house.ledger, "wide")])
    other = await run_with(house.ledger)
    assert (await house.client.get(f"/api/runs/{other}/evidence/q:1")).status_code == 404
    assert (await house.client.get(f"/api/runs/{run}/evidence/q")).status_code == 404
