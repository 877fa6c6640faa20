"""Whether the server answers, and its ledger."""

from fastapi import APIRouter

from agent.domain.base import Fact
from webui.api.cards import Here

router = APIRouter(prefix="/api", tags=["server"])


class Health(Fact):
    """How the server is.

    Attributes:
        ok: the ledger can be read. Where it cannot, the answer is a problem with status 503.
    """

    ok: bool


@router.get("/health", operation_id="health")
async def health(here: Here) -> Health:
    """Return whether the server works. Nothing of any run is told, and nobody needs to have entered."""
    await here.ledger.newest(limit=1)
    return Health(ok=True)
