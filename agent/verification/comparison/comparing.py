"""Compares one claim with one text, without any model.

The claim is aligned with each sentence that shares words with it. It is supported where one sentence says all of it in
its order, and what the claim leaves out of that sentence neither denies, limits nor attributes it; it is contradicted
where everything else is aligned and one thing differs that cannot be both. Everything else is left to others.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent.verification.comparison.alignment import Alignment, align, matched, weight
from agent.verification.comparison.amounts import Amount
from agent.verification.comparison.differing import contrary, limited
from agent.verification.comparison.dropping import UNDOING, is_limit, left_out_problem, scope_words, tells_past
from agent.verification.comparison.elsewhere import loose_value, loose_words, repeatable
from agent.verification.comparison.identity import is_about_another
from agent.verification.comparison.items import MOST_ITEMS, Item, fold, is_participle, lemmas, read_items
from agent.verification.comparison.outcome import Comparison
from agent.verification.comparison.readings import (
    Items,
    active,
    clauses,
    conceded,
    date_last,
    is_past,
    is_verb,
    moved,
    orders,
    remarked,
)
from agent.verification.comparison.referring import with_subject
from agent.verification.comparison.roles import exchanged_roles
from agent.verification.lexicon import ANAPHORS
from agent.verification.restatement import restates
from agent.verification.sentences import split_sentences

LONGEST_CLAIM = 1_000
"""Characters of a claim that is compared."""
LONGEST_TEXT = 50_000
"""Characters of a text that a claim is compared with."""
_CLOSEST = 3
"""Sentences of a text that a claim is aligned with: those that share most of its words."""
_FEWEST_WORDS = 2
_IGNORED = frozenset({"that"})
_CJK_PRONOUNS = frozenset("他她它其")
_TAKEN_BACK = re.compile(
    r"^(?:but |however,? )?(?:(?:this|that|it|which|these|those|all of (?:this|it))\b.{0,40}\b(?:false|wrong|untrue"
    r"|incorrect|myth|hoax|not true|not correct|not the case|misconception|mistake|mistaken|error|lie|joke"
    r"|never happened|refuted|disproved|debunked|fabricated|fabrication|invented|made up|fake|fiction|satire|parody"
    r"|retracted|rumou?r|alleged(?:ly)?|disputed|unconfirmed|unproven|denied)\b"
    r"|the (?:\w+ ){1,2}(?:is|was|were|has been|turned out to be) (?:later )?(?:void|invalid|annulled|overturned"
    r"|reversed|retracted|withdrawn|fabricated|invented|untrue|false)\b"
    r"|(?:this|that) (?:is|was) (?:at least )?(?:what|how|the (?:claim|view|version|story|legend))\b"
    r"|(?:none|nothing|little|not (?:all|much|a word)) of (?:this|that|it|which)\b.{0,20}\b(?:true|happened|correct"
    r"|real|accurate|so|proven|confirmed)\b)",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(
    r"\b(?:false|wrong|untrue|incorrect|myths?|hoax|misconceptions?|mistakes?|errors?|claims?|rumou?rs?|legends?|story"
    r"|allegations?|fiction|said|says|wrote|argued|plans?|questions?|examples? of bad)\b[^.]*:\s*$"
    r"|^(?:the following|what follows|the next (?:\w+ )?(?:sentence|statement|paragraph))\b[^.]{0,40}\b(?:fiction"
    r"|fictional|false|untrue|invented|made up|wrong|a joke|satire|a myth|hypothetical|not true)\b",
    re.IGNORECASE,
)


_REMARK = re.compile(r"[(\[]([^()\[\]]{1,200})[)\]]")
_NARROWING_REMARK = re.compile(
    r"\s*(?:in|with|for|among|under|within|as|on|by|when|only|together|including|counting|citation needed|\d+ of)\b"
    r"|.*\b(?:disputed|dubious|returned|reversed|withdrawn|retracted|refut\w+)\b",
    re.IGNORECASE,
)
_ONE_WORD_QUOTED = re.compile(r"[\"\u201c\u2018']([a-z]{3,40})[\"\u201d\u2019'](?!\w)")
_OWN_DAY = re.compile(
    r"\b(?:yesterday|today|tomorrow|tonight)\b|(?<!the )\b(?:last|next|this) (?:night|week|weekend|month|year|decade"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|spring|summer|autumn|winter)\b(?! of\b)"
    r"|\b(?:years?|months?|weeks?|days?|hours?|minutes?) ago\b"
    r"|昨天|今天|明天|去年|今年|明年|前年|[上下本]个?月|[上下本]周",
    re.IGNORECASE,
)
"""Words for a time that depends on the day on which they are written."""


def compare(claim: str, evidence: str) -> Comparison:
    """Say what a text says about a claim.

    Args:
        claim: one statement that stands for itself.
        evidence: the text, trusted or not; it is only read.

    Returns:
        the verdict with its reason; ``unverifiable`` for what is too long to compare or is no statement.
    """
    if len(claim) > LONGEST_CLAIM or len(evidence) > LONGEST_TEXT:
        return Comparison(verdict="unverifiable", detail="too long to be compared word by word")
    wanted = read_items(claim.strip())
    if problem := _unusable(claim, wanted):
        return Comparison(verdict="unverifiable", detail=problem)
    spans = split_sentences(evidence)
    sentences = [evidence[start:end] for start, end in spans]
    shares = [_share(wanted, read_items(sentence)) for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda index: (-shares[index], index))[:_CLOSEST]
    everything = tuple(item for index in order for item in read_items(sentences[index])) if order else ()
    outcomes = []
    for index in order:
        if not shares[index] or len(read_items(sentences[index])) > MOST_ITEMS:
            continue
        found = _with_sentence(claim, wanted, sentences, index, everything)
        if found:
            found = _dated(found, _OWN_DAY.search(claim), _OWN_DAY.search(sentences[index]))
        if found:
            outcomes.append(found.model_copy(update={"sentence": sentences[index]}))
    return _decided(outcomes) or _undecided(wanted, sentences, shares)


def _unusable(claim: str, wanted: Items) -> str:
    content = [item for item in wanted if item.kind != "mark" and weight(item)]
    if len(content) < _FEWEST_WORDS or len(wanted) > MOST_ITEMS:
        return "the claim has too few words, or too many, to be compared"
    if claim.rstrip("\"'\u201d) ").endswith(("?", "\uff1f")):
        return "the claim is a question"
    first = next(item for item in wanted if item.kind != "mark")
    opening = [item.key for item in wanted if item.kind != "mark"][:2]
    if opening[0] == "there" and opening[1] in ("is", "are", "was", "were"):
        return ""
    if (first.key in ANAPHORS and opening != ["one", "of"]) or first.key in _CJK_PRONOUNS:
        return f"the claim begins with {first.text!r}: name what it is about"
    return ""


def _share(wanted: Items, sentence: Items) -> float:
    """Return the share of a claim's words that a sentence has; another number or date counts half."""
    forms, kinds = _forms(sentence)
    content = [item for item in wanted if weight(item) and item.kind != "mark"]
    hits = 0.0
    for item in content:
        if not forms.isdisjoint(lemmas(item.key)):
            hits += 1
        elif item.kind in kinds:
            hits += 0.5
    return hits / len(content)


@lru_cache(maxsize=512)
def _forms(sentence: Items) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a sentence with what they are forms of, and whether it has numbers and dates."""
    words = frozenset(form for item in sentence if weight(item) for form in lemmas(item.key))
    return words, frozenset(item.kind for item in sentence) & {"number", "date"}


def _with_sentence(
    claim: str, wanted: Items, sentences: Sequence[str], index: int, everything: Items
) -> Comparison | None:
    sentence = read_items(sentences[index])
    doubted = _doubted(sentences, index)
    versions = list(_versions(sentence, with_subject(wanted, sentences, index)))
    if not doubted:
        if _same_words(claim, wanted, sentences[index]):
            return Comparison(verdict="supported", detail="the evidence says it in the same words")
        if not _remarked_upon(claim, sentences[index]) and (found := _supported(wanted, versions, sentences[index])):
            return found
    found = None if doubted else _otherwise(wanted, versions, everything)
    another = found is not None and found.verdict == "contradicted" and is_about_another(wanted, sentence)
    return None if another else found


def _same_words(claim: str, wanted: Items, sentence: str) -> bool:
    restated = restates(claim, sentence).passed is True and not _differs(wanted, read_items(sentence))
    return restated and not _remarked_upon(claim, sentence)


def _remarked_upon(claim: str, sentence: str) -> bool:
    """Whether a bracket of a sentence narrows it, or doubts it, or its quotation marks do."""
    return _in_irony(claim, sentence) or any(
        found[0] not in claim and _NARROWING_REMARK.match(found[1]) and not re.search(r"\d{4}", found[1])
        for found in _REMARK.finditer(sentence)
    )


def _in_irony(claim: str, sentence: str) -> bool:
    """Whether a sentence has a past form in quotation marks of its own that the claim says without them: "repaired"."""
    quoted = (fold(match[1]).lower() for match in _ONE_WORD_QUOTED.finditer(sentence))
    plain = {item.key for item in read_items(claim)} if not _ONE_WORD_QUOTED.search(claim) else frozenset()
    return any(word in plain and is_participle(word) for word in quoted)


def _dated(found: Comparison, mine: re.Match[str] | None, other: re.Match[str] | None) -> Comparison | None:
    """Return what a sentence says about a claim where one of them names a time that only its own date tells."""
    if found.verdict == "contradicted" and (mine or other):
        return None
    if found.verdict == "supported" and mine:
        detail = f"{found.detail}; which time {mine[0]!r} means is not known"
        return Comparison(verdict="qualified", detail=detail)
    return found


def _differs(wanted: Items, sentence: Items) -> bool:
    """Whether two statements of the same words in other letters name different things, such as two options."""
    technical = {item.key for item in wanted if item.key[:1] in "-/~."}
    if technical - {item.key for item in sentence}:
        return True
    return any(
        not any(matched(item, other) == "same" for other in sentence if other.kind != "mark")
        for item in wanted
        if isinstance(item.value, Amount)
    )


def _versions(sentence: Items, named: Items | None) -> Iterator[Items]:
    """Yield a sentence, it with its pronoun named, in the active voice, and its clauses."""
    for whole in (sentence, named):
        if whole is None:
            continue
        yield whole
        parts = [*clauses(whole), *remarked(whole), *conceded(whole)]
        yield from parts
        for part in (whole, *parts):
            yield from active(part)
            for turn in (date_last, moved):
                if (turned := turn(part)) is not None:
                    yield turned


def _supported(wanted: Items, versions: Sequence[Items], printed: str) -> Comparison | None:
    for stated in _forms_of(wanted):
        for version in versions:
            if not _enough(stated, version):
                continue
            aligned = align(stated, version, differing=False)
            if aligned.pairs and not _problem(aligned, versions[0]):
                quoted = printed.lstrip().startswith(('"', "\u201c")) and not any(item.key == '"' for item in wanted)
                return (
                    None if quoted else Comparison(verdict="supported", detail="the evidence says it in one sentence")
                )
    return None


def _forms_of(wanted: Items) -> list[Items]:
    """Return the ways to say a claim that mean the same."""
    return list(dict.fromkeys(form for voice in (wanted, *active(wanted)) for form in orders(voice)))


def _enough(stated: Items, version: Items) -> bool:
    """Whether a version has every word of a claim at all, which is cheap to see."""
    return all(
        any(matched(item, other) == "same" for other in version if other.kind != "mark")
        for item in stated
        if item.kind != "mark" and weight(item)
    )


def _problem(aligned: Alignment, whole: Items) -> str:
    """Return why a sentence does not say all of a claim, or says less; empty where it says it."""
    added = [aligned.claim[index] for index in aligned.added]
    if extra := [item.text for item in added if item.key not in _IGNORED]:
        return f"not in the text: {', '.join(extra)}"
    for mine, other, _ in aligned.pairs:
        if {aligned.claim[mine].key, aligned.sentence[other].key} in ({"is", "was"}, {"are", "were"}, {"is", "were"}):
            return "the text tells of another time"
        if {aligned.claim[mine].key, aligned.sentence[other].key} in ({"has", "had"}, {"have", "had"}):
            return "the text tells of another time"
        if _is_present(aligned.claim[mine]) and is_past(aligned.sentence[other]):
            return "the text tells of the past"
    first, last = aligned.pairs[0][1], aligned.pairs[-1][1]
    past = tells_past(aligned.sentence[first : last + 1])
    for start, end in aligned.gaps():
        if problem := left_out_problem(aligned.sentence, start, end, first=first, last=last, past=past):
            return problem
    if any(item.key == "?" for item in aligned.sentence):
        return "the text asks"
    return _lost(aligned, whole)


def _is_present(item: Item) -> bool:
    """Whether a word may be a verb in the present: "sells" does not follow from "sold"."""
    return item.kind == "word" and item.key.endswith("s") and not is_participle(item.key)


def _lost(aligned: Alignment, whole: Items) -> str:
    """Return what attributes, doubts or supposes the whole sentence, of which the aligned version is a part."""
    said = {item.key for item in aligned.claim}
    first_verb = next((at for at, item in enumerate(whole) if is_verb(item)), 0)
    opening = [item.key for item in whole[:first_verb]]
    here = {item.key for item in aligned.sentence}
    outside = [word for word in scope_words(whole) if word not in said and word not in here]
    telling = [word for word in outside if word in ("if", "unless", "?", "whether") or word in opening]
    telling += [item.key for item in whole if item.key in UNDOING and item.key not in said]
    return f"the text says {telling[0]!r}" if telling else ""


def _otherwise(wanted: Items, versions: Sequence[Items], everything: Items) -> Comparison | None:
    """Return what a sentence says otherwise than a claim."""
    qualified: Comparison | None = None
    elsewhere: Comparison | None = None
    repeats = repeatable(wanted)
    for stated in _forms_of(wanted):
        for version in versions:
            aligned = align(stated, version, differing=True)
            if not aligned.pairs:
                continue
            found = contrary(aligned, everything, repeats=repeats)
            if found and found.verdict == "contradicted":
                return found
            elsewhere = elsewhere or found
            qualified = qualified or limited(aligned) or _merely_limited(aligned)
    for version in versions:
        found = loose_value(wanted, version, everything) or loose_words(wanted, version)
        mine = next(iter(active(wanted)), wanted)
        there = next(iter(active(version)), version)
        if found := found or exchanged_roles(mine, there):
            return found
    return qualified or elsewhere


def _merely_limited(aligned: Alignment) -> Comparison | None:
    """Return that a sentence says all of a claim, but for words that limit it."""
    if any(aligned.claim[index].key not in _IGNORED for index in aligned.added):
        return None
    if any(match != "same" for *_, match in aligned.pairs):
        return None
    first, last = aligned.pairs[0][1], aligned.pairs[-1][1]
    limits: list[str] = []
    for start, end in aligned.gaps():
        run = aligned.sentence[start:end]
        scope = scope_words(run)
        content = [item for item in run if weight(item) and item.kind != "mark" and item.key not in scope]
        past = tells_past(aligned.sentence)
        if scope and (start <= last) and len(content) <= (3 if end <= first else 0):
            limits.extend(scope)
        elif left_out_problem(aligned.sentence, start, end, first=first, last=last, past=past):
            return None
    if not is_limit(limits):
        return None
    return Comparison(verdict="qualified", detail=f"the evidence says {limits[0]!r}, the claim does not")


def _doubted(sentences: Sequence[str], index: int) -> bool:
    """Whether a neighbouring sentence takes back what a sentence says, or introduces it as what somebody claims."""
    following = sentences[index + 1] if index + 1 < len(sentences) else ""
    return takes_back(following) or any(
        _INTRODUCES.search(sentence.strip()) for sentence in sentences[max(0, index - 6) : index]
    )


def takes_back(sentence: str) -> bool:
    """Whether a sentence, or the beginning of one, takes back what stands before it: "None of this is true"."""
    return bool(_TAKEN_BACK.search(sentence.strip()))


def _decided(outcomes: Sequence[Comparison]) -> Comparison | None:
    """Return the outcome of all sentences together: two that disagree prove nothing."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if {"supported", "contradicted"} <= verdicts:
        against = next(outcome for outcome in outcomes if outcome.verdict == "contradicted")
        support = next(outcome for outcome in outcomes if outcome.verdict == "supported")
        if support.detail == "the evidence says it in the same words":
            return support
        return Comparison(verdict="unverifiable", detail=f"one sentence says it, another not: {against.detail}")
    for verdict in ("supported", "contradicted", "qualified", "not_found"):
        for outcome in outcomes:
            if outcome.verdict == verdict:
                return outcome
    return None


def _undecided(wanted: Items, sentences: Sequence[str], shares: Sequence[float]) -> Comparison:
    best = max(shares, default=0.0)
    if best < 1 / 3:
        return Comparison(verdict="not_found", detail="the evidence does not speak of it")
    return Comparison(verdict="unverifiable", detail="words alone do not decide it")


__all__ = ["LONGEST_CLAIM", "LONGEST_TEXT", "Item", "compare", "takes_back"]
