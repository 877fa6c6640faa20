"""Claims of a report held against what a person has corrected before."""

from collections.abc import Sequence

from agent.domain.claims import CheckedClaim, Judgement
from agent.execution.context import RunContext
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.corrections import CorrectionJudge


async def held_against_corrections(run: RunContext, branch: str, checked: Sequence[CheckedClaim]) -> list[CheckedClaim]:
    """Return claims with the corrections that apply to them; nothing is asked where none were kept as the run began.

    A claim that a correction refutes is contradicted, or qualified where its evidence supports it: then sources
    disagree.
    """
    if not run.setting.memory.kept:
        return list(checked)
    judge = CorrectionJudge(run.branch(branch).remember)
    result = []
    for one in checked:
        try:
            said = await judge.judge(f"correction/{one.claim.id}", one.claim, ())
        except JudgeFailed as failure:
            said = [Judgement(judge=judge.name, tier=judge.tier, verdict="error", detail=str(failure))]
        verdict = one.verdict
        if any(judgement.verdict == "contradicted" for judgement in said):
            verdict = "qualified" if verdict in ("supported", "qualified") else "contradicted"
        result.append(one.model_copy(update={"verdict": verdict, "judgements": (*one.judgements, *said)}))
    return result
