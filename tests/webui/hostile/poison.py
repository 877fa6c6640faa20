"""Runs whose every text is hostile: what was asked, what models and tools said, files and their names, evidence."""

from typing import Any, Final

from agent.domain.artefacts import Artefact
from agent.domain.evidence import Quote, Triple
from agent.domain.messages import canonical
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger, new_run, new_run_id
from agent.runtime.run_files import media_type_of
from tests.webui.hostile.payloads import PAYLOADS, TEXTS
from tests.webui.reports import browsed, long_report, reported

_NAMES: Final = frozenset(
    {
        "answer",
        "content",
        "description",
        "detail",
        "error",
        "goal",
        "hint",
        "message",
        "note",
        "object",
        "output",
        "question",
        "reason",
        "reasoning",
        "relation",
        "result",
        "said",
        "subject",
        "summary",
        "text",
        "title",
        "wish",
    }
)
"""What texts are called in events; all other words are names and places that have to stay right."""

_OF_REPORTS: Final = frozenset({"answer", "detail", "goal", "notes", "title"})
"""The same of reports, where other texts are found again in pages."""

_ADDRESSES: Final = tuple(one.text for one in PAYLOADS if one.kind == "address")
_FILES: Final = {"svg": "svg", "page": "html"}


async def poisoned_report(ledger: Ledger) -> str:
    """Write a run with a hostile report and return its id."""
    report = await long_report(ledger, claims=6)
    claims = tuple(
        one.model_copy(
            update={
                "claim": one.claim.model_copy(update={"text": f"{one.claim.text} {TEXTS}"}),
                "judgements": tuple(said.model_copy(update={"detail": TEXTS}) for said in one.judgements),
            }
        )
        for one in report.claims
    )
    hostile = report.model_copy(
        update={
            "goal": TEXTS,
            "answer": f"{report.answer}\n\n{TEXTS}",
            "claims": claims,
            "evidence": tuple(_hostile_evidence(report)),
            "artefacts": tuple([await _file(ledger, path, data) for path, data in files().items()]),
            "checks": tuple(check.model_copy(update={"detail": TEXTS}) for check in report.checks),
            "notes": (TEXTS,),
            "models": (TEXTS[:400],),
            "removed": tuple(files()),
        }
    )
    run_id = await reported(ledger, hostile)
    return await _copy(ledger, run_id)


async def poisoned_browsing(ledger: Ledger) -> str:
    """Write a run that read hostile pages and return its id."""
    return await _copy(ledger, await browsed(ledger))


def files() -> dict[str, bytes]:
    """Return hostile files by hostile names."""
    made = {f"{one.name}.{_FILES[one.kind]}": one.text.encode() for one in PAYLOADS if one.kind in _FILES}
    texts = TEXTS.encode()
    cells = canonical(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {"cell_type": "markdown", "id": "a", "metadata": {}, "source": TEXTS},
                {
                    "cell_type": "code",
                    "id": "b",
                    "metadata": {},
                    "source": TEXTS,
                    "execution_count": 1,
                    "outputs": [
                        {
                            "output_type": "display_data",
                            "metadata": {},
                            "data": {"text/html": TEXTS, "image/svg+xml": TEXTS, "text/markdown": TEXTS},
                        },
                        {"output_type": "stream", "name": "stdout", "text": TEXTS},
                    ],
                },
            ],
        }
    )
    quoted = '"' + TEXTS.replace('"', '""') + '"'
    made |= {
        "notes.md": texts,
        "log.txt": texts,
        "table.csv": f"a,b\n{quoted},1\n".encode(),
        "cells.ipynb": cells,
        "data.json": canonical({"told": TEXTS}),
        "program.py": texts,
    }
    named = (one for one in PAYLOADS if one.kind == "html" and "/" not in one.text and len(one.text) < 120)
    return made | {f"{one.text}.txt": one.text.encode() for one in named}


def _hostile_evidence(report: Report) -> Any:
    for number, item in enumerate(report.evidence):
        address = _ADDRESSES[number % len(_ADDRESSES)]
        if isinstance(item, Quote):
            source = item.source.model_copy(update={"title": TEXTS, "location": address})
            yield item.model_copy(update={"source": source})
        elif isinstance(item, Triple):
            said = {"subject": TEXTS, "relation": TEXTS, "object": TEXTS}
            where = item.source and item.source.model_copy(update={"title": TEXTS, "location": address})
            yield item.model_copy(update={**said, "source": where})
        else:
            yield item.model_copy(update={"output": TEXTS, "tool": "<img src=x onerror=\"canary('image-error')\">"})


async def _file(ledger: Ledger, path: str, data: bytes) -> Artefact:
    return Artefact(path=path, sha256=await ledger.blobs.put(data), size=len(data), media_type=media_type_of(path))


async def _copy(ledger: Ledger, run_id: str) -> str:
    """Copy a run with hostile texts in all its events."""
    events = [event async for event in ledger.events(run_id)]
    hostile_id = new_run_id()
    rows = []
    for event in events:
        payload = _poisoned(event.payload, _NAMES if event.kind != "report" else _OF_REPORTS)
        if event.seq == 1:
            task = Task(goal=f"Find out {TEXTS}", constraints=(TEXTS,), files=tuple(await _inputs(ledger)))
            payload["task"] = {
                **payload["task"],
                **task.model_dump(mode="json", include={"goal", "constraints", "files"}),
            }
        stored = (await ledger.stored_form(canonical(payload))).decode()
        kept = {"seq": event.seq, "at": event.at.timestamp(), "kind": event.kind, "key": event.key}
        rows.append({**kept, "phase": event.phase, "payload": stored})
    now, run = events[0].at.timestamp(), await ledger.find(run_id)
    filing = Filing(owner="local", title=PAYLOADS[2].text, tags=("<img src=x onerror=\"canary('image-error')\">",))
    row = new_run(hostile_id, TEXTS, now, status=run.status, reason=TEXTS, last_seq=len(rows))
    await ledger.restore({**row, "owner": filing.owner, "title": filing.title}, rows)
    return hostile_id


async def _inputs(ledger: Ledger) -> list[WorkspaceFile]:
    return [
        WorkspaceFile(path=f"in/{path}", sha256=await ledger.blobs.put(data), size=len(data))
        for path, data in list(files().items())[-4:]
    ]


def _poisoned(value: Any, names: frozenset[str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(each, names, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_poisoned(each, names, name) for each in value]
    return f"{value} {TEXTS}" if isinstance(value, str) and name in names else value
