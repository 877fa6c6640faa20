"""What of an answer its claims say: a sentence that states something must have claims that say all of it."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from agent.domain.claims import Claim
from agent.verification.attachment import clause_tokens
from agent.verification.lexicon import CJK_STOP, INTRODUCING_WORDS, STOP_WORDS, TELLING_QUESTION
from agent.verification.negation import unshared_scope
from agent.verification.sentences import Span, split_sentences
from agent.verification.words import Token, features, stems, tokens

PAGE_MARK = r"\[(?:[\w-]+\.)+E\d+(?:\.\d+)?\]"
"""Pattern of the id of a page quote that stands in a text."""

_CITATION_MARK = re.compile(
    rf"\s?(?:\[[A-Za-z]{{0,2}}\d+(?:\s*[,\u2013-]\s*[A-Za-z]{{0,2}}\d+)*\]|\u3010\d+\u3011|{PAGE_MARK})"
)
_TABLE_HEAD = re.compile(r"\n[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*\|[-:| \t]*$")
_STATING_HEAD = re.compile(
    r"#{1,6}\s+(?!(?:what|how|why|when|where|who|whom|whose|which|whether|if)\b)(?:\S+\s+)+(?:is|are|was|were|has|had)\s+\S+\s+\S",
    re.IGNORECASE,
)
_FEWEST_WORDS = 2
_BORDER = "\0"


class Statements:
    """Texts by whose words alone it is shown what follows from them.

    Args:
        texts: the statements; they are told apart by their numbers, from 0.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)
        self._orders = tuple(_bordered(_order(tokens(text))) for text in texts)

    def cover(self, sentence: str, without: frozenset[int] = frozenset()) -> bool:
        """Whether one statement says a whole sentence, or statements say each of its clauses.

        Words must come in the same order, without words left out in between, and without words left out around them
        that deny or limit.

        Args:
            sentence: what is to follow.
            without: numbers of statements that are left out.
        """
        if any(number not in without for number in self._saying(sentence, tokens(sentence))):
            return True
        clauses = _clauses(sentence)
        # a clause of one word is a part of a list, which may say of one thing what is true of another
        return len(clauses) > 1 and all(
            len(features(clause)) >= _FEWEST_WORDS
            and any(
                number not in without and (not place or self._of_the_same(number, clause, _stems_of(clauses[:place])))
                for number in self._saying(_text(clause), clause)
            )
            for place, clause in enumerate(clauses)
        )

    def _of_the_same(self, number: int, clause: Sequence[Token], before: Collection[str]) -> bool:
        """Whether what a statement names before it says a later clause is named before that clause, or nothing is.

        "And demolished in 1909" says of the tower what "The palace was demolished in 1909" says of another building.
        """
        there = self._orders[number]
        named = there[: there.index(_bordered(_order(clause)))].split(_BORDER)
        return not any(named) or any(word in before for word in named if word)

    def saying(self, sentence: str) -> frozenset[int]:
        """Return the numbers of the statements that say a sentence or a clause of it."""
        clauses = [clause for clause in _clauses(sentence) if len(features(clause)) >= _FEWEST_WORDS]
        found = set(self._saying(sentence, tokens(sentence)))
        return frozenset(found.union(*(self._saying(_text(clause), clause) for clause in clauses)))

    def _saying(self, part: str, group: Sequence[Token]) -> Iterator[int]:
        """Yield the statements that have the content words of a part in one piece and nothing that limits it."""
        wanted = _bordered(_order(group))
        for number, there in enumerate(self._orders):
            if wanted in there and not unshared_scope(part, self._texts[number]):
                yield number


def uncovered_sentences(answer: str, claims: Iterable[Claim], goal: str = "") -> tuple[str, ...]:
    """Return the sentences of an answer that state something which no claim covers.

    A sentence is covered when each of its clauses is said by one claim, in the same order, without words left out in
    between, and without words left out around it that deny or limit. Lines that end in a colon, and headings that are
    no whole statements, are covered by the words of goal and claims together. Questions, and sentences of fewer than
    two content words, state nothing.
    """
    texts = [claim.text for claim in claims]
    statements = Statements(texts)
    said = words_of(goal, *texts) | frozenset(stems(sorted(INTRODUCING_WORDS)))
    plain = _CITATION_MARK.sub("", answer)
    sentences = (plain[start:end] for start, end in split_sentences(plain))
    return tuple(
        sentence
        for sentence in sentences
        if states(sentence)
        and not statements.cover(sentence)
        and not (introduces(sentence) and not _heads_statement(sentence) and features(tokens(sentence)) <= said)
    )


def stating_sentences(answer: str) -> tuple[Span, ...]:
    """Return where the sentences of an answer are that state something and do not only introduce what follows."""
    return tuple(
        span
        for span in split_sentences(answer)
        if states(plain := without_citations(answer[span.start : span.end]))
        and not introduces(plain)
        and not _TABLE_HEAD.search(plain)
    )


def without_citations(text: str) -> str:
    """Return a text without marks that cite, such as ``[3]``: their numbers are none of its own."""
    return _CITATION_MARK.sub("", text)


def words_of(*texts: str) -> frozenset[str]:
    """Return the content words and numbers of texts together, as they are compared."""
    return frozenset().union(*(features(tokens(text)) for text in texts))


def states(sentence: str) -> bool:
    """Whether a sentence states something: it is no mere question, and has two content words at least."""
    asks = not TELLING_QUESTION.match(sentence) and sentence.rstrip("\"'\u201d\u300d)*_").endswith(("?", "\uff1f"))
    return not asks and len(features(tokens(sentence))) >= _FEWEST_WORDS


def introduces(sentence: str) -> bool:
    """Whether a sentence only says what comes after it: a heading, or a line that ends in a colon."""
    return sentence.startswith("#") or sentence.rstrip("*_ ").endswith((":", "\uff1a"))


def _heads_statement(sentence: str) -> bool:
    """Whether a heading is a whole statement, whose words must stand in a claim as they stand in it."""
    return _STATING_HEAD.match(sentence) is not None


def _clauses(sentence: str) -> list[Sequence[Token]]:
    return [part for group in clause_tokens(sentence) for part in _split_at_and(group) if features(part)]


def _split_at_and(group: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for position, token in enumerate(group):
        if token.text == "and":
            yield group[start:position]
            start = position + 1
    yield group[start:]


def _text(group: Sequence[Token]) -> str:
    return " ".join(token.text for token in group)


def _stems_of(clauses: Iterable[Sequence[Token]]) -> frozenset[str]:
    return frozenset(word for clause in clauses for word in _order(clause))


def _bordered(words: Sequence[str]) -> str:
    return _BORDER + "".join(f"{word}{_BORDER}" for word in words)


def _order(items: Iterable[Token]) -> list[str]:
    """Return the stems, numbers and CJK characters of a text in order, without stop words."""
    found: list[str] = []
    for token in items:
        if token.kind == "cjk":
            found.extend(character for character in token.text if character not in CJK_STOP)
        elif token.kind == "number" or (token.kind == "word" and token.text not in STOP_WORDS):
            found.extend(stems([token.text]) if token.kind == "word" else [token.text])
    return found
