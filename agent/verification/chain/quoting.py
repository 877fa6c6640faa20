"""Putting the evidence's own sentence in the place of a failed one, without any model.

For small models and for none: nothing is written, so nothing can be invented. A sentence of a quote takes the place of
a failed one where it is the only one that says something of the same thing; else a refuted sentence is left out.
"""

from collections.abc import Mapping, Sequence

from agent.domain.claims import CheckedClaim
from agent.domain.evidence import Evidence, Quote
from agent.verification.chain.known import shown
from agent.verification.chain.new_sentence import body_of, problem_of
from agent.verification.chain.ports import Rethought
from agent.verification.chain.splicing import places_of_failed
from agent.verification.lexicon import ANAPHORS, CJK_ANAPHORS
from agent.verification.sentences import split_sentences
from agent.verification.words import Token, features, tokens

LEAST_SHARED = 1 / 3
"""Of the words of a claim and of a sentence together, numbers left out, those that both have where they say something
of the same thing."""


class QuotingRethinker:
    """Replaces failed sentences by sentences of the quotes that refute or limit them, and drops refuted ones.

    What a model alone refutes is never dropped.
    """

    async def rethink(
        self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
    ) -> Rethought:
        """Return the sentences of quotes that take the place of failed ones; there are no effects."""
        sentences: dict[str, str] = {}
        notes: list[str] = []
        for span, claims in places_of_failed(text, checked).items():
            old = text[span.start : span.end]
            lead, body = body_of(old)
            found = sorted({new for one in claims for new in _said_instead(one, body, evidence)})
            if len(found) == 1:
                sentences[old] = f"{lead}{found[0]}"
                notes.append(f"A sentence was replaced by what the evidence says: {shown(body)}")
            elif _is_certain(claims):
                sentences[old] = ""
                notes.append(
                    f"A refuted sentence was left out, since no single quote says what is right: {shown(body)}"
                )
        return Rethought(sentences=sentences, notes=tuple(notes))


def _is_certain(claims: Sequence[CheckedClaim]) -> bool:
    """Whether a claim is refuted by more than a model: a small one, which this is for, refutes many that are true."""
    return any(
        one.verdict == "contradicted" and judgement.verdict == "contradicted" and judgement.tier != "T3"
        for one in claims
        for judgement in one.judgements
    )


def _said_instead(one: CheckedClaim, old: str, evidence: Mapping[str, Evidence]) -> set[str]:
    """Return the sentences of the quotes that refute or limit a claim which say something of the same thing."""
    found: set[str] = set()
    for judgement in one.judgements:
        if one.verdict not in ("contradicted", "qualified") or judgement.verdict != one.verdict:
            continue
        for item in (evidence.get(name) for name in judgement.evidence):
            if isinstance(item, Quote):
                found.update(
                    sentence
                    for sentence in _sentences(item.text, judgement.quote)
                    if _is_of_the_same(sentence, one) and not problem_of(sentence, old)
                )
    return found


def _sentences(text: str, quoted: str) -> list[str]:
    """Return the sentences of a quote, on one line each; those that have what a judge quoted, where it quoted."""
    at = text.find(quoted) if quoted else -1
    spans = [(start, end) for start, end in split_sentences(text) if at < 0 or (start < at + len(quoted) and at < end)]
    return [" ".join(body_of(text[start:end]).text.split()) for start, end in spans]


def _is_of_the_same(sentence: str, one: CheckedClaim) -> bool:
    """Whether a sentence names what a claim is about, and has much of what it says besides numbers."""
    given = tokens(sentence)
    words = [token.text for token in given if token.kind in ("word", "cjk")]
    if not words or words[0] in ANAPHORS or words[0].startswith(CJK_ANAPHORS):
        return False
    said, stated = _words(given), _words(tokens(one.claim.text))
    about = [features(tokens(triple.subject)) for triple in one.claim.triples]
    if not about:
        first = next((token for token in tokens(one.claim.text) if features([token])), None)
        about = [features([first])] if first else []
    named = bool(about) and all(subject <= features(given) for subject in about)
    return named and len(said & stated) >= LEAST_SHARED * len(said | stated) > 0


def _words(items: Sequence[Token]) -> frozenset[str]:
    return features([token for token in items if token.kind != "number"])
