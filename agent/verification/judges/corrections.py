"""The judge that holds claims against what a person has corrected before (tier T1).

That a correction applies says that it is about the same thing, not that the claim is wrong: it is shown with the claim
and decides nothing. It refutes a claim only where it denies in so many words what the claim says.
"""

import re
from collections.abc import Sequence

from agent.domain.claims import Claim, Judgement, Tier, Verdict
from agent.domain.evidence import Evidence
from agent.memory.corrections.facts import LONGEST_SITUATION, Applied, Situation
from agent.memory.corrections.recalling import Recall
from agent.verification.chain.ports import JudgeFailed
from agent.verification.literal import content
from agent.verification.negation import is_denied
from agent.verification.words import Token, features, tokens

_WRONG = "(?:wrong|false|incorrect|untrue|not (?:true|right|correct|so))"
_ALL_WRONG = re.compile(
    rf"\W*(?:(?:(?:this|that|it|the (?:claim|statement)) (?:is|was)|that's|it's) )?{_WRONG}\b"
    "|\\W*(?:这|那|此)?(?:是)?(?:错|不对|不正确|不是真)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?<!\bdo )\bnot (?!(?:true|right|correct|so|only|just|always|necessarily|yet|until|more|less)\b)"
    r"(?P<after>(?:[^,.;:!?\n]|[,.:](?=\d))+?)(?=\s+but\b|[,.;:!?](?!\d)|\n|$)"
    rf"|(?P<before>[^,;:!?\n]+?) (?:is|are|was|were) {_WRONG}\b"
    "|(?:不是|而非|并非)(?P<cjk>[^,。;:!?\uff0c\uff1b\uff1a\uff01\uff1f\n]+)",
    re.IGNORECASE,
)
_LONGEST_DETAIL = 400


class CorrectionJudge:
    """Looks up what a person has corrected in situations like a claim, or like the question that it answers.

    Args:
        recall: asks the memory, as an effect.
    """

    name = "correction"
    tier: Tier = "T1"

    def __init__(self, recall: Recall) -> None:
        self._recall = recall

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return one judgement for each correction that applies: ``contradicted``, or ``unverifiable`` for a mere note.

        Raises:
            JudgeFailed: the memory cannot be read.
        """
        if claim.kind == "opinion":
            return ()
        texts = dict.fromkeys(text[:LONGEST_SITUATION] for text in (claim.text, claim.question) if text.strip())
        recalled = await self._recall(step, [Situation(text=text) for text in texts])
        if recalled.problem:
            raise JudgeFailed(recalled.problem)
        return [self._judgement(claim, one) for one in recalled.applied]

    def _judgement(self, claim: Claim, one: Applied) -> Judgement:
        verdict: Verdict = "contradicted" if says_wrong(one, claim.text) else "unverifiable"
        return Judgement(judge=self.name, tier=self.tier, verdict=verdict, detail=one.note[:_LONGEST_DETAIL])


def says_wrong(one: Applied, claim: str) -> bool:
    """Whether a correction says in so many words that a claim is wrong.

    It does where it begins with "wrong" or the like and was said of the claim's very words; and where it has "not X" or
    "X is wrong", the claim asserts X, and nothing else of the correction stands in the claim: "330 m, not 324 m" says
    that "it is 324 m high" is wrong, and nothing of the kind of "it grew from 324 m to 330 m".
    """
    key, value = one.correction.situation.text, one.correction.value
    if is_denied(claim):
        return False
    if _ALL_WRONG.match(value) and features(tokens(key)) == features(tokens(claim)) and not is_denied(key):
        return True
    denied = [str(match[match.lastgroup or 0]) for match in _DENIED.finditer(value)]
    wrong = [text for text in denied if _asserts(claim, text)]
    known = features(tokens(" ".join((key, *wrong))))
    right = features(tokens(_DENIED.sub(" ", value))) - known
    return bool(wrong) and not right & features(tokens(claim))


def _asserts(claim: str, denied: str) -> bool:
    """Whether what is denied stands in a claim in one piece."""
    wanted, there = _words(content(denied)), _words(content(claim))
    return bool(wanted) and any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def _words(items: Sequence[Token]) -> list[frozenset[str]]:
    return [features([item]) for item in items]
