"""Puts a question to a model in one of the ways to ask, as a form to be filled in."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from agent.domain.asking import AskMode, Question, Reasoning
from agent.domain.base import Form
from agent.domain.functions import function_name, function_spec
from agent.models.asking import Models, ask_form
from agent.models.prepared import Asker
from agent.verification.reasoning.answers import same_answer
from agent.verification.reasoning.exemplars import Exemplar, as_data, choices_data, shown
from agent.verification.reasoning.forms import TellWhatFollows, answer_text, form_for, reasoning_of, typed

_PACKAGE = "agent.verification.reasoning"
_LONGEST = 900
"""Tokens of a small model's reply; one that is longer has begun to repeat itself."""

FormT = TypeVar("FormT", bound=Form)


class Known(NamedTuple):
    """What checking has shown, and a model is told when it is asked again; each one line.

    Attributes:
        established: what is true.
        refuted: what was said and is not true, with the reason.
        unfounded: an answer that does not follow from what was given for it; empty for none.
    """

    established: tuple[str, ...] = ()
    refuted: tuple[str, ...] = ()
    unfounded: str = ""


NOTHING = Known()


class Reasoner:
    """Answers questions by asking a model for one form.

    A capable model calls a function and is told its mistakes; a small one writes the same form as JSON.

    Args:
        models: models by role; the executor is asked.
        limited: it is a small model.
    """

    def __init__(self, models: Models, *, limited: bool) -> None:
        self._models = models
        self._limited = limited
        self._asker = Asker(models, _PACKAGE)

    async def answer(
        self,
        step: str,
        question: Question,
        mode: AskMode,
        exemplars: Sequence[Exemplar],
        *,
        known: Known = NOTHING,
        background: str = "",
    ) -> Reasoning:
        """Return what a model answers.

        Args:
            step: begins the names of the calls.
            question: what is asked.
            mode: in which way.
            exemplars: shown as examples, as far as they are of the question's kind.
            known: what checking an earlier answer has shown.
            background: what else the model is to go by.

        Raises:
            ModelOutputError: it did not manage, or declined.
            ServiceError: the model cannot be asked.
        """
        form = form_for(mode, question)
        filled = await self._filled(
            step,
            "answer",
            form,
            function=function_name(form),
            how=function_spec(form).description,
            mode=mode,
            number=question.kind == "number",
            examples=shown(exemplars, mode, question),
            question=as_data(question.text),
            offered=choices_data(question.choices),
            background=as_data(background) if background else "",
            established=[as_data(one) for one in known.established],
            refuted=[as_data(one) for one in known.refuted],
            unfounded=as_data(known.unfounded) if known.unfounded else "",
        )
        return reasoning_of(filled)

    async def follows(self, step: str, question: Question, statements: Sequence[str], answer: str) -> bool:
        """Return whether a model that is shown nothing but statements comes to an answer.

        Raises:
            ModelOutputError: it did not manage, or declined.
            ServiceError: the model cannot be asked.
        """
        filled = await self._filled(
            step,
            "follows",
            typed(TellWhatFollows, question),
            question=as_data(question.text),
            offered=choices_data(question.choices),
            statements=[as_data(one) for one in statements],
        )
        return filled.follows and same_answer(question.kind, answer_text(filled), answer)

    async def _filled(self, step: str, prompt: str, form: type[FormT], **values: Any) -> FormT:
        if self._limited:
            return await self._asker.form(step, prompt, form, max_tokens=_LONGEST, refusal_is_reply=True, **values)
        transcript = self._asker.transcript(prompt, **values)
        return await ask_form(self._models, step, transcript, form, role="executor", refusal_is_reply=True)
