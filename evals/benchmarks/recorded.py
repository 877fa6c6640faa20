"""What the ledger holds of a benchmark's sessions: all of it, or the figures beside it mean nothing."""

from collections import Counter

from pydantic import BaseModel
from sqlalchemy import func, select

from agent.ledger.store import Ledger
from agent.ledger.tables import events, runs


class Recorded(BaseModel):
    """How many runs the ledger holds, all of them finished, and their events."""

    runs: int
    events: int


async def recorded(ledger: Ledger, turns: int) -> Recorded:
    """Check that each run of a ledger finished and that every effect of its session is on record, and count them.

    A session of so many tool ``turns`` asks its model once more than that, and looks once for corrections.
    """
    wanted = {("model", "started"): turns + 1, ("model", "done"): turns + 1}
    wanted |= {("tool", "started"): turns + 1, ("tool", "done"): turns + 1, ("report", "fact"): 1}
    held = await ledger.rows(select(runs.c.id, runs.c.status, runs.c.last_seq))
    counts: dict[str, Counter[tuple[str, str]]] = {row.id: Counter() for row in held}
    grouped = select(events.c.run_id, events.c.kind, events.c.phase, func.count().label("number"))
    for row in await ledger.rows(grouped.group_by(events.c.run_id, events.c.kind, events.c.phase)):
        counts[row.run_id][row.kind, row.phase] = row.number
    for row in held:
        found = counts[row.id]
        if row.status != "finished":
            raise SystemExit(f"run {row.id} is {row.status}, not finished")
        if {name: found[name] for name in wanted} != wanted or found.total() != row.last_seq:
            raise SystemExit(f"the ledger does not hold all of run {row.id}: {dict(found)}, {row.last_seq} events told")
    alike = {counts[row.id].total() for row in held}
    if len(alike) > 1:
        raise SystemExit(f"the same session was recorded in {sorted(alike)} events")
    return Recorded(runs=len(held), events=sum(found.total() for found in counts.values()))
