"""A browsing run: one session at the browsing state machine, whose quotes and answer become the run's report."""

import contextlib
from collections.abc import Mapping, Sequence

from agent.browsing.annotation.person import NotedSeat, OutOfSteps, PersonSeat
from agent.browsing.annotation.record import BRANCH, profile_of
from agent.browsing.policy import Policy
from agent.browsing.research.graph import browse
from agent.browsing.scores import cited_sentences
from agent.browsing.session import LedgerEffects, Session
from agent.browsing.state import BrowseState, Kept
from agent.browsing.synthesis.synthesise import synthesise
from agent.domain.claims import Claim
from agent.domain.plan import NewSubtask, Result
from agent.domain.task import BrowseOrder
from agent.execution.context import Branch, RunContext
from agent.execution.research import policy_for
from agent.planning.strategy import WithoutPlan


class BrowsingStrategy(WithoutPlan):
    """Browses for the goal and hands in what the session came to. There is no plan.

    Args:
        order: how to browse.
    """

    what = "a browsing run"

    def __init__(self, order: BrowseOrder) -> None:
        self._order = order

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Browse until the session ends or has no steps left; return its answer with the quotes that it cites."""
        branch = run.branch(BRANCH)
        session = self._session(run, branch)
        seat = NotedSeat(
            self._seat(run, branch), lambda step, payload: run.ledger.fact(f"{BRANCH}/{step}", "action", payload)
        )
        with contextlib.suppress(OutOfSteps):
            await browse(session, seat)
        await seat.note(session)
        state = session.state
        if self._order.seat == "person":
            run.meter.worked(run.setting.models.get("executor", "person"), limited=False)
        for part in (part for kept in state.kept for part in kept.quotes):
            run.evidence.give(part.quote)
        if self._order.seat == "model" and state.ended == "finished" and not state.answer.strip():
            written = await synthesise(state.question, state.kept, branch, step="synthesis")
            # where no sentence is supported the quotes speak for themselves
            state = state.model_copy(update={"answer": written.answer if written.sentences else ""})
        return result_of(state)

    def _session(self, run: RunContext, branch: Branch) -> Session:
        world, order = run.world.seat(), self._order
        return Session(
            run.task.goal,
            fetcher=world,
            search=world,
            browser=world,
            effects=LedgerEffects(run.ledger, BRANCH, distrust=branch.distrust),
            profile=profile_of(order.profile, order.limits),
            seat=order.seat,
            urls=order.urls,
        )

    def _seat(self, run: RunContext, branch: Branch) -> Policy:
        if self._order.seat == "person":
            return PersonSeat(branch.ask_person)
        return policy_for(run.setting, branch)


def result_of(state: BrowseState) -> Result:
    """Return what a session that has ended hands in.

    Each sentence of the answer that cites quotes is a claim on these quotes. Where no answer was written, the quotes
    themselves are it, word for word. A session that was rejected, or came to no ending, withholds its answer, and then
    does not count as verified.
    """
    if state.ended == "rejected":
        reason = str(state.history[-1].arguments.get("reason", ""))
        return Result(answer=f"Not answered: {reason}", success=True, assembled=True, withheld=(state.question,))
    known = {kept.id: kept for kept in state.kept}
    answer = state.answer.strip()
    if not answer:
        withheld = () if state.ended else (state.question,)
        return _quotes_alone(state.kept).model_copy(update={"withheld": withheld})
    claims = [
        Claim(id=f"seat.{number}", text=text, evidence=_parts(known, ids))
        for number, (text, ids) in enumerate(cited_sentences(answer), start=1)
        if ids
    ]
    return Result(answer=answer, success=True, claims=tuple(claims))


def _quotes_alone(kept: Sequence[Kept]) -> Result:
    parts = [part.quote for item in kept for part in item.quotes]
    return Result(
        answer="\n\n".join(f"{quote.text} [{quote.id}]" for quote in parts) or "Nothing was quoted.",
        success=True,
        claims=tuple(
            Claim(id=f"seat.{number}", text=quote.text, evidence=(quote.id,))
            for number, quote in enumerate(parts, start=1)
        ),
        assembled=True,
    )


def _parts(known: Mapping[str, Kept], ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the passages of some quotes; an id that no quote has stays, and cites nothing."""
    found = [part.quote.id for name in ids if name in known for part in known[name].quotes]
    return tuple(dict.fromkeys([*found, *(name for name in ids if name not in known)]))
