"""Which judges there are for what is at hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from agent.models.asking import Models
from agent.verification.chain.parts import Ranker
from agent.verification.chain.ports import Judge, Retriever, TextOf
from agent.verification.judges.arithmetic import ArithmeticJudge
from agent.verification.judges.code import CodeJudge
from agent.verification.judges.knowledge import KnowledgeJudge
from agent.verification.judges.margins import MarginJudge
from agent.verification.judges.model import ModelJudge
from agent.verification.judges.programs import RunProgram
from agent.verification.judges.tables import TableJudge
from agent.verification.knowledge.doubting import PlausibilityRanker
from agent.verification.knowledge.port import Knowledge
from agent.verification.retrieval.knowledge import KnowledgeRetriever


def deterministic_judges(
    *,
    bases: Sequence[str] = (),
    knowledge: Knowledge | None = None,
    run_program: RunProgram | None = None,
    text_of: TextOf | None = None,
    readings: Mapping[str, str] = MappingProxyType({}),
    reference: date | None = None,
) -> tuple[Judge, ...]:
    """Return the judges that need no model, besides those of wording.

    Args:
        bases: names of the knowledge bases that claims are looked up in.
        knowledge: asks them; None for no knowledge bases.
        run_program: runs programs in a sandbox; None where there is none, so that what programs do is not judged.
        text_of: gives the stored texts of sources; None where there are none, so that no tables are read.
        readings: SHA-256 of the input file that a tool result shows unchanged, by the id of the result.
        reference: the day that "today" means in what is checked.
    """
    judges: list[Judge] = [ArithmeticJudge(reference)]
    if knowledge is not None and bases:
        judges.append(KnowledgeJudge(bases, knowledge))
    if text_of is not None:
        judges.append(TableJudge(text_of, readings))
    if run_program is not None:
        judges.append(CodeJudge(run_program))
    return tuple(judges)


def model_judge(
    models: Models, *, limited: bool, weights: str = "", readings: Mapping[str, str] = MappingProxyType({})
) -> Judge:
    """Return the judge that asks the model in the verifier's role (tier T3).

    Args:
        models: models by role.
        limited: the verifier is a small model, which is judged by how likely its words were.
        weights: name of its weights, as its profile has it.
        readings: ids of tool results that show an unchanged input file.
    """
    if limited:
        return MarginJudge(models, weights=weights, readings=readings)
    return ModelJudge(models, readings=readings)


def knowledge_retrievers(bases: Sequence[str], knowledge: Knowledge | None) -> tuple[Retriever, ...]:
    """Return what finds triples for claims, which the judge of knowledge cites: one retriever, or none."""
    return (KnowledgeRetriever(bases, knowledge),) if knowledge is not None and bases else ()


def knowledge_ranker(bases: Sequence[str], knowledge: Knowledge | None) -> Ranker | None:
    """Return what puts the claims first that knowledge bases make least plausible (tier T2); None without any."""
    return PlausibilityRanker(bases, knowledge) if knowledge is not None and bases else None
