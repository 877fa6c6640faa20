"""What knowledge bases are asked and what they answer."""

from collections.abc import Mapping
from typing import Literal

from agent.domain.base import Fact
from agent.domain.claims import Verdict

Linking = Literal["exact", "word order", "own label", "similar", "ambiguous", "wrong type", "unknown"]
"""How a name was found. ``own label``: it is the label of one thing and merely an alias of others, which is enough to
find a triple and not to contradict one. From ``similar`` on, linking abstains."""
Known = Literal["declared", "learnt", ""]


class Held(Fact):
    """A triple of a knowledge base, with the file and the line, counted from 1, that it came from first."""

    subject: str
    relation: str
    object: str
    qualifiers: Mapping[str, str] = {}
    file: str
    file_sha256: str
    line: int


class Link(Fact):
    """What a name stands for; ``candidates`` are labels to choose from where it is not clear.

    Attributes:
        entity: the entity's number; None where linking abstains.
    """

    text: str
    how: Linking
    entity: int | None = None
    label: str = ""
    candidates: tuple[str, ...] = ()


class TripleVerdict(Fact):
    """What a knowledge base says of a statement, with the triples this rests on."""

    verdict: Verdict
    reason: str
    triples: tuple[Held, ...] = ()
    subject: Link | None = None
    object: Link | None = None


class Surroundings(Fact):
    """What a knowledge base holds about one thing, the most relevant first.

    Attributes:
        subject: how the thing was linked; None where nothing was asked.
        failure: why the knowledge base could not be asked; empty where it could.
    """

    subject: Link | None = None
    triples: tuple[Held, ...] = ()
    failure: str = ""


class Plausibilities(Fact):
    """How plausible statements are by what was learnt from a knowledge base, which proves nothing.

    Attributes:
        scores: one for each statement: mean log-probability of object and subject, at most 0; None where a name is not
            known for certain, the statement is a denial, or nothing was learnt.
        failure: why what was learnt could not be used; empty where it was, and where nothing was ever learnt.
    """

    scores: tuple[float | None, ...]
    failure: str = ""


class BadLine(Fact):
    """A line that was left out. Lines count from 1."""

    file: str
    line: int
    reason: str


class Conflict(Fact):
    """Several objects of one subject under a relation that has one, with equal qualifiers."""

    subject: str
    relation: str
    objects: tuple[str, ...]


class Loaded(Fact):
    """What loading a file brought.

    Attributes:
        duplicates: triples that were there already.
        names: aliases that were new.
        bad: lines that were left out; ``bad_lines`` shows the first of them.
        conflicts: the first conflicts of the whole knowledge base; ``conflict_count`` is how many there are.
        learnt: what the data taught about relations, as ``relation: functional``.
    """

    triples: int
    duplicates: int
    names: int
    bad: int
    bad_lines: tuple[BadLine, ...]
    conflict_count: int
    conflicts: tuple[Conflict, ...]
    learnt: tuple[str, ...] = ()


class Exported(Fact):
    """What was written: triples, and lines with names and declarations. ``left_out``: triples with qualifiers."""

    triples: int
    lines: int
    left_out: int


class RelationFacts(Fact):
    """What is known about a relation: how many triples, and whether it is functional or symmetric or has an inverse."""

    name: str
    triples: int
    functional: Known
    symmetric: Known
    inverse: str = ""


class KnowledgeStats(Fact):
    """How much a knowledge base holds; ``size`` is that of its file in bytes."""

    triples: int
    entities: int
    names: int
    relations: tuple[RelationFacts, ...]
    size: int
