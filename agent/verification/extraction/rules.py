"""Takes a text apart into claims by rules alone, without a model."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.domain.claims import Claim, ClaimKind, Statement
from agent.verification.chain.ports import Extraction
from agent.verification.extraction.kinds import asserted, has_number, is_attributed, kind_of, states
from agent.verification.extraction.passages import Passage, passages
from agent.verification.extraction.plain import evidence_marks
from agent.verification.extraction.programs import about_program
from agent.verification.extraction.splitting import split
from agent.verification.extraction.triples import row_triples, triples_of
from agent.verification.negation import unshared_scope

LONGEST_CLAIM = 2000
"""Characters of a claim; a longer one, such as one with a whole program, is not made."""

_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|will|can|could|may|must|became|won|wrote|made|[a-z]{3,}ed)\b"
    "|[是有在为於于了]"
)
_DOUBTED = re.compile(
    r"\b(?:myths?|misconceptions?|false|wrong|incorrect|untrue|hoax(?:es)?|rumou?rs?|lies|fallac(?:y|ies)|errors?|mistakes?"
    r"|fiction(?:al)?|hypothetical|alleg\w+|unverified|denied)\b|误区|误解|誤解|錯誤|错误|谣言|謠言|传说|虚构|不实",
    re.IGNORECASE,
)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


Made = tuple[ClaimKind, str, tuple[Statement, ...]]
"""Kind, text and triples of a claim."""


class RuleExtractor:
    """Takes the claims out of a text by rules (port ``Extractor``).

    Each sentence that states something is a claim in its own words, two where it surely says two things. It is taken
    into triples where one of a few patterns fits the whole of it, and otherwise not. Pronouns are left as they are.
    """

    async def extract(self, step: str, text: str) -> Extraction:
        """Return the claims of a text. It does nothing but compute, so there is no effect under the step."""
        return await asyncio.to_thread(extract_by_rules, text)


class Sentence(NamedTuple):
    """A sentence that states something, with the claims that rules make of it.

    Attributes:
        passage: where it stands.
        sentence: what stands there, word for word.
        said: its words without marks; those of a list item after what introduces them.
        claims: kind, text and triples of each claim.
    """

    passage: Passage
    sentence: str
    said: str
    claims: tuple[Made, ...]


def extract_by_rules(text: str) -> Extraction:
    """Return the claims of a text; see ``RuleExtractor``."""
    found = stating_sentences(text)
    uncovered = tuple(one.sentence for one in found if not one.claims)
    notes = (f"{len(uncovered)} sentences are too long to be checked.",) if uncovered else ()
    return Extraction(
        claims=numbered(claim for one in found for claim in claims_of(one)), uncovered=uncovered, notes=notes
    )


def claims_of(one: Sentence) -> Iterator[Claim]:
    """Yield the claims that rules make of a sentence, all with the id ``c``."""
    for kind, said, triples in one.claims:
        yield placed(one, said, kind, triples)


def placed(one: Sentence, said: str, kind: ClaimKind, triples: tuple[Statement, ...]) -> Claim:
    """Return a claim at the place of its sentence."""
    return Claim(
        id="c",
        text=said,
        evidence=evidence_marks(one.sentence),
        kind=kind,
        sentence="" if said == one.sentence else one.sentence,
        start=one.passage.start,
        end=one.passage.end,
        triples=triples,
    )


def numbered(claims: Iterator[Claim]) -> tuple[Claim, ...]:
    """Return claims with the ids ``c1``, ``c2`` and so on."""
    return tuple(claim.model_copy(update={"id": f"c{number}"}) for number, claim in enumerate(claims, 1))


def stating_sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text that state something, in order; headings mostly do not, programs never."""
    # a lone surrogate is no character and can be stored nowhere; the places stay the same
    text = text.translate(_SURROGATES) if re.search("[\ud800-\udfff]", text) else text
    return tuple(_stating(text, passages(text)))


def _stating(text: str, found: Sequence[Passage]) -> Iterator[Sentence]:
    leads: list[tuple[int, str]] = []
    title = ""
    for position, passage in enumerate(found):
        before = found[position - 1] if position else None
        after = found[position + 1] if position + 1 < len(found) else None
        sentence = text[passage.start : passage.end]
        if passage.role in ("program", "code", "header"):
            continue
        if passage.role == "heading":
            title, leads = passage.text, []
            if not (_FINITE.search(passage.text) and has_four_words(passage.text)):
                continue
        if passage.role == "item":
            while leads and leads[-1][0] >= passage.indent:
                leads.pop()
        elif passage.role == "prose":
            leads = []
        program = about_program(passage, before, after)
        introduces = passage.text.endswith((":", "\uff1a"))
        if (
            introduces
            and not program
            and after is not None
            and after.role in ("item", "row", "header", "program", "code")
        ):
            lead = _led(passage.text, leads) if passage.role == "item" else passage.text
            leads.append((passage.indent if passage.role == "item" else -1, lead))
            continue
        passage = passage._replace(text=asserted(passage.text))
        led = _led(passage.text, leads) if passage.role == "item" else passage.text
        if not (program or states(led)):
            continue
        said, claims = passage.text, list[Made]()
        if program:
            claims = [("code", program, ())]
        elif passage.role == "row":
            claims = [_of_row(passage)]
        elif passage.role == "quotation":
            # somebody else's words; who says them, rules do not know
            claims = [("citation", said, ())]
        else:
            said = _said(passage, leads, title)
            claims = list(_of_words(said, sentence))
        yield Sentence(passage, sentence, said, tuple(claim for claim in claims if len(claim[1]) <= LONGEST_CLAIM))


def _of_row(passage: Passage) -> Made:
    """Return the claim of a table's row: each cell with its column's name, as far as the table names its columns."""
    cells, header = passage.cells, passage.header
    if len(cells) != len(header) or len(cells) < 2:
        return kind_of(passage.text), passage.text, ()
    pairs = [f"{name} {cell}".strip() for name, cell in zip(header[1:], cells[1:], strict=True) if cell]
    said = f"{cells[0] or header[0]}: {'; '.join(pairs)}"
    return ("number" if has_number(" ".join(cells)) else "fact"), said, row_triples(header, cells)


def _said(passage: Passage, leads: Sequence[tuple[int, str]], title: str) -> str:
    """Return what a sentence says; a list item, after what introduces it and under a title that doubts it."""
    if passage.role != "item":
        return passage.text
    said = _led(passage.text, leads)
    return f"{title}: {said}" if _DOUBTED.search(title) else said


def _of_words(said: str, sentence: str) -> Iterator[Made]:
    kind = kind_of(said, sentence)
    for part in split(said) if kind in ("fact", "number") else (said,):
        part_kind: ClaimKind = ("number" if has_number(part) else "fact") if kind in ("fact", "number") else kind
        yield part_kind, part, triples_of(part) if part_kind in ("fact", "number", "citation") else ()


def _led(item: str, leads: Sequence[tuple[int, str]]) -> str:
    """Return a list item after the line that introduces its list, unless it is a sentence that line leaves alone."""
    lead = leads[-1][1] if leads else ""
    whole = _FINITE.search(item) is not None and has_four_words(item)
    if not lead or (whole and not (unshared_scope("", lead) or _DOUBTED.search(lead) or is_attributed(lead))):
        return item
    return f"{lead} {item}"


def has_four_words(text: str) -> bool:
    """Whether a text is long enough for a sentence: four words, or eight characters without spaces."""
    return len(text.split()) >= 4 or (not text.isascii() and len(text) >= 8)
