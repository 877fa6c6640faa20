"""What a claim may leave out of a sentence without saying more than it."""

from collections.abc import Sequence

from agent.verification.comparison.items import Item, is_participle, lemmas
from agent.verification.comparison.readings import is_verb
from agent.verification.comparison.vocabulary import (
    ATTRIBUTIONS,
    CLAUSE_OPENERS,
    CONNECTIVES,
    FRAMES,
    LIMITS,
    NEGATIONS,
    PREPOSITIONS,
    SAFE_ADVERBS,
    TELLING_LIMITS,
)
from agent.verification.lexicon import CJK_SCOPE

_CLOSING = {"(": ")", "[": "]", "\u2014": "\u2014", "\u2013": "\u2013", "-": "-", ",": ",", '"': '"'}
_BREAKS = frozenset(",;(\u2014\u2013-")
_PAST_PREPOSITIONS = PREPOSITIONS - {"between", "than", "against", "of"} | {"before", "because", "when", "where"}
_OWN_CLAUSE = frozenset(("and", "but", "while", "whereas", "although", "though", "which", "who", "whose", "where"))
_CJK_DOUBTS = frozenset("误誤错錯谣謠假梦夢虚虛传傳称稱说說据據若谎謊否但却卻仅僅只除")
_CJK_FRAMES = _CJK_DOUBTS | frozenset("认認示信估承声聲若如假设設当當倘唯疑似讲講问問想盼望拟擬欲指论論觉覺")
UNDOING = frozenset((
    "withdrew", "withdrawn", "withdraws", "reversed", "revoked", "rescinded", "retracted", "repealed", "annulled",
    "overturned", "undone", "undid", "voided", "recanted", "nullified", "quashed", "void", "invalid",
))  # fmt: skip
"""What takes back the deed that a sentence tells of first."""
_COUNTED_IN = frozenset(
    ["with", "including", "together", "counting", "as", "for", "among", "measured", "like", "along"]
)
"""What an inserted phrase begins with that says what a statement holds of: "the mine, with its suppliers, ..."."""
_NARROWING = frozenset(["for", "among", "amongst", "within", "under", "as", "like", "against"])
_PARTICLES = frozenset(["out", "off", "up", "down", "over", "away", "back", "apart", "through", "along"])
"""What makes another verb of the one before it, where nothing follows it: "the hotel was sold out"."""
_SELECTING = frozenset(["his", "her", "its", "their", "own", "most", "certain", "such", "those"])
_OF_ALL = NEGATIONS | {"all", "every", "each", "any", "only"}
_BE = frozenset(["is", "are", "be", "being", "am"])
_NOT_PAST = _BE | {"has", "have", "will", "can", "may", "must", "should"}


def scope_words(items: Sequence[Item]) -> list[str]:
    """Return the words of a run that deny, limit or attribute."""
    words = [
        item.key
        for position, item in enumerate(items)
        if item.kind == "word" and (item.key in LIMITS or item.key in NEGATIONS or _attributes(items, position))
    ]
    signs = CJK_SCOPE.findall("".join(item.key if item.kind == "cjk" else " " for item in items))
    bounds = [item.text for item in items if item.kind == "mark" and item.key == "?"]
    return [*words, *(str(sign) for sign in signs), *bounds]


def _attributes(items: Sequence[Item], position: int) -> bool:
    """Whether a word makes a statement somebody's; some are nouns unless "that" follows."""
    key = items[position].key
    if key not in ATTRIBUTIONS:
        return False
    following = items[position + 1].key if position + 1 < len(items) else ""
    return key not in ("state", "states", "report", "reports") or following in ("that", ",", ":", "")


def left_out_problem(sentence: Sequence[Item], start: int, end: int, *, first: int, last: int, past: bool) -> str:
    """Say why a run of a sentence may not be left out; empty where it may.

    Args:
        sentence: the items of the sentence, without articles.
        start: where the run begins.
        end: where it ends.
        first: the first item of the sentence that the claim says.
        last: the last one.
        past: the sentence tells what happened, so that place and time of it can be left out.
    """
    run = sentence[start:end]
    content = [item for item in run if item.kind != "mark"]
    # what holds of nothing, or of all, need not do so once its limits are gone: "was not built in Rome in 1911"
    past = past and not any(item.key in _OF_ALL for item in sentence[first : last + 1])
    if end <= first:
        return _before(run, content, sentence, first, past=past)
    if start > last:
        return _behind(run, content, sentence[:start], past=past)
    contrast = run[0].key == run[-1].key == "," and run[1].key == "not"
    if (scope := scope_words(run)) and not contrast:
        return f"the text says {scope[0]!r}"
    return _between(run, content, sentence, start, end, past=past)


def _before(run: Sequence[Item], content: Sequence[Item], sentence: Sequence[Item], first: int, *, past: bool) -> str:
    keys = [item.key for item in content]
    if scope := [word for word in scope_words(run) if word not in CLAUSE_OPENERS or word != keys[0]]:
        return f"the text says {scope[0]!r}"
    ends = run[-1].kind == "mark" and run[-1].key in (",", ";", "\u2014", ".")
    if all(key in CONNECTIVES for key in keys) or all(item.key in ("*", "\u2022", "-", "+") for item in content):
        return ""
    if content[0].kind == "number" and len(content) == 1 and run[-1].kind == "mark" and run[-1].key in (".", ")"):
        return ""
    if content[0].kind == "cjk":
        framed = _CJK_FRAMES & {item.key for item in run}
        return "" if ends and not framed else f"the text begins with {_shown(run)!r}"
    if FRAMES.intersection(keys):
        return f"the text begins with {_shown(run)!r}"
    if ends and (content[0].kind == "date" or keys[0] in CLAUSE_OPENERS) and past:
        return ""
    if run[-1].key in ("and", "but", "while", "whereas") and len(run) > 1 and run[-2].key in (",", ";"):
        return ""
    if run[-1].key == ";":
        return ""
    return f"the text begins with {_shown(run)!r}"


def _behind(run: Sequence[Item], content: Sequence[Item], said: Sequence[Item], *, past: bool) -> str:
    if any(item.key == "?" for item in run):
        return "the text asks"
    head = run[0]
    following = content[0]
    border = head.kind == "mark" and head.key in _BREAKS
    before = said[-1]
    said_of = any(item.key in _BE or item.key in ("was", "were", "between", "both") for item in said[-4:])
    inner = _until_border(run)
    if border and following.kind == "cjk":
        doubts = _CJK_DOUBTS & {item.key for item in run}
        return f"the text goes on: {_shown(run)!r}" if doubts else ""
    if [item.key for item in content[:2]] in (["instead", "of"], ["rather", "than"]) or (
        border and following.key == "not" and len(content) > 1
    ):
        return ""
    if scope := scope_words(inner):
        return f"the text says {scope[0]!r}"
    if any(item.key in UNDOING or item.key in ("exception", "exceptions", "excepted") for item in content):
        return f"the text goes on: {_shown(run)!r}"
    if any(_attributes(run, position) for position, item in enumerate(run) if item.kind == "word"):
        return "the text goes on to judge it"
    if border or head.key == ":":
        return "" if following.key not in ("or", "and/or") and head.key != ":" else f"the text goes on: {_shown(run)!r}"
    if head.kind == "cjk":
        return f"the text goes on: {_shown(run)!r}"
    if head.key == "and" and len(run) > 2 and run[1].key in SAFE_ADVERBS | {"never"} and not said_of:
        return ""
    if head.key in ("and", "but") and len(run) > 1:
        listed = run[1].kind in ("number", "name") or run[1].key in PREPOSITIONS or not said_of
        # "300 houses and barns" are not 300 houses, and what Ben's team did was not done by Ben
        listed = listed and not any(item.kind == "number" for item in said) and "'s" not in [i.key for i in run[:4]]
        return "" if is_verb(run[1]) or (listed and head.key == "and") else f"the text goes on: {_shown(run)!r}"
    if head.key in ("using", "via") or (is_participle(head.key) and len(run) > 2 and run[1].key == "by"):
        return ""
    if before.kind == "number":
        return f"the text goes on: {_shown(run)!r}"
    named = head.key != "to" or following.kind != "word" or (len(content) > 1 and content[1].kind == "name")
    if FRAMES.intersection(item.key for item in inner):
        return f"the text goes on: {_shown(run)!r}"
    if _narrows(content) or _is_particle(content):
        return f"the text goes on: {_shown(run)!r}"
    if past and named and (head.kind == "date" or head.key in _PAST_PREPOSITIONS):
        return ""
    return f"the text goes on: {_shown(run)!r}"


def _until_border(run: Sequence[Item]) -> Sequence[Item]:
    """Return a run up to where another clause of its own begins."""
    for position in range(len(run) - 2):
        after, second = run[position + 1].key, run[position + 2].key
        if run[position].key == ";" or (run[position].key == "," and (after in _OWN_CLAUSE or second == "of")):
            return run[:position]
    return run


def _between(
    run: Sequence[Item], content: Sequence[Item], sentence: Sequence[Item], start: int, end: int, *, past: bool
) -> str:
    head, tail = run[0], run[-1]
    follows = sentence[end] if end < len(sentence) else None
    if head.kind == "mark" and _CLOSING.get(head.key) == tail.key and len(run) > 2:
        listed = head.key == "," and follows is not None and follows.key in ("and", "or")
        if head.key in ",\u2014\u2013-" and content and content[0].key in _COUNTED_IN:
            return f"the text says {_shown(run)!r}"
        placed = past and all(item.kind == "name" for item in content[1:])
        if content and content[0].key in PREPOSITIONS and not placed:
            return f"the text says {_shown(run)!r}"
        return "" if not listed else f"a list is cut: {_shown(run)!r}"
    if all(item.key in SAFE_ADVERBS for item in content):
        return ""
    if head.kind == "cjk" and tail.key == ",":
        return ""
    if len(content) == 1 and follows is not None and _is_apposition(content[0], follows, sentence[start - 1]):
        return ""
    if _is_particle(content):
        return f"the text says {_shown(run)!r}"
    told = any(is_verb(item) for item in sentence[:start])
    adjunct = head.key in PREPOSITIONS - {"of", "to", "than", "between"} and not any(is_verb(item) for item in content)
    framed = bool(FRAMES.intersection(item.key for item in content))
    if (
        past
        and told
        and adjunct
        and not framed
        and follows is not None
        and (follows.kind == "date" or follows.key in PREPOSITIONS)
    ):
        return "" if follows.key != "of" else f"the text says {_shown(run)!r}"
    if past and content[0].kind == "date" and len(content) == 1:
        return ""
    if past and content[0].key in ("in", "at", "by", "near") and 1 < len(content) <= 5 and follows is not None:
        closes = follows.kind in ("date", "mark") or follows.key in PREPOSITIONS or follows.key == "and"
        if closes and all(item.kind == "name" for item in content[1:]):
            return ""
    return f"the text says {_shown(run)!r}"


def _is_particle(content: Sequence[Item]) -> bool:
    """Whether a phrase begins with a word that belongs to the verb before it and not to a noun behind."""
    following = content[1] if len(content) > 1 else None
    alone = following is None or following.kind == "date" or following.key in PREPOSITIONS
    return content[0].key in _PARTICLES and alone


def _narrows(content: Sequence[Item]) -> bool:
    """Whether a phrase at the end of a statement tells of what it holds, not when or where something happened.

    "In mice", "on paper", "for minors" and "in his district" narrow what "in Rome", "in the garden" only place.
    """
    head = content[0].key
    following = content[1] if len(content) > 1 else None
    if head not in PREPOSITIONS or following is None or following.kind not in ("word", "number"):
        return False
    if head == "in" and following.kind == "number":
        return True
    if head == "per" or (head in _NARROWING and following.kind == "word"):
        return True
    if head in ("in", "on") and len(content) == 2 and following.kind == "word":
        # articles are not among the items, so that of bare nouns only those in the plural are told
        return following.key in FRAMES or len(lemmas(following.key)) > 1
    ordinal = following.kind == "number" and following.value is None
    return head in ("in", "on", "with", "by", "at") and (following.key in _SELECTING or ordinal)


def _is_apposition(word: Item, follows: Item, before: Item) -> bool:
    """Whether a word merely says what a named person is, or of which nation a thing is that something is said to be."""
    title = word.kind == "word" and word.key.endswith(("er", "or", "ist", "ian")) and follows.kind == "name"
    nation = word.kind == "name" and word.key.endswith(("an", "ish", "ese")) and follows.kind == "word"
    return (title and before.key in PREPOSITIONS | {"of"}) or (nation and before.key in ("is", "was"))


def is_limit(problem_words: Sequence[str]) -> bool:
    """Whether all words that a claim leaves out merely limit what it says."""
    return bool(problem_words) and all(word in TELLING_LIMITS or word in ATTRIBUTIONS for word in problem_words)


def tells_past(items: Sequence[Item]) -> bool:
    """Whether a sentence tells what happened: a past form, and no present one."""
    words = [item for item in items if item.kind == "word"]
    return any(is_verb(item) and item.key not in _NOT_PAST for item in words) and not any(
        item.key in _NOT_PAST for item in words
    )


def _shown(run: Sequence[Item]) -> str:
    text = " ".join(item.text for item in run if item.kind != "mark")
    return text if len(text) <= 60 else f"{text[:57]}..."
