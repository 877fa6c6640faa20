"""Evidence leads back to the event of the ledger that brought it up."""

from pathlib import Path

from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.origins import origins_of
from tests.runtime.test_research import BOTH, BRIDGE, GOAL, SUBMIT, TOWER, researcher, world_of
from tests.studio import StudioServices, studio

TEXT = b"Insulin is produced by the pancreas.\n"


async def test_the_output_of_a_tool_leads_to_its_call(ledger: Ledger, folder: Path) -> None:
    said = "Insulin is produced by the pancreas."
    model = ScriptedModel(
        [
            call("read_file", path="notes.txt"),
            call("submit", answer=said, claims=[{"text": said, "evidence": ["root.0.0"]}]),
        ]
    )
    file = WorkspaceFile(path="notes.txt", sha256=await ledger.blobs.put(TEXT), size=len(TEXT))
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Which organ makes insulin?", files=(file,)))
        report = await runner.wait(run_id)

    origins = await origins_of(ledger, run_id, report.evidence)

    (event,) = [event async for event in ledger.events(run_id) if event.seq == origins["root.0.0"]]
    assert (event.kind, event.phase, event.key) == ("tool", "done", "root/tool/0.0")


async def test_a_quote_of_a_page_leads_to_the_effect_that_first_told_of_its_text(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    async with studio(ledger, StudioServices(researcher(BOTH, SUBMIT), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        report = await runner.wait(run_id)

    origins = await origins_of(ledger, run_id, report.evidence)

    quotes = {item.id: item for item in report.evidence if item.kind == "quote"}
    assert quotes
    events = {event.seq: event async for event in ledger.events(run_id)}
    for name, quote in quotes.items():
        event = events[origins[name]]
        assert event.phase == "done"
        assert quote.source.text_sha256 in event.model_dump_json()
        earlier = [other for seq, other in events.items() if seq < event.seq and other.phase == "done"]
        assert not any(quote.source.text_sha256 in other.model_dump_json() for other in earlier)


async def test_evidence_from_another_run_has_no_event_here(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    async with studio(ledger, StudioServices(researcher(BOTH, SUBMIT), folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        report = await runner.wait(run_id)
        model = ScriptedModel([call("submit", answer="Nothing.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        other = await runner.start(Task(goal="Do nothing."))
        await runner.wait(other)

    assert await origins_of(ledger, other, report.evidence) == {}
