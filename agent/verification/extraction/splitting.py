"""Compound sentences as the statements they are made of, only where each of these surely follows from the whole.

"A did X and Y" is two statements where A is a name, both verbs are finite, and nothing in the sentence denies, limits,
attributes or asks. Everything else stays whole: half of "A did not do X and Y" is not what was said.
"""

import re

from agent.verification.lexicon import IRREGULAR
from agent.verification.negation import unshared_scope

_LONGEST = 400
_NAME = r"(?:The\s+)?[A-Z][\w.'\u2019-]*(?:\s+(?:(?:of|the|de|van|von|da|di|al|la)\s+)*[A-Z0-9][\w.'\u2019-]*){0,5}"
_PAST_ONLY = (
    "became|began|wrote|went|took|gave|grew|knew|flew|drew|threw|fell|chose|drove|rose|spoke|broke|sang|swam|ate|saw"
    "|was|were|had"
)
"""Past forms that are no participles: after them nobody can think of a thing that was done to somebody."""
_PRESENT_ONLY = "is|has|does|lies|contains|includes|belongs|consists|becomes|remains|owns|serves"
_SAME_FORM = "made|won|led|built|founded|left|met|held|lost|paid|ran|sold|sent|taught|found|bought|brought|kept|came"
_PAST = rf"(?:{_PAST_ONLY}|{_SAME_FORM}|[a-z]+ed)"
_FOLLOWS = (
    r"(?=\s+(?:a|an|the|his|her|its|their|in|on|at|to|from|for|with|as|into|over|until|after|before|about|near|off|by)"
    r"\s)"
)
"""Words after which ``released`` is a verb and no adjective: "sold wine and dried fruit" is one thing."""
_SHARED = re.compile(
    rf"(?P<subject>{_NAME})\s+(?P<first>{_PAST}|{_PRESENT_ONLY})\s+(?P<left>[^,;:()]+?)\s*,?\s+and\s+(?:then\s+|later\s+)?"
    rf"(?P<right>(?P<second>{_PAST_ONLY}|{_PRESENT_ONLY}|(?:{_SAME_FORM}|[a-z]+ed){_FOLLOWS})\s+[^,;:()]+)"
)
_CLAUSE = rf"{_NAME}\s+(?:{_PAST_ONLY}|{_PRESENT_ONLY}|are|lie|have)\s+[^,;:()]+?"
_OWN_SUBJECTS = re.compile(rf"(?P<left>{_CLAUSE})(?:,\s+and|;)\s+(?P<right>(?:[Tt]he\s+)?{_CLAUSE})")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|does|did|will|can|do)\b")
_UNSAFE = re.compile(
    r"\b(?:or|both|either|between|together|each|respectively|that|which|who|whom|whose|when|where|while|because|since|so|then"
    r"|few|most|half|same|combined|total|between|more|than|too|also)\b|[\"\u201c\u201d`?\u2026]",
    re.IGNORECASE,
)
_BE = frozenset({"is", "was", "were", "has", "had"})

_CJK_SHARED = re.compile(
    "(?P<subject>[^，。；：、,;:（）()\\s]{2,20}?)(?P<first>是|位于|建于|成立于|出生于|生于|属于|毕业于)(?P<left>[^，。；：、,;:（）()]{1,40})[，,]"
    "(?P<right>(?:也是|位于|建于|始建于|成立于|出生于|生于|毕业于|属于|隶属于|拥有)[^，。；：、,;:（）()]{1,40})"
)
_CJK_UNSAFE = re.compile(
    "[说說称稱据據如若但却卻而都均各或他她它其该該此这這那]|只有|仅|唯|除了|几乎|认为|因为|所以|虽然|以及|分别|共同"
)


def split(sentence: str) -> tuple[str, ...]:
    """Return the statements of a sentence; the sentence itself where it cannot be taken apart safely.

    Args:
        sentence: its words without marks of Markdown.
    """
    body = sentence.rstrip()
    end = "\u3002" if body.endswith("\u3002") else "."
    body = body.rstrip(".\u3002")
    if len(body) > _LONGEST or unshared_scope("", body):
        return (sentence,)
    if match := _CJK_SHARED.fullmatch(body):
        return (sentence,) if _CJK_UNSAFE.search(body) else _joined(match["subject"], match, end, gap="")
    if _UNSAFE.search(body):
        return (sentence,)
    if (match := _SHARED.fullmatch(body)) and _share_a_subject(match):
        return _joined(match["subject"], match, end, gap=" ")
    if match := _OWN_SUBJECTS.fullmatch(body):
        right = match["right"]
        return (f"{match['left']}{end}", f"{right[0].upper()}{right[1:]}{end}")
    return (sentence,)


def _share_a_subject(match: re.Match[str]) -> bool:
    """Whether the second verb surely has the first one's subject, and is finite like it."""
    first, second, left, right = match["first"], match["second"], match["left"], match["right"]
    if (
        " and " in f" {left} "
        or " and " in f" {right} "
        or _FINITE.search(left)
        or _FINITE.search(right[len(second) :])
    ):
        return False
    past = {
        word: word in (*_PAST_ONLY.split("|"), *_SAME_FORM.split("|")) or word.endswith("ed")
        for word in (first, second)
    }
    if past[first] != past[second] and not {first, second} <= {"is", "has", "was", "were"}:
        return False
    ambiguous = second not in (*_PAST_ONLY.split("|"), *_PRESENT_ONLY.split("|"))
    # "was built and sold in 1990", "made of things bought and sold": the second may be a participle
    last = left.split()[-1]
    return not (ambiguous and (first in _BE or last.endswith("ed") or last in IRREGULAR or right.split()[1] == "by"))


def _joined(subject: str, match: re.Match[str], end: str, *, gap: str) -> tuple[str, ...]:
    left = f"{subject}{gap}{match['first']}{gap}{match['left'].rstrip(', ')}{end}"
    return (left, f"{subject}{gap}{match['right']}{end}")
