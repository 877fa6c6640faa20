"""Runs to be shared: a rich one, and one in which everything that others wrote is hostile."""

from agent.domain.artefacts import Artefact
from agent.domain.budget import Usage
from agent.domain.checks import CheckResult, CommandCheck
from agent.domain.claims import CheckedClaim, Claim, Finding, Judgement
from agent.domain.evidence import Quote, Source, ToolResult, Triple
from agent.domain.plan import Milestone, Plan, Subtask
from agent.domain.report import DrawnPicture, Report
from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger
from agent.verification.quotes import text_digest
from tests.webui.files.conftest import png

PAGE = f"{'Long before it. ' * 60}The lock at Harrow is 12 m wide, they say.{' Long after it.' * 60}"
HOSTILE = '</style></script><script>window.ran=1</script><img src=x onerror=window.ran=1>\u202e\x1b[31m" onmouseover="x'


async def rich_run(ledger: Ledger, *, said: str = "", owner: str | None = None) -> str:
    """Write a run with plan, steps, claims, evidence, a check, a file and a picture; return its id.

    Args:
        ledger: to write it to.
        said: stands in every text that somebody else writes.
        owner: whose run it is.
    """
    digest, picture = await ledger.blobs.put(PAGE.encode()), await ledger.blobs.put(png(320, 200))
    made = f"| name{said} | width |\n| --- | --- |\n".encode()
    start = PAGE.index("12 m")
    source = Source(title=f"Locks{said}", location="https://locks.example/harrow", text_sha256=text_digest(PAGE))
    quote = Quote(
        id="q1",
        source=source.model_copy(update={"retrieved_at": "2026-03-01T10:00:00Z", "text_sha256": digest}),
        start=start,
        end=start + 9,
        text="12 m wide",
        prefix=PAGE[start - 32 : start],
        suffix=PAGE[start + 9 : start + 41],
    )
    printed = ToolResult(
        id="t1", key="width/1/0", tool=f"python{said}", arguments='{"code": "1+1"}', output=f"2{said}", images=()
    )
    triple = Triple(id="k1", subject=f"Harrow{said}", relation="has", object="lock")
    task = Task(goal=f"How wide is the lock at Harrow?{said}")
    subtask = Subtask(
        id="width",
        goal=f"Find the width{said}",
        status="done",
        milestones=(Milestone(id="found", text=f"A width is found{said}"),),
    )
    plan = Plan(version=2, subtasks=(subtask, Subtask(id="doubt", goal="Look elsewhere", status="dropped")))
    claims = (
        CheckedClaim(
            claim=Claim(id="c1", text=f"The lock is 12 m wide.{said}", evidence=("q1",)),
            verdict="supported",
            findings=(Finding(method="quote", passed=True, detail=f"it stands there{said}"),),
            judgements=(
                Judgement(
                    judge="wording", tier="T1", verdict="supported", detail=f"same words{said}", evidence=("q1",)
                ),
            ),
        ),
        CheckedClaim(claim=Claim(id="c2", text="One and one are three.", evidence=("t1",)), verdict="contradicted"),
        CheckedClaim(claim=Claim(id="c3", text="It is old.", evidence=("k1",)), verdict="not_found"),
        CheckedClaim(claim=Claim(id="c4", text="It is lovely.", kind="opinion"), verdict="unverifiable"),
    )
    report = Report(
        goal=task.goal,
        answer=f"The lock is **12 m** wide.{said}\n\n![pixel](https://evil.example/p.png) [go](javascript:alert(1))",
        outcome="unverified",
        claims=claims,
        evidence=(quote, printed, triple),
        artefacts=(
            Artefact(
                path=f"out/{'bad' if said else 'table'}.md",
                sha256=await ledger.blobs.put(made),
                size=len(made),
                media_type="text/markdown",
            ),
        ),
        pictures=(DrawnPicture(sha256=picture, media_type="image/png", width=320, height=200, evidence="t1"),),
        checks=(
            CheckResult(check=CommandCheck(command=f"test -s{said}"), outcome="pass", detail=f"it is there{said}"),
        ),
        plan=plan,
        usage=Usage(calls=3, input_tokens=1200, output_tokens=80),
        models=("small@http://127.0.0.1:9999/v1",),
        notes=(f"One thing was not looked at.{said}",),
    )
    run_id = await ledger.create(task, filing=Filing(owner=owner))
    request = {"tool": "python", "arguments": {"code": f"print(2){said}"}}
    done = {"ok": True, "text": f"2{said}", "data": {"stdout": f"2{said}"}, "images": [], "error": None}
    await ledger.append(run_id, None, "tool", "width/1/0", "started", {"request": request})
    await ledger.append(run_id, None, "tool", "width/1/0", "done", {"result": done})
    payload = {"report": report.model_dump(mode="json")}
    await ledger.append(run_id, None, "report", "report", "fact", payload)
    await ledger.append(run_id, None, "run", None, "fact", {"status": "finished", "reason": ""}, status="finished")
    return run_id
