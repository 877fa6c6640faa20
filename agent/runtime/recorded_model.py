"""A model that answers as the models of a recorded run did, while everything else of a new run happens live."""

from agent.domain.messages import Reply
from agent.ledger.store import Ledger
from agent.models.cassette import CassetteModel


async def recorded_model(ledger: Ledger, run_id: str, name: str = "recorded") -> CassetteModel:
    """Return a model that gives the replies on record to equal requests.

    So a run that a model or a person once drove, imported from its cassette, is driven again: tools, worlds and checks
    are live, and where they give something else than they did the next request is unknown and the run stops.

    Args:
        ledger: holds the recorded run.
        run_id: of the recorded run.
        name: what events and reports call the model.

    Raises:
        UnknownRun: there is no such run.
    """
    await ledger.find(run_id)
    asked: dict[str, str] = {}
    replies: list[tuple[str, Reply]] = []
    async for event in ledger.events(run_id):
        if event.kind != "model" or event.key is None:
            continue
        if event.phase == "started":
            asked[event.key] = event.payload["digest"]
        elif event.key in asked:
            replies.append((asked[event.key], Reply.model_validate(event.payload["result"])))
    return CassetteModel(name, replies)
