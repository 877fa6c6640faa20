"""What was learnt from a knowledge base says which claims models are asked about first, and that is recorded."""

from pathlib import Path

import pytest

from agent.domain.budget import Budget, Usage
from agent.domain.claims import Claim, Statement
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import CheckOrder, Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.settings import Settings
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.ports import JudgeFailed
from agent.verification.knowledge.base import KnowledgeBase, knowledge_file, learnt_file
from agent.verification.knowledge.doubting import PlausibilityRanker
from agent.verification.knowledge.plausibility.ranking import train_plausibility
from agent.verification.knowledge.port import Knowledge, KnowledgeFiles
from tests.studio import StudioServices, studio

UNKNOWN = "Person 3 is a citizen of Atlantis."
LIKELY = "Person 4 is a citizen of Country 1."
DOUBTFUL = "Person 5 is a citizen of Country 0."
TEXT = f"{UNKNOWN} {LIKELY} {DOUBTFUL}"


class WithKnowledge(StudioServices):
    """Services with the knowledge bases of the folder."""

    def knowledge(self) -> Knowledge:
        return KnowledgeFiles(self.folder)


@pytest.fixture
async def people(folder: Path) -> Path:
    """Make a knowledge base of people, their towns and their countries, without those that the text tells."""
    rows = [f"Person {n}\tborn in\tTown {n % 6}" for n in range(60)]
    rows += [f"Town {n}\tin\tCountry {n // 3}" for n in range(6)]
    rows += [f"Person {n}\tcitizen of\tCountry {n % 6 // 3}" for n in range(60) if n not in (3, 4, 5)]
    return await kept(folder, rows)


async def kept(folder: Path, rows: list[str], *, trained: bool = True) -> Path:
    place = knowledge_file(folder, "people")
    place.parent.mkdir(exist_ok=True)
    (folder / "facts.tsv").write_text("\n".join(rows) + "\n")
    async with KnowledgeBase(place) as base:
        await base.add(folder / "facts.tsv")
        if trained:
            await train_plausibility(base, epochs=20)
    return place


async def asked_about(ledger: Ledger, folder: Path, *, tokens: int | None = None) -> tuple[list[str], Report]:
    """Check the text, one claim after the other; return the claims that the model was asked about, and the report.

    The run is also replayed over its record alone, where there is no knowledge base, to the same report.
    """
    told: list[str] = []

    def answer(asked: Asked) -> Reply:
        shown = "".join(str(message["content"]) for message in asked.messages)
        told.extend(claim for claim in (UNKNOWN, LIKELY, DOUBTFUL) if claim in shown)
        reply = call("judge_claim", verdict="not_found", quote="", reason="it is not said")
        return reply.model_copy(update={"usage": Usage(calls=1, input_tokens=100)})

    order = CheckOrder(sha256=await ledger.blobs.put(TEXT.encode()), knowledge=("people",))
    settings = Settings(checking=CheckingConfig(parallel=1))
    async with studio(ledger, WithKnowledge(ScriptedModel(answer), folder), settings=settings) as runner:
        report = await runner.wait(
            await runner.start(Task(goal="Check the text", check=order, budget=Budget(tokens=tokens)))
        )
    return told, report


def unchecked(report: Report) -> str:
    assert report.checking is not None
    return "\n".join(report.checking.unchecked)


async def test_with_a_small_allowance_the_least_plausible_claim_is_asked_about_and_gets_no_verdict_by_that(
    ledger: Ledger, folder: Path, people: Path
) -> None:
    told, report = await asked_about(ledger, folder, tokens=100)
    assert told == [DOUBTFUL]
    assert [one.verdict for one in report.claims] == ["not_found"] * 3
    assert "c1 was not judged by a model" in unchecked(report)
    assert "c2 was not judged by a model" in unchecked(report)
    told, _ = await asked_about(ledger, folder)
    assert told == [DOUBTFUL, LIKELY, UNKNOWN]


async def test_without_anything_learnt_the_order_of_the_text_is_kept_and_nothing_is_said(
    ledger: Ledger, folder: Path, people: Path
) -> None:
    learnt_file(people).unlink()
    told, report = await asked_about(ledger, folder)
    assert told == [UNKNOWN, LIKELY, DOUBTFUL]
    assert "order of the text" not in unchecked(report)


async def test_what_was_learnt_from_an_older_knowledge_base_is_told_and_not_used(
    ledger: Ledger, folder: Path, people: Path
) -> None:
    await kept(folder, ["Person 99\tborn in\tTown 1"], trained=False)
    told, report = await asked_about(ledger, folder)
    assert told == [UNKNOWN, LIKELY, DOUBTFUL]
    assert "in the order of the text: the knowledge base 'people' has changed since" in unchecked(report)
    assert {one.verdict for one in report.claims} == {"not_found"}


async def test_of_several_knowledge_bases_those_that_know_something_rank(folder: Path, people: Path) -> None:
    def claim(name: str, person: str, country: str) -> Claim:
        return Claim(id=name, text=name, triples=(Statement(subject=person, relation="citizen of", object=country),))

    claims = [claim("c1", "Person 4", "Country 1"), claim("c2", "Person 5", "Country 0")]
    other = knowledge_file(folder, "other")
    (folder / "other.tsv").write_text("Aare\tflows into\tRhine\n")
    async with KnowledgeBase(other) as base:
        await base.add(folder / "other.tsv")
    learnt_file(other).write_bytes(b"damaged")
    async with KnowledgeFiles(folder) as files:
        assert await PlausibilityRanker(("other", "people", "none"), files)("rank", claims) == ["c2", "c1"]
        assert await PlausibilityRanker(("people",), files)("rank", []) == []
        with pytest.raises(JudgeFailed, match="train again"):
            await PlausibilityRanker(("other",), files)("rank", claims)
