"""Sentences of documents as candidates for an answer."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.domain.base import Fact
from agent.domain.messages import ToolOutcome
from agent.execution.guided.outcomes import Withheld
from agent.execution.guided.words import content

SHOWN_SENTENCES = 8
SHOWN_CHARACTERS = 1800
"""How much a small model reads at once; more costs time and attention."""


class _Found(BaseModel):
    """A record of a search result; tools may add fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Sentence(_Found):
    """A sentence and its number in its document."""

    n: int
    text: str


class Passage(_Found):
    """Neighbouring sentences of a document."""

    document: str
    title: str = ""
    location: str = ""
    heading: str = ""
    sentences: tuple[Sentence, ...]

    @property
    def place(self) -> str:
        """Title and heading, which say what the sentences are about."""
        return self.title if self.heading in ("", self.title) else f"{self.title} > {self.heading}"


class _Results(_Found):
    passages: tuple[Passage, ...] = ()


class Candidate(Fact):
    """A sentence with what a reader must know to understand it: place, table header and the sentence before."""

    passage: Passage
    sentence: Sentence
    before: str = ""

    @property
    def context(self) -> str:
        """What stands around the sentence, without it."""
        return f"({self.passage.place}) {self.before}".strip()

    @property
    def text(self) -> str:
        """The sentence in its context, as a model reads it."""
        return f"{self.context} {self.sentence.text}"


def passages_of(outcome: ToolOutcome) -> tuple[Passage, ...]:
    """Return the passages of a search.

    Raises:
        Withheld: the search failed or its result has another shape.
    """
    if not outcome.ok:
        raise Withheld(f"the documents could not be searched: {outcome.text}")
    try:
        return _Results.model_validate(outcome.data).passages
    except ValidationError as error:
        raise Withheld("the search returned something that is no list of passages") from error


def candidates(question: str, passages: Iterable[Passage]) -> tuple[Candidate, ...]:
    """Return the sentences most likely to answer a question, in the order of the passages.

    A sentence ranks by the content words it shares with the question, then by what its title and heading share.
    """
    asked = set(content(question))
    found: dict[tuple[str, int], tuple[float, Candidate]] = {}
    for rank, passage in enumerate(passages):
        about = set(content(passage.place))
        for position, sentence in enumerate(passage.sentences):
            if _is_heading(sentence.text, passage):
                continue
            said = set(content(sentence.text))
            score = len(asked & said) + 0.5 * len((asked - said) & about) - 0.15 * rank
            candidate = Candidate(passage=passage, sentence=sentence, before=_before(passage, position))
            found.setdefault((passage.document, sentence.n), (score, candidate))
    best = sorted(found, key=lambda key: -found[key][0])[:SHOWN_SENTENCES]
    kept: list[tuple[str, int]] = []
    room = SHOWN_CHARACTERS
    for key in best:
        room -= len(found[key][1].sentence.text)
        if room >= 0 or not kept:
            kept.append(key)
    return tuple(found[key][1] for key in found if key in kept)


def numbered(items: Iterable[Candidate]) -> str:
    """Return candidates as numbered lines, with a line for each new place."""
    lines, place = [], ""
    for number, item in enumerate(items, 1):
        if item.passage.place != place:
            place = item.passage.place
            lines.append(f"({place})")
        lines.append(f"[{number}] {item.sentence.text}")
    return "\n".join(lines)


def _is_heading(text: str, passage: Passage) -> bool:
    bare = text.lstrip("#").strip()
    return text.startswith("#") or bare in (passage.heading, passage.title)


def _before(passage: Passage, position: int) -> str:
    """Return the header of the table a row belongs to, or the sentence before."""
    text = passage.sentences[position].text
    earlier = [sentence.text for sentence in passage.sentences[:position]]
    if text.startswith("|"):
        return next((line for line in earlier if line.startswith("|")), "")
    return "" if not earlier or _is_heading(earlier[-1], passage) else earlier[-1]
