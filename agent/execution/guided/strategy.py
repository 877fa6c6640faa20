"""The guided strategy as the executor uses it: one part of a goal in, a typed outcome out."""

from agent.execution.guided.checks import LiteralCheck
from agent.execution.guided.cite import CiteStrategy
from agent.execution.guided.compute import ComputeStrategy
from agent.execution.guided.outcomes import Outcome
from agent.execution.guided.thresholds import Thresholds
from agent.execution.guided.triage import Kind, Part
from agent.execution.port import Steps


async def work(part: Part, steps: Steps, literal: LiteralCheck, thresholds: Thresholds) -> Outcome:
    """Return the outcome of one part: accepted with evidence, or withheld with a reason.

    Where the kind of a part is not certain, the other strategy is tried when the first one withholds; both accept only
    what passes their checks, so the order decides nothing but the time.

    Args:
        part: what triage made of the goal.
        steps: what may be done; each call is an effect.
        literal: the literal check of cited answers.
        thresholds: how sure the model must be.
    """
    if part.kind == "refuse":
        return Outcome(question=part.text, status="withheld", reason=part.reason)
    first = await _by(part.kind, part.text, steps, literal, thresholds)
    if first.accepted or part.second is None:
        return first
    second = await _by(part.second, part.text, steps, literal, thresholds)
    if second.accepted:
        return second
    return first.model_copy(update={"reason": f"{first.reason}; as a {part.second}: {second.reason}"})


async def _by(kind: Kind, text: str, steps: Steps, literal: LiteralCheck, thresholds: Thresholds) -> Outcome:
    if kind == "question":
        return await CiteStrategy(steps, literal, thresholds).answer(text)
    return await ComputeStrategy(steps, thresholds).answer(text)
