"""A run with documents and a workspace can read both, though both have a tool of the same name."""

from pathlib import Path

from agent.browsing.corpus import Corpus
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.offering import named_apart, offered_tools, own_name
from tests.studio import StudioServices, studio
from toolserver.testing import InProcessSandbox


async def test_files_are_read_beside_documents_by_a_name_of_their_own(ledger: Ledger, folder: Path) -> None:
    (place := folder / "docs").mkdir()
    (place / "glands.md").write_text("The liver makes bile.")
    async with Corpus(folder / "corpus.db") as corpus:
        await corpus.add([place])
        (known,) = [passage.document for passage in await corpus.search("liver", limit=1)]
        table = b"item,units\nnut,3\n"
        file = WorkspaceFile(path="stores.csv", sha256=await ledger.blobs.put(table), size=len(table))
        model = ScriptedModel(
            [
                call("read_document", document=known),
                call("workspace_read_document", path="stores.csv"),
                call("submit", answer="3 nuts."),
            ]
        )
        async with studio(ledger, StudioServices(model, folder, corpus=corpus)) as runner:
            run_id = await runner.start(Task(goal="How many nuts?", files=(file,), corpus="docs"))
            await runner.wait(run_id)

    names = [tool.name for tool in model.asked[0].tools]
    assert (names.count("read_document"), names.count("workspace_read_document")) == (1, 1)
    assert "The liver makes bile." in str(model.asked[1].messages[-1]["content"])
    assert "stores.csv: csv" in str(model.asked[2].messages[-1]["content"])


async def test_tools_keep_their_names_where_nobody_else_has_them(folder: Path) -> None:
    sandbox = await InProcessSandbox.open("a", folder=folder / "a")
    try:
        tools = await offered_tools(sandbox)
    finally:
        await sandbox.close()

    assert named_apart(tools, ()) == tools
    apart = named_apart(tools, {"read_document"})
    assert len(apart) == len(tools)
    assert [own_name(one.spec.name, one.where) for one in apart] == [one.spec.name for one in tools]
    of_server = tuple(one.model_copy(update={"where": "server"}) for one in tools)
    assert "workspace_read_document" not in [one.spec.name for one in named_apart(of_server, {"read_document"})]
    assert not [one.spec.name for one in tools if one.spec.name.startswith("workspace_")]
