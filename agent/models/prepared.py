"""How a small model is asked in prepared ways: prompts from files, replies as validated forms or log-probabilities."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ValidationError

from agent.domain.errors import ModelOutputError
from agent.domain.functions import inlined_schema
from agent.domain.messages import CallOptions, Reply, ResponseFormat, TokenChoice, Transcript
from agent.models.asking import Models, declined

_TURN = re.compile(r"^### (system|user|assistant)\n", re.MULTILINE)
MISSING = -25.0
"""Log-probability of a token that is not among the alternatives."""

FormT = TypeVar("FormT", bound=BaseModel)


class Asker:
    """Asks one model in prepared ways. Every question is a step of the run.

    A prompt file is a list of turns, each under a line ``### system``, ``### user`` or ``### assistant``. Turns are
    told apart before values are filled in, so that no value can start a turn.

    Args:
        models: who answers.
        package: dotted name of the package that has the folder ``prompts``.
    """

    def __init__(self, models: Models, package: str) -> None:
        self._models = models
        self._loader = PackageLoader(package, "prompts")
        # the prompts are plain text, not HTML
        self._environment = Environment(loader=self._loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701

    def transcript(self, prompt: str, **values: object) -> Transcript:
        """Return the messages of a prompt file with the values filled in."""
        source, _, _ = self._loader.get_source(self._environment, f"{prompt}.j2")
        pieces = _TURN.split(source)[1:]
        return Transcript(
            {"role": role, "content": self._environment.from_string(text.strip()).render(values)}
            for role, text in zip(pieces[::2], pieces[1::2], strict=True)
        )

    async def text(self, step: str, messages: Transcript, *, max_tokens: int) -> Reply:
        """Return the model's free reply to a conversation."""
        options = CallOptions(max_tokens=max_tokens, temperature=0)
        return await self._models.ask(step, messages, options=options)

    async def form(
        self,
        step: str,
        prompt: str,
        form: type[FormT],
        *,
        max_tokens: int,
        choices: Mapping[str, list[Any]] | None = None,
        refusal_is_reply: bool = False,
        **values: object,
    ) -> FormT:
        """Return the form a model filled in.

        Args:
            step: name of the step.
            prompt: name of the prompt file.
            form: what to fill in.
            max_tokens: longest reply; a reply that is cut counts as unusable.
            choices: allowed values of fields, where they depend on the data; ``tests.column`` names a field of the
                items of a list.
            refusal_is_reply: work can go on without an answer, so a refusal by the server is no failure of the run.
            values: what the prompt file needs.

        Raises:
            ModelOutputError: the reply was cut or does not fit the form.
            ModelDeclined: the server refused or filtered the reply, and ``refusal_is_reply``.
        """
        schema = inlined_schema(form)
        _restrict(schema, choices or {})
        reply = await self._models.ask(
            step,
            self.transcript(prompt, **values),
            response_format=ResponseFormat(name=prompt.replace("/", "_"), json_schema=schema),
            options=CallOptions(max_tokens=max_tokens, temperature=0),
            refusal_is_reply=refusal_is_reply,
        )
        if refusal_is_reply and reply.finish == "filtered":
            raise declined(reply)
        if reply.finish == "length":
            raise ModelOutputError(f"{step}: the reply was cut")
        try:
            return form.model_validate_json(reply.text)
        except ValidationError as error:
            raise ModelOutputError(f"{step}: the reply does not fit: {error.errors()[0]['msg']}") from error

    async def margin(self, step: str, prompt: str, **values: object) -> float:
        """Return how much likelier a model says yes than no, as a difference of log-probabilities.

        A server that gives no log-probabilities counts as certain of the word it wrote.
        """
        scores = await self._first_token(step, prompt, ("yes", "no"), values)
        return scores["yes"] - scores["no"]

    async def choose(self, step: str, prompt: str, options: tuple[str, ...], **values: object) -> dict[str, float]:
        """Return the log-probability of each option as the first word of the reply; options differ in their start."""
        return await self._first_token(step, prompt, options, values)

    async def _first_token(
        self, step: str, prompt: str, options: tuple[str, ...], values: Mapping[str, object]
    ) -> dict[str, float]:
        reply = await self._models.ask(
            step,
            self.transcript(prompt, **values),
            options=CallOptions(max_tokens=1, temperature=0, top_logprobs=20),
            role="verifier",
        )
        return option_scores(reply.first_token or (TokenChoice(token=reply.text, logprob=0.0),), options)


def option_scores(alternatives: Iterable[TokenChoice], options: Sequence[str]) -> dict[str, float]:
    """Return the best log-probability of each option among the alternatives of a first token, which may be its start.

    An option that is not among them gets ``MISSING``.
    """
    scores = dict.fromkeys(options, MISSING)
    for choice in alternatives:
        word = choice.token.strip().lower()
        for option in options:
            if word and option.startswith(word):
                scores[option] = max(scores[option], choice.logprob)
    return scores


def _restrict(schema: dict[str, Any], choices: Mapping[str, list[Any]]) -> None:
    for field, allowed in choices.items():
        target, name = schema, field
        if "." in field:
            outer, name = field.split(".")
            target = schema["properties"][outer]["items"]
        target["properties"][name] = {"enum": allowed}
