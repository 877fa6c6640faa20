"""Puts questions to a model in each of the ways to ask."""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from agent.domain.asking import AskMode
from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.errors import ModelOutputError, ModelRefused, ModelUnavailable
from agent.models.alone import ModelAlone
from agent.models.counting import CountedModels
from agent.models.port import ChatModel
from agent.verification.knowledge.port import KnowledgeFiles
from agent.verification.reasoning.answers import same_answer
from agent.verification.reasoning.exemplars import Exemplar
from agent.verification.reasoning.verifying import Asking, ask
from evals.reasoning.questions import Labelled


class Tried(Fact):
    """What a model answered to a question in one way.

    Attributes:
        answer: empty where it gave none.
        failure: why it gave none.
        accepted: whether verification accepted it; None where the way has none.
        rounds: how often it was answered.
        changed: whether the answer that was kept is another one than the first.
    """

    labelled: Labelled
    mode: AskMode
    answer: str
    right: bool
    usage: Usage
    seconds: float
    failure: str = ""
    accepted: bool | None = None
    rounds: int = 1
    changed: bool = False


async def try_all(
    questions: Sequence[Labelled],
    modes: Sequence[AskMode],
    model: ChatModel,
    exemplars: Sequence[Exemplar],
    *,
    bases: Sequence[str] = (),
    home: Path,
    told: Callable[[Tried], None],
) -> list[Tried]:
    """Put each question in each way, and return what came of it.

    Args:
        questions: in order.
        modes: in order.
        model: who answers.
        exemplars: shown in all ways alike.
        bases: knowledge bases for verification.
        home: the data folder, where these are.
        told: hears of each answer.
    """
    tried = []
    async with KnowledgeFiles(home) as knowledge:
        # way by way, so that a server need not read the same exemplars again for each question
        for mode in modes:
            for labelled in questions:
                models = CountedModels(ModelAlone(model))
                given = Asking(models, limited=model.profile.limited, bases=bases, knowledge=knowledge)
                tried.append(await _tried(labelled, mode, exemplars, given, models))
                told(tried[-1])
    return tried


async def _tried(
    labelled: Labelled, mode: AskMode, exemplars: Sequence[Exemplar], given: Asking, models: CountedModels
) -> Tried:
    began = perf_counter()
    try:
        answered = await ask(f"{labelled.id}/{mode}", labelled.question, mode, exemplars, given)
    except (ModelOutputError, ModelRefused, ModelUnavailable) as error:
        return Tried(
            labelled=labelled,
            mode=mode,
            answer="",
            right=False,
            usage=models.usage,
            seconds=perf_counter() - began,
            failure=" ".join(str(error).split())[:300],
        )
    checking = answered.checking
    answer = answered.reasoning.answer
    return Tried(
        labelled=labelled,
        mode=mode,
        answer=answer,
        right=same_answer(labelled.question.kind, answer, labelled.answer),
        usage=models.usage,
        seconds=perf_counter() - began,
        accepted=None if checking is None else answered.accepted,
        rounds=1 if checking is None else len(checking.rounds),
        changed=checking is not None and not checking.rounds[0].answer.endswith(f"The answer is {answer}."),
    )
