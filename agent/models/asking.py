"""Asking a model for one form: the one function it may call, validated, with its mistakes told back to it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypedDict, TypeVar

from agent.domain.base import Form
from agent.domain.errors import (
    LeaseLost,
    LedgerUnavailable,
    ModelDeclined,
    ModelOutputError,
    ModelRefused,
    ModelUnavailable,
    PlumblineError,
    ReplayDivergence,
    RunStopped,
)
from agent.domain.functions import function_name, function_spec, parse_form
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.arguments import checked_arguments

FormT = TypeVar("FormT", bound=Form)

EXECUTOR = "executor"
"""The role of whoever is asked without one."""

_ALWAYS_RAISED = (RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable)
_REPAIRS = 2
_LONGEST_REFUSAL = 300


class HowAsked(TypedDict, total=False):
    """The keywords of ``Models.ask``, for those who pass them on; what is left out is as ``Models`` has it."""

    tools: Sequence[ToolSpec]
    response_format: ResponseFormat | None
    options: CallOptions
    role: str
    refusal_is_reply: bool
    outage_is_reply: bool


class Models(Protocol):
    """Models by role. Each call is an effect under its step, which is unique and the same on every re-run."""

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = EXECUTOR,
        refusal_is_reply: bool = False,
        outage_is_reply: bool = False,
    ) -> Reply:
        """Ask a model by role and return its reply.

        With ``refusal_is_reply`` a refusal by the server is a reply without calls that is ``filtered`` and says why;
        with ``outage_is_reply`` a model that cannot be reached within its deadline, or that fails in any other way, is
        one that is ``unavailable``.
        """


async def reply_or_failure(coming: Awaitable[Reply], *, refusal_is_reply: bool, outage_is_reply: bool) -> Reply:
    """Return a model's reply; where that is wanted, for a failure one that says why there is none.

    Raises:
        ModelRefused: the server refused, and that is not to be a reply.
        ModelUnavailable: the model could not be reached, and that is not to be a reply.
        RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable: always.
    """
    try:
        return await coming
    except _ALWAYS_RAISED:
        raise
    except ModelRefused as refusal:
        if not refusal_is_reply:
            raise
        return Reply(text=str(refusal), finish="filtered")
    except Exception as outage:
        if not outage_is_reply:
            raise
        # whatever it was: who goes on without an answer must do so on every re-run, so it has to be on record
        known = isinstance(outage, PlumblineError)
        return Reply(text=str(outage) if known else f"{type(outage).__name__}: {outage}", finish="unavailable")


async def ask_form(
    models: Models,
    step: str,
    transcript: Transcript,
    form: type[FormT],
    *,
    role: str,
    refusal_is_reply: bool = False,
    outage_is_reply: bool = False,
    repairs: int = _REPAIRS,
    check: Callable[[FormT], None] | None = None,
    spec: ToolSpec | None = None,
) -> FormT:
    """Return the form a model filled in. The transcript grows by what was said.

    Args:
        models: models by role.
        step: begins the names of the calls.
        transcript: what the model is shown.
        form: what it is to fill in.
        role: who is asked.
        refusal_is_reply: work can go on without an answer, so a refusal by the server is no failure of the run.
        outage_is_reply: nor is a model that cannot be reached.
        repairs: how often the model is told what is wrong and asked again.
        check: raises ``ModelOutputError`` where the form fits its schema and still cannot be used.
        spec: the form's function, where its schema is narrower than the form says.

    Raises:
        ModelOutputError: the model did not manage after its repairs.
        ModelDeclined: the server refused, and ``refusal_is_reply``.
        ModelUnavailable: the model could not be reached; with ``outage_is_reply`` that is recorded, and so the same on
            every re-run.
    """
    spec = spec or function_spec(form)
    options = CallOptions(tool_choice=spec.name)
    for attempt in range(repairs + 1):
        reply = await models.ask(
            f"{step}/{attempt}",
            transcript,
            tools=(spec,),
            options=options,
            role=role,
            refusal_is_reply=refusal_is_reply,
            outage_is_reply=outage_is_reply,
        )
        if reply.finish == "unavailable":
            raise ModelUnavailable(reply.text)
        if refusal_is_reply and reply.finish == "filtered" and not reply.calls:
            raise declined(reply)
        transcript.append(reply.as_message())
        try:
            filled = _form_in(reply, form, spec)
            if check is not None:
                check(filled)
            return filled
        except ModelOutputError as error:
            problem = str(error)
        if reply.calls:
            for call in reply.calls:
                transcript.append({"role": "tool", "tool_call_id": call.id, "content": f"error: {problem}"})
        else:
            transcript.append({"role": "user", "content": f"{problem} Call {spec.name}."})
    raise ModelOutputError(f"the model did not give a usable {function_name(form)}: {problem}")


def declined(reply: Reply) -> ModelDeclined:
    """Return the error that a reply which was refused or filtered amounts to, with the server's reason."""
    said = " ".join(reply.text.split())[:_LONGEST_REFUSAL]
    return ModelDeclined(f"the server refused the request or filtered the answer: {said or 'without a reason'}")


def _form_in(reply: Reply, form: type[FormT], spec: ToolSpec) -> FormT:
    call = next((call for call in reply.calls if call.name == spec.name), None)
    if call is None:
        raise ModelOutputError(f"that was no call of {spec.name}.")
    return parse_form(form, checked_arguments(call, spec, cut=reply.finish == "length"))
