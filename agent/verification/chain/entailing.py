"""A judge of claims as one who says what follows from statements."""

from collections.abc import Sequence

from agent.domain.claims import Claim
from agent.domain.evidence import Quote, Source
from agent.verification.chain.judging import asked
from agent.verification.chain.looked import Looked
from agent.verification.chain.ports import Judge, JudgeFailed
from agent.verification.quotes import text_digest


class EntailedByJudge:
    """Asks a judge about a sentence as if it were a claim, with accepted claims as all its evidence.

    Implements ``Entails``. From no statements nothing follows, and nobody is asked.

    Args:
        judge: a judge of tier T3; it is held to its quotes like in all its work.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def __call__(self, step: str, sentence: str, statements: Sequence[str]) -> bool:
        """Return whether the judge calls a sentence supported, and nothing else.

        Raises:
            JudgeFailed: the judge failed.
        """
        if not statements:
            return False
        text = "\n".join(statements)
        source = Source(title="Accepted claims", location="", text_sha256=text_digest(text))
        evidence = Quote(id="accepted", source=source, start=0, end=len(text), text=text)
        looked = Looked(claim=Claim(id="sentence", text=sentence), evidence=(evidence,))
        said = await asked(step, looked, [self._judge])
        failed = [one.detail for one in said if one.verdict == "error"]
        if failed:
            raise JudgeFailed(failed[0])
        return {one.verdict for one in said} == {"supported"}
