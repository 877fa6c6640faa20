"""What persons have sent to the runs of this process, whichever process took it in."""

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter
from sqlalchemy import and_, or_, select

from agent.domain.events import Command
from agent.ledger.store import Ledger
from agent.ledger.tables import events

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


async def new_commands(ledger: Ledger, heard: Mapping[str, int]) -> Iterable[tuple[str, int, Command]]:
    """Return the commands of several runs that came after given event numbers: run, number, command.

    Args:
        ledger: where they are.
        heard: by run, the number of the last command that is already known.
    """
    if not heard:
        return ()
    later = or_(*(and_(events.c.run_id == run_id, events.c.seq > seq) for run_id, seq in sorted(heard.items())))
    query = select(events.c.run_id, events.c.seq, events.c.payload).where(events.c.kind == "command", later)
    rows = await ledger.rows(query.order_by(events.c.run_id, events.c.seq))
    return [
        (row.run_id, row.seq, _COMMAND.validate_python((await ledger.decode(row.payload))["command"])) for row in rows
    ]
