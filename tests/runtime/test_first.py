from pathlib import Path
import tempfile
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call, calls, say
from agent.models.testing.scripted_model import ScriptedModel
from tests.studio import StudioServices, studio


async def test_smoke(ledger: Ledger) -> None:
    model = ScriptedModel([
        calls(("write_file", {"path": "a.txt", "content": "12\n30\n"}), ("shell", {"command": "echo hi"})),
        call("python", code="print(sum(int(x) for x in open('a.txt')))"),
        call("submit", answer="The sum of the numbers is 42.", claims=[{"text": "The sum of the numbers is 42.", "evidence": ["root.1.0"]}]),
    ])
    folder = Path(tempfile.mkdtemp(prefix="plb", dir="/tmp"))
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Write 12 and 30 to a file and add them up"))
        report = await runner.wait(run_id)
    print(report.model_dump_json(indent=1))
    for a in model.asked: print(len(a.messages), a.messages[-1])
