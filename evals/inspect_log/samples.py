"""One attempt of a batch as a sample of Inspect's log."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from inspect_ai.dataset import Sample as InspectSample
from inspect_ai.event import SampleInitEvent
from inspect_ai.log import EvalError, EvalSample, EvalSampleLimit
from inspect_ai.model import ChatMessage, ChatMessageUser, ModelOutput, ModelUsage
from inspect_ai.scorer import Score as InspectScore

from agent.domain.events import Event
from agent.domain.messages import ToolSpec
from agent.domain.view import RunView
from agent.ledger.store import Ledger
from agent.runtime.calls import ModelCall, model_calls
from agent.runtime.history import read_view
from evals.batch.order import Attempt
from evals.batch.results import Result
from evals.inspect_log.events import Transcript
from evals.inspect_log.messages import conversation, model_output, model_usage
from evals.scorers.forms import Score

PASSED = "passed"
"""Name of the score that says whether a sample passed by all its scorers together."""


class MadeSample(NamedTuple):
    """A sample of a log, and the model that answered it."""

    sample: EvalSample
    model: str


async def inspect_sample(ledger: Ledger, attempt: Attempt, result: Result) -> MadeSample:
    """Return what became of an attempt as Inspect has it.

    Raises:
        UnknownRun: the run is not in the ledger.
        LedgerUnavailable: it cannot be read.
    """
    view = await read_view(ledger, attempt.run_id)
    calls = await model_calls(ledger.events(attempt.run_id))
    specs = [ToolSpec.model_validate(tool["spec"]) for tool in view.setting.get("tools", ())]
    transcript = Transcript(attempt.run_id, calls, specs, _subtasks(view), ledger.blobs)
    given = InspectSample(
        id=attempt.sample.id,
        input=attempt.sample.goal,
        target=list(attempt.sample.gold),
        choices=[choice.text for choice in attempt.sample.choices] or None,
    )
    scores = inspect_scores(result)
    usage = _usage(calls)
    events: list[Event] = [event async for event in ledger.events(attempt.run_id)]
    for event in events:
        await transcript.take(event)
    transcript.end(scores, attempt.sample.gold)
    begun, ended = events[0].at, events[-1].at
    model = next((call.reply.model or call.reply.by for call in reversed(calls) if call.reply is not None), "")
    sample = EvalSample(
        id=attempt.sample.id,
        epoch=attempt.number,
        input=attempt.sample.goal,
        target=list(attempt.sample.gold),
        choices=given.choices,
        files=sorted(attempt.sample.files) or None,
        messages=await _messages(ledger, attempt.sample.goal, calls),
        output=_output(model, result, usage.get(model)),
        scores=scores,
        metadata=_metadata(attempt, result, view),
        events=[
            SampleInitEvent(
                uuid=f"{attempt.run_id}-init", timestamp=begun, working_start=0.0, sample=given, state=None
            ),
            *transcript.events,
        ],
        model_usage=usage,
        started_at=_time(begun),
        completed_at=_time(ended),
        total_time=round((ended - begun).total_seconds(), 3),
        working_time=result.seconds,
        uuid=attempt.run_id,
        error=_error(result),
        limit=_limit(view, result),
    )
    return MadeSample(_writable(sample), model)


def _writable(sample: EvalSample) -> EvalSample:
    """Return a sample without lone surrogates, which models write and no file can hold."""
    told = sample.model_dump()
    cleaned = _cleaned(told)
    return sample if cleaned == told else EvalSample.model_validate(cleaned)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_cleaned(name): _cleaned(inside) for name, inside in value.items()}
        case list() | tuple():
            return [_cleaned(inside) for inside in value]
        case _:
            return value


def inspect_scores(result: Result) -> dict[str, InspectScore]:
    """Return what each scorer said. One that could not tell is unscored, which counts neither way.

    Of two scorers of one kind the second is called by its number as well.
    """
    if not result.scores:
        # its run has no report to score; Inspect counts it as an error
        return {}
    decided = {"passed": "C", "failed": "I"}.get(result.state)
    told = result.reason or "all required scorers passed"
    whole = (
        InspectScore.unscored(reason="scoring_failed", answer=result.answer, explanation=told)
        if decided is None
        else InspectScore(value=decided, answer=result.answer, explanation=told)
    )
    scores = {PASSED: whole}
    for number, score in enumerate(result.scores, 1):
        name = score.scorer if score.scorer not in scores else f"{score.scorer} {number}"
        scores[name] = _score(score, result.answer)
    return scores


def _score(score: Score, answer: str) -> InspectScore:
    metadata = {"passed": score.passed, "required": score.required}
    if score.value is None:
        return InspectScore.unscored(
            reason="scoring_failed", answer=answer, explanation=score.detail, metadata=metadata
        )
    return InspectScore(value=score.value, answer=answer, explanation=score.detail, metadata=metadata)


def _subtasks(view: RunView) -> frozenset[str]:
    return frozenset(subtask.id for subtask in view.plan)


async def _messages(ledger: Ledger, goal: str, calls: Sequence[ModelCall]) -> list[ChatMessage]:
    """Return the conversation a reader wants first: the last one of the executor, else of whoever asked last."""
    answered = [call for call in calls if call.reply is not None]
    executed = [call for call in answered if call.role == "executor"]
    for call in reversed(executed or answered):
        if call.reply is not None:
            found = await conversation(call.messages, ledger.blobs)
            return [*found, *[choice.message for choice in (await model_output(call.reply)).choices]]
    return [ChatMessageUser(content=goal)]


def _output(model: str, result: Result, usage: ModelUsage | None) -> ModelOutput:
    output = ModelOutput.from_content(model, result.answer)
    output.choices[0].message.id = f"{result.run_id}-answer"
    output.usage = usage
    return output


def _metadata(attempt: Attempt, result: Result, view: RunView) -> dict[str, Any]:
    """Return what Inspect has no place for: the report with its claims, evidence, checks and artefacts."""
    metadata: dict[str, Any] = {
        "run_id": result.run_id,
        "state": result.state,
        "failure": result.failure,
        "outcome": result.outcome,
        "steps": result.steps,
        "cost": float(result.cost),
        "tags": list(attempt.sample.tags),
    }
    if view.report is not None:
        told = view.report.model_dump(
            mode="json", include={"claims", "evidence", "checks", "artefacts", "notes", "plan", "limited", "untrusted"}
        )
        if not view.report.plan.subtasks:
            del told["plan"]
        metadata.update({name: value for name, value in told.items() if value})
    return {name: value for name, value in metadata.items() if value not in ("", None, [])}


def _usage(calls: Sequence[ModelCall]) -> dict[str, ModelUsage]:
    usage: dict[str, ModelUsage] = {}
    for call in calls:
        if call.reply is not None:
            name = call.reply.model or call.reply.by
            usage[name] = usage.get(name, ModelUsage()) + model_usage(call.reply.usage)
    return usage


def _error(result: Result) -> EvalError | None:
    """Return why a run has no report; what a scorer could not tell is told by its score."""
    if result.scores or result.state != "error":
        return None
    message = f"{result.failure}: {result.reason}" if result.reason else result.failure
    return EvalError(message=message, traceback="", traceback_ansi="")


def _limit(view: RunView, result: Result) -> EvalSampleLimit | None:
    if result.outcome != "budget_exhausted" or view.budget is None:
        return None
    used = {
        "token": (view.budget.tokens, float(result.usage.tokens)),
        "cost": (view.budget.money, float(result.cost)),
        "turn": (view.budget.steps, float(result.steps)),
        "working": (view.budget.seconds, result.seconds),
    }
    reached: list[tuple[Any, float]] = [
        (kind, float(most)) for kind, (most, have) in used.items() if most is not None and have >= float(most)
    ]
    kind, most = reached[0] if reached else ("custom", 0.0)
    return EvalSampleLimit(type=kind, limit=most, reason=view.reason or None)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
