"""Patterns of English statements that can be taken for triples as they stand."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from agent.verification.extraction.qualifiers import BOUND, DATE, NUMBER
from agent.verification.lexicon import ANAPHORS, MONTHS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Parts(NamedTuple):
    """What a pattern found.

    Attributes:
        event: what happened, where place and date are triples of their own.
        number: the object is a number.
        past: the copula is in the past, so that the statement holds for then.
    """

    subject: str
    relation: str
    object: str
    qualifiers: Mapping[str, str] = {}
    event: str = ""
    past: bool = False
    number: bool = False


class Pattern(NamedTuple):
    """A pattern for a whole statement without its time; ``named``: its object is a name or a plain noun phrase."""

    expression: re.Pattern[str]
    read: Callable[[re.Match[str]], Parts | None]
    named: bool = True


_S = r"(?P<s>[^,;:()]{1,80}?(?:,\s[A-Z][^\s,;:()]*(?:\s[A-Z][^\s,;:()]*)?)?(?:\s\([^()]{1,30}\))?)"
_O = r"(?P<o>[^;:()]{1,100}?(?:\s\([^()]{1,30}\))?)"
_NEG = r"(?P<neg>n't|n\u2019t|\s+not|\s+never)?"
_COP = rf"(?P<cop>is|are|was|were){_NEG}"
_ROLE = r"(?P<r>(?:[a-z][a-z-]*\s){0,3}[a-z][a-z-]*)"
_MEASURED = r"(?P<m>tall|long|wide|high|deep|thick|old|away)"
_NO_UNIT = (
    r"(?!(?:hundred|thousand|million|billion|trillion|and|or|but|of|in|on|at|to|from|that|which|who|with"
    r"|by|as|times)\b)"
)
_UNIT = rf"(?P<unit>{_NO_UNIT}[A-Za-z\u00b0%\u00b5][\w\u00b0\u00b2\u00b3/%.-]*(?:\s{_NO_UNIT}[a-z][\w-]*){{0,2}}|%)"
_EVENT = (
    "born|founded|established|built|opened|launched|completed|discovered|invented|introduced|formed|created|dissolved"
    "|disestablished|closed|released|published|incorporated|ordained|crowned|assassinated|executed|buried|abolished"
)
_PASSIVE = (
    "written|directed|founded|invented|discovered|produced|composed|designed|painted|developed|created|built|published"
    "|released|owned|established|recorded|hosted|edited|illustrated|sung|performed|commissioned|acquired|bought|sponsored"
    "|manufactured|operated|managed|governed|discovered|patented|sculpted|translated|adapted|animated|distributed"
)
_BOUND_PASSIVE = (
    "named after|based on|adapted from|married to|made of|composed of|known as|dedicated to|derived from"
    "|associated with|set in|filmed in|shot in|recorded in|written in|used in|found in|produced in"
    "|nominated for|native to|related to|divided into|bordered by|surrounded by|inhabited by|influenced by"
    "|inspired by|descended from|affiliated with|published by|classified as|signed to|named for|caused by"
)
_HOLDS = "has|have|had|contains?|comprises?|covers?|weighs?|measures?|costs?|employs?|weighed|cost"
_ENDING_IN_E = "compose produce release acquire require include feature portray voice conquer describe chair"
_REGULAR = (
    "direct found discover invent develop design publish attend host succeed defeat contain border own record join "
    "establish represent paint visit kill"
)
_VERBS: Mapping[str, str] = {
    **{verb: f"{verb}s {verb}d" for verb in _ENDING_IN_E.split()},
    **{verb: f"{verb}s {verb}ed" for verb in _REGULAR.split()},
    "write": "writes wrote",
    "win": "wins won",
    "marry": "marries married",
    "play": "plays played",
    "play for": "plays|for played|for",
    "work for": "works|for worked|for",
    "star in": "stars|in starred|in",
    "appear in": "appears|in appeared|in",
    "live in": "lives|in lived|in",
    "belong to": "belongs|to belonged|to",
    "consist of": "consists|of consisted|of",
    "graduate from": "graduates|from graduated|from",
    "study at": "studies|at studied|at",
    "teach at": "teaches|at taught|at",
    "star": "stars starred",
    "buy": "buys bought",
    "sing": "sings sang",
    "lead": "leads led",
    "build": "builds built",
    "speak": "speaks spoke",
    "fly": "flies flew",
    "die of": "dies|of died|of",
    "die from": "dies|from died|from",
    "flow through": "flows|through flowed|through",
    "flow into": "flows|into flowed|into",
}
"""Verbs whose object can be told by its place alone: what they do, in the present and in the past."""
_PASTS: Mapping[str, str] = {base: forms.split()[1].replace("|", " ") for base, forms in _VERBS.items()}

_QUANTIFIED = _words("""
    most some many few all every each no any several both either neither none much half another other these
    those more less fewer only such certain various numerous one two three four five six seven eight nine ten
    nobody everybody someone anyone everyone people
""")
_PRONOUNS = _words("""
    i we you what who there here this that it he she they these those them us me my our your his her its
""")
_NO_NAME = _words("""
    and or but nor that which who whom whose when where if because than while as so then is are was were be
    been being am has have had does did do will would can not to however therefore thus also too respectively
    although though since
""")
_PREPOSITIONS = _words("""
    in on at for with from by into onto after before during under over about against between through without
    within as until to via near
""")
_SEASONS = _words(
    "spring summer autumn winter fall office morning evening night childhood infancy combat action battle"
)
_ADVERBS = _words("also then later often always still already now just once soon usually first thus therefore")


def is_thing(name: str, *, subject: bool = False, named: bool = True) -> bool:
    """Whether some words can stand for one thing: no pronoun, no clause, nothing counted or joined.

    Args:
        name: the words.
        subject: it is what the statement is about.
        named: no preposition but ``of`` may follow, since nobody knows what it belongs to.
    """
    words = re.sub(r"\([^()]*\)", "", name).split()
    low = [word.lower().strip("'\u2019") for word in words]
    if not 1 <= len(words) <= (10 if subject or named else 16):
        return False
    if low[0] in _PRONOUNS | ANAPHORS or set(low) & _NO_NAME:
        return False
    if subject and (words[-1] in _ADVERBS or re.fullmatch("[a-z]{3,}ly", words[-1])):
        return False
    if subject and (low[0] in _QUANTIFIED | _PREPOSITIONS or set(words[1:]) & _PREPOSITIONS):
        return False
    if not subject and named and (low[0] in _QUANTIFIED or set(words) & _PREPOSITIONS):
        return False
    if not subject and not named and low[0] in _PREPOSITIONS:
        return False
    # a comma is part of a place ("Stuttgart, Germany") and of nothing else
    if "," in name and not re.fullmatch(
        r"(?:\w[\w.'\u2019-]*\s?){1,4},\s[A-Z][\w.'\u2019-]*(?:\s[A-Z][\w.'\u2019-]*){0,2}", name
    ):
        return False
    return low[-1] not in _PREPOSITIONS | {"the", "a", "an", "of"}


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns, the most special ones first."""
    bound = rf"(?:{BOUND}\s+)?"
    located = "located|situated|based|headquartered"
    place = "in|on|at|near|off|along"
    finite = {form.replace("|", r"\s") for forms in _VERBS.values() for form in forms.split()}
    verbs = "|".join(sorted(finite, key=len, reverse=True))
    bases = "|".join(sorted((base.replace(" ", r"\s") for base in _VERBS), key=len, reverse=True))
    relational = "native|north|south|east|west|northeast|northwest|southeast|southwest"
    return tuple(
        Pattern(re.compile(expression), read, named)
        for expression, read, named in (
            (rf"{_S}\s+{_COP}\s+(?P<l>{located})\s+(?P<p>{place})\s+{_O}", _located, True),
            (rf"{_S}\s+(?:was|were){_NEG}\s+(?P<e>{_EVENT})(?:\s+(?P<p>in|at|near)\s+{_O})?", _event, True),
            (
                rf"{_S}\s+(?:did(?P<neg>n't|n\u2019t|\s+not)\s+die|died)(?P<e>)(?:\s+(?P<p>in|at|near)\s+{_O})?",
                _died,
                True,
            ),
            (rf"{_S}\s+{_COP}\s+{bound}{NUMBER}[\s-]{_UNIT}\s+{_MEASURED}", _measured, True),
            (rf"(?:[Tt]he\s+)?{_ROLE}\s+of\s+{_S}\s+{_COP}\s+{bound}{NUMBER}(?:\s+{_UNIT})?", _attribute_number, True),
            (rf"{_S}['\u2019]s?\s+{_ROLE}\s+{_COP}\s+{bound}{NUMBER}(?:\s+{_UNIT})?", _attribute_number, True),
            (
                rf"{_S}\s+(?P<v>has|have|had)\s+an?\s+{_ROLE}\s+of\s+{bound}{NUMBER}(?:\s+{_UNIT})?",
                _has_attribute,
                True,
            ),
            (rf"{_S}\s+(?P<v>{_HOLDS})\s+{bound}{NUMBER}(?:\s+{_UNIT})?", _has_number, True),
            (rf"{_S}\s+(?P<v>has|have|had)\s+(?P<neg>no)\s+(?P<o>[a-z][\w\s-]{{1,40}})", _has, True),
            (rf"{_S}\s+(?P<v>has|have|had)\s+(?P<o>an?\s[a-z][\w\s-]{{1,60}})", _has, True),
            (rf"{_S}\s+{_COP}\s+(?P<v>{_BOUND_PASSIVE})\s+{_O}", _verb, True),
            (rf"{_S}\s+{_COP}\s+(?P<v>(?:{_PASSIVE})\s+by)\s+{_O}", _verb, True),
            (rf"{_S}\s+{_COP}\s+(?P<v>(?:{relational})\s+(?:to|of)|from|in|on|near|part\sof)\s+{_O}", _is_at, True),
            (rf"[Tt]he\s+{_ROLE}\s+of\s+{_S}\s+{_COP}\s+(?P<o>[A-Z][^;:()]{{0,60}})", _attribute, True),
            (rf"{_S}['\u2019]s?\s+{_ROLE}\s+{_COP}\s+(?P<o>[A-Z][^;:()]{{0,60}})", _attribute, True),
            (rf"{_S}\s+{_COP}\s+(?:an?|the)\s+{_ROLE}\s+of\s+{_O}", _role, True),
            (rf"{_S}\s+{_COP}\s+an?\s+{_O}", _is_a, False),
            (rf"{_S}\s+{_COP}\s+the\s+{_O}", _is_the, False),
            (rf"{_S}\s+{_COP}\s+(?P<o>[a-z][a-z-]+(?<!ing)|[A-Z][a-z]+)", _is, True),
            (rf"{_S}\s+did(?P<neg>n't|n\u2019t|\s+not)\s+(?P<v>{bases})\s+{_O}", _verb_base, True),
            (rf"{_S}\s+does(?P<neg>n't|n\u2019t|\s+not)\s+(?P<v>{bases})\s+{_O}", _verb_present, True),
            (rf"{_S}(?P<neg>\s+never)?\s+(?P<v>{verbs})\s+{_O}", _verb, True),
        )
    )


def _past(match: re.Match[str]) -> bool:
    return match["cop"] in ("was", "were")


def _clean(name: str | None) -> str:
    return " ".join((name or "").split())


def _located(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), f"{match['l']} {match['p']}", _clean(match["o"]), past=_past(match))


def _event(match: re.Match[str]) -> Parts | None:
    value = _clean(match["o"])
    return None if _is_season(value) else Parts(_clean(match["s"]), match["p"] or "", value, event=match["e"])


def _died(match: re.Match[str]) -> Parts | None:
    value = _clean(match["o"])
    return None if _is_season(value) else Parts(_clean(match["s"]), match["p"] or "", value, event="died")


def _is_season(value: str) -> bool:
    """Whether what seems to be a place is a time without a year, such as "March", or a bare number."""
    words = value.lower().split()
    return bool(words) and (bool(set(words) & (MONTHS | _SEASONS)) or not any(letter.isalpha() for letter in value))


def _quantity(match: re.Match[str]) -> dict[str, str]:
    groups = match.groupdict()
    found = {"bound": groups.get("bound"), "unit": groups.get("unit")}
    return {key: _clean(value) for key, value in found.items() if value}


def _measured(match: re.Match[str]) -> Parts:
    return Parts(
        _clean(match["s"]),
        f"is {match['m']}",
        _clean(match["number"]),
        _quantity(match),
        past=_past(match),
        number=True,
    )


def _attribute_number(match: re.Match[str]) -> Parts | None:
    if re.fullmatch(DATE, match["number"]) and not match.groupdict().get("unit"):
        return None
    return Parts(
        _clean(match["s"]), match["r"], _clean(match["number"]), _quantity(match), past=_past(match), number=True
    )


def _has_attribute(match: re.Match[str]) -> Parts:
    return Parts(
        _clean(match["s"]), match["r"], _clean(match["number"]), _quantity(match), past=match["v"] == "had", number=True
    )


def _has_number(match: re.Match[str]) -> Parts:
    past = match["v"] in ("had", "weighed")
    return Parts(
        _clean(match["s"]), _singular(match["v"]), _clean(match["number"]), _quantity(match), past=past, number=True
    )


def _has(match: re.Match[str]) -> Parts | None:
    value = _clean(match["o"])
    return None if " of " in value else Parts(_clean(match["s"]), "has", value, past=match["v"] == "had")


def _singular(verb: str) -> str:
    known = {"have": "has", "had": "has", "weighed": "weighs", "cost": "costs"}
    return known.get(verb, verb if verb.endswith("s") else f"{verb}s")


def _verb(match: re.Match[str]) -> Parts:
    past = match.groupdict().get("cop") in ("was", "were") and match["v"].split()[0] in ("known", "used", "married")
    return Parts(_clean(match["s"]), _clean(match["v"]), _clean(match["o"]), past=past)


def _verb_base(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), _PASTS[_clean(match["v"])], _clean(match["o"]))


def _verb_present(match: re.Match[str]) -> Parts:
    present = _VERBS[_clean(match["v"])].split()[0].replace("|", " ")
    return Parts(_clean(match["s"]), present, _clean(match["o"]))


def _is_at(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), f"is {match['v']}", _clean(match["o"]), past=_past(match))


def _attribute(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), match["r"], _clean(match["o"]), past=_past(match))


def _role(match: re.Match[str]) -> Parts | None:
    if set(match["r"].split()) & _PREPOSITIONS:
        return None
    return Parts(_clean(match["s"]), f"{match['r']} of", _clean(match["o"]), past=_past(match))


def _is_a(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), "is a", _clean(match["o"]), past=_past(match))


def _is_the(match: re.Match[str]) -> Parts:
    return Parts(_clean(match["s"]), "is the", _clean(match["o"]), past=_past(match))


def _is(match: re.Match[str]) -> Parts | None:
    if _past(match) and match["o"].endswith(("ed", "en", "wn")):
        # something happened to it, which is no state
        return None
    return Parts(_clean(match["s"]), "is", match["o"], past=_past(match))
