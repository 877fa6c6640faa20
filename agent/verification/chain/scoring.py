"""F² of an answer: whether what it says is true, and whether it follows from what was shown to be true.

The idea is that of Chain-of-Knowledge (Wang et al., arXiv 2306.06427), which measures faithfulness by similarity. That
says nothing about truth, so here a sentence follows from accepted claims where their words say all of it, or where a
model that sees nothing but them says so and does not say it without them.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from agent.domain.claims import ChainScore, CheckedClaim, Claim, Judgement
from agent.models.together import together
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.deciding import DECIDED
from agent.verification.chain.following import Followed, Following, Sentence
from agent.verification.chain.parts import Entails
from agent.verification.chain.splicing import place_of
from agent.verification.covering import Statements, stating_sentences, without_citations
from agent.verification.extraction.plain import plain, without_marker, without_quoting
from agent.verification.sentences import Span

QUALIFIED = 0.5
"""What a qualified claim counts towards factuality: it holds, with a limit that it leaves out."""
FOLLOWS = "follows"
"""Under this name it is listed that a claim follows from others."""
_VALUES = {"supported": 1.0, "qualified": QUALIFIED, "contradicted": 0.0}
_LISTED = 100


async def score_answer(
    step: str,
    answer: str,
    claims: Sequence[CheckedClaim],
    config: CheckingConfig,
    *,
    uncovered: Sequence[str] = (),
    entails: Entails | None = None,
    allowance: Callable[[], bool] = lambda: True,
) -> tuple[ChainScore, tuple[CheckedClaim, ...]]:
    """Return F² of an answer, and its claims, of which those are supported now that follow from others.

    A claim that cites nothing and that nothing has decided is supported where all of its sentence follows.

    Args:
        step: begins the names of the calls of ``entails``.
        answer: the answer.
        claims: its claims with their verdicts.
        config: weights, and how much is done at the same time.
        uncovered: sentences from which the extractor took no claim although they state something.
        entails: a model that says what follows; it is asked where words alone do not show it.
        allowance: whether it may still be asked.
    """
    checkable = [one for one in claims if one.claim.kind != "opinion"]
    accepted = [one.claim for one in checkable if one.verdict == "supported"]
    following, sentences, followed = await asyncio.to_thread(_examined, answer, claims, accepted, frozenset(uncovered))
    pairs = enumerate(zip(sentences, followed, strict=True))
    rest = [number for number, (sentence, found) in pairs if not found.follows and not sentence.failed]
    for at in range(0, len(rest), config.parallel):
        if entails is None or not allowance():
            break
        some = rest[at : at + config.parallel]
        said = await together(following.by_model(f"{step}/{number}", sentences[number], entails) for number in some)
        for number, found in zip(some, said, strict=True):
            followed[number] = found
    settled = _settled(claims, accepted, zip(sentences, followed, strict=True))
    decided = [one for one in settled if one.claim.kind != "opinion" and one.verdict in DECIDED]
    factuality = factuality_of(decided)
    bare = [one.text for one in sentences if one.bare]
    unfounded = [one.text for one, found in zip(sentences, followed, strict=True) if not found.follows]
    faithfulness = 1 - len(unfounded) / len(sentences) if sentences else None
    used = frozenset[int]().union(*(found.needed for found in followed))
    score = ChainScore(
        factuality=factuality,
        faithfulness=faithfulness,
        coverage=1 - len(bare) / len(sentences) if sentences else 1.0,
        gamma=config.gamma,
        threshold=config.threshold,
        score=blended(factuality, faithfulness, config),
        checked=len(decided),
        claims=len(checkable),
        uncovered=tuple(bare[:_LISTED]),
        unfounded=tuple(unfounded[:_LISTED]),
        unused=tuple(claim.id for number, claim in enumerate(accepted) if number not in used),
    )
    return score, settled


def _settled(
    claims: Sequence[CheckedClaim], accepted: Sequence[Claim], found: Iterable[tuple[Sentence, Followed]]
) -> tuple[CheckedClaim, ...]:
    """Return the claims with the verdicts of those that follow from accepted ones."""
    said: dict[str, Judgement] = {}
    for sentence, followed in found:
        if not followed.follows or not sentence.open:
            continue
        basis = [claim for number, claim in enumerate(accepted) if number in followed.needed] or accepted
        given = Judgement(
            judge=FOLLOWS,
            tier="T3" if followed.model else "T1",
            verdict="supported",
            detail=f"it follows from {', '.join(claim.id for claim in basis)[:200]}",
            evidence=tuple(dict.fromkeys(name for claim in basis for name in claim.evidence)),
        )
        said.update(dict.fromkeys(sentence.open, given))
    return tuple(
        one.model_copy(update={"verdict": "supported", "judgements": (*one.judgements, said[one.claim.id])})
        if one.claim.id in said
        else one
        for one in claims
    )


def blended(factuality: float, faithfulness: float | None, config: CheckingConfig) -> float:
    """Return F² of its two parts; factuality alone where faithfulness was not examined."""
    blend = factuality if faithfulness is None else config.gamma * factuality + (1 - config.gamma) * faithfulness
    return min(max(blend, 0.0), 1.0)


def factuality_of(decided: Sequence[CheckedClaim]) -> float:
    """Return the mean over what was decided: claims, or triples of claims that were judged triple by triple.

    What is supported counts 1, what is qualified ``QUALIFIED``, what is contradicted 0; 1 where nothing was decided. Of
    a triple that judges disagree about the worst counts.
    """
    values = [value for one in decided for value in _values(one)]
    return sum(values) / len(values) if values else 1.0


def _values(one: CheckedClaim) -> list[float]:
    said = [judgement for judgement in one.judgements if judgement.tier != "T2" and judgement.verdict in DECIDED]
    triples = sorted({judgement.triple for judgement in said if judgement.triple is not None})
    if not triples or any(judgement.triple is None for judgement in said):
        return [_VALUES[one.verdict]]
    return [min(_VALUES[judgement.verdict] for judgement in said if judgement.triple == triple) for triple in triples]


def _examined(
    answer: str, claims: Sequence[CheckedClaim], accepted: Sequence[Claim], uncovered: frozenset[str]
) -> tuple[Following, list[Sentence], list[Followed]]:
    """Say of each sentence whether words show that it follows."""
    following = Following([claim.text for claim in accepted])
    sentences = _sentences(answer, claims, accepted, uncovered)
    return following, sentences, [following.by_words(one) for one in sentences]


def _sentences(
    answer: str,
    claims: Sequence[CheckedClaim],
    accepted: Sequence[Claim],
    uncovered: frozenset[str],
) -> list[Sentence]:
    """Return the sentences of an answer that state something which is no opinion."""
    spans = stating_sentences(answer)
    homes = _homes(answer, spans, claims)
    numbers = {claim.id: number for number, claim in enumerate(accepted)}
    lonely = any(not own for own in homes)
    said_by_any = Statements([one.claim.text for one in claims if lonely and one.claim.kind != "opinion"])
    found = []
    for span, own in zip(spans, homes, strict=True):
        if own and all(one.claim.kind == "opinion" for one in own):
            continue
        text = answer[span.start : span.end]
        read = _as_read(text)
        taken = frozenset(numbers[one.claim.id] for one in own if one.claim.id in numbers)
        checkable = [one for one in own if one.claim.kind != "opinion"]
        open_claims = tuple(
            one.claim.id for one in checkable if not one.claim.evidence and one.verdict in ("unverifiable", "not_found")
        )
        found.append(
            Sentence(
                text=text,
                plain=read,
                own=taken,
                whole=bool(own) and len(taken) == len(checkable) == len(own) and text not in uncovered,
                bare=text in uncovered or not (checkable or said_by_any.cover(read)),
                open=open_claims,
                failed=len(taken) + len(open_claims) < len(checkable),
            )
        )
    return found


def _as_read(sentence: str) -> str:
    """Return a sentence without what a reader does not take for a part of it: markers, emphasis, citations."""
    return without_citations(plain(without_marker(without_quoting(sentence))))


def _homes(answer: str, spans: Sequence[Span], claims: Sequence[CheckedClaim]) -> list[list[CheckedClaim]]:
    """Return for each sentence the claims that were taken from it; a claim may have a part in several."""
    homes: list[list[CheckedClaim]] = [[] for _ in spans]
    ends = [span.end for span in spans]
    for one in claims:
        place = place_of(answer, one.claim)
        at = len(spans) if place is None else bisect_right(ends, place.start)
        while place is not None and at < len(spans) and spans[at].start < place.end:
            homes[at].append(one)
            at += 1
    return homes
