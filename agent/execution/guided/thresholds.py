"""How sure a model must be. Fitted for each model and each version of the prompts; everything else is deterministic."""

from types import MappingProxyType

from pydantic import Field

from agent.domain.base import Form
from agent.execution.guided.asking import PROMPT_VERSION


class Thresholds(Form):
    """Margins between yes and no, as differences of log-probabilities, that an answer needs.

    Attributes:
        answer: margin at which the judge believes an answer.
        rival: how far the answer's margin must be above that of any other value of the sentence.
        rival_in_other_clause: the same where a word of the question stands in the answer's clause alone.
        direction: how far the answer's margin must be above that of the reversed statement.
        exchanged: the same where two names of the question were exchanged.
        word: margin at which a word of the question counts as said in other words.
        paraphrased: margin of the judge needed where a word of the question is said in other words only.
        soft_words: how many words of the question may be said in other words.
    """

    answer: float = 1.0
    rival: float = 1.0
    rival_in_other_clause: float = 0.0
    direction: float = 1.0
    exchanged: float = 0.5
    word: float = 1.0
    paraphrased: float = 1.5
    soft_words: int = Field(default=3, ge=0)


_FITTED = MappingProxyType(
    {
        ("qwen2.5-coder-1.5b", "1"): Thresholds(
            answer=0.4, rival=0.3, rival_in_other_clause=-0.3, direction=1.0, exchanged=0.25, word=1.0, paraphrased=1.2
        ),
    }
)


def thresholds_for(model: str) -> Thresholds:
    """Return the thresholds fitted for a model, by the start of its name, or cautious ones for any other."""
    for (name, version), fitted in _FITTED.items():
        if version == PROMPT_VERSION and model.lower().startswith(name):
            return fitted
    return Thresholds()
