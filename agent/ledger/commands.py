"""What persons have sent to the runs of this process, whichever process took it in."""

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter
from sqlalchemy import select

from agent.domain.events import Command, EditPlan
from agent.ledger.store import Ledger
from agent.ledger.tables import events

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
_RUNS_ASKED = 500


async def new_commands(ledger: Ledger, heard: Mapping[str, int]) -> Iterable[tuple[str, int, Command]]:
    """Return the commands of several runs that came after given event numbers: run, number, command.

    Args:
        ledger: where they are.
        heard: by run, the number of the last command that is already known.
    """
    found: list[tuple[str, int, Command]] = []
    names = sorted(heard)
    for first in range(0, len(names), _RUNS_ASKED):
        # of one shape however many runs there are, so that it is compiled once; runs have few commands
        asked = events.c.run_id.in_(names[first : first + _RUNS_ASKED])
        query = select(events.c.run_id, events.c.seq, events.c.payload).where(events.c.kind == "command", asked)
        for row in await ledger.rows(query.order_by(events.c.run_id, events.c.seq)):
            if row.seq > heard[row.run_id]:
                payload = await ledger.decode(row.payload)
                found.append((row.run_id, row.seq, _COMMAND.validate_python(payload["command"])))
    return found


async def waiting_edits(ledger: Ledger, run_id: str, version: int) -> list[tuple[int, EditPlan]]:
    """Return the changes of a plan that were sent for its version and have neither made a new one nor been refused.

    Args:
        ledger: where they are.
        run_id: the run.
        version: of its plan, as it stands.
    """
    query = select(events.c.seq, events.c.payload).where(events.c.run_id == run_id, events.c.kind == "command")
    sent = []
    for row in await ledger.rows(query.order_by(events.c.seq)):
        command = _COMMAND.validate_python((await ledger.decode(row.payload))["command"])
        if isinstance(command, EditPlan) and command.version == version:
            sent.append((row.seq, command))
    keys = {edit_refused(seq): seq for seq, _ in sent}
    known = await ledger.rows(select(events.c.key).where(events.c.run_id == run_id, events.c.key.in_(keys)))
    refused = {keys[row.key] for row in known}
    return [(seq, command) for seq, command in sent if seq not in refused]


def edit_refused(seq: int) -> str:
    """Return the key of the fact that a person's change of the plan, sent as a command of that number, was refused."""
    return f"plan/refused/edit/{seq}"
