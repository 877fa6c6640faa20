"""A model that says whether a sentence follows from statements which are known to hold."""

from collections.abc import Sequence
from functools import partial

from agent.domain.errors import ModelOutputError, ModelUnavailable
from agent.models.asking import Models
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judge import SupportJudge


class FollowingJudge:
    """Asks the verifier whether a sentence follows from statements alone. Implements ``Entails``.

    Args:
        models: models by role.
    """

    def __init__(self, models: Models) -> None:
        ask = partial(models.ask, role="verifier", refusal_is_reply=True, outage_is_reply=True)
        # servers that give log-probabilities are rare, and capable models say what they mean
        self._judge = SupportJudge(ask, logprobs=False)

    async def __call__(self, step: str, sentence: str, statements: Sequence[str]) -> bool:
        """Return whether a sentence follows from statements; from none of them nothing does, without asking.

        Raises:
            JudgeFailed: the verifier cannot be reached, refuses, or says neither yes nor no.
        """
        if not statements:
            return False
        try:
            finding = await self._judge.judge(step, sentence, "\n".join(statements))
        except (ModelOutputError, ModelUnavailable) as failure:
            raise JudgeFailed(f"the verifier failed: {failure}") from failure
        if finding.passed is None:
            raise JudgeFailed(f"the verifier did not decide: {finding.detail}")
        return finding.passed
