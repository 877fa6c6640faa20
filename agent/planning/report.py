"""The report: the answer with each of its claims checked, its artefacts, and what the checks said."""

from collections.abc import Mapping, Sequence
from functools import partial

from agent.domain.checks import CheckResult
from agent.domain.claims import CheckedClaim, Claim, Finding
from agent.domain.errors import ModelOutputError
from agent.domain.evidence import Evidence
from agent.domain.plan import Plan, Result
from agent.domain.report import Report, ReportOutcome
from agent.domain.view import RunView
from agent.execution.context import RunContext
from agent.execution.milestones import run_checks
from agent.verification.claims import check_claim, evidence_text, settled, uncovered_sentences
from agent.verification.judge import SupportJudge

REPORT = "report"
"""Branch of the report's own effects."""


async def build_report(run: RunContext, plan: Plan, results: Mapping[str, Result], final: Result) -> Report:
    """Check the answer and return the report."""
    branch = run.branch(REPORT)
    evidence = await _evidence(run, final.claims)
    claims = [await _checked(run, claim, evidence, final.judgements.get(claim.id, ())) for claim in final.claims]
    claims += [
        CheckedClaim(claim=Claim(id=f"answer.{index}", text=sentence), verdict="unverifiable")
        for index, sentence in enumerate(_uncovered(final), 1)
    ]
    of_task = await run_checks(branch, "check", [(None, check) for check in run.task.checks], subtask=None)
    checks = (*_all_checks(results, final), *of_task)
    collected = await branch.collect("collect")
    notes = [f"{path} is too large to keep and stayed in the sandbox." for path in collected.too_large]
    if run.setting.limited:
        notes.append("Limited mode: a small local model, which can do guided tasks only.")
    report = Report(
        goal=run.task.goal,
        answer=final.answer,
        outcome=_outcome(final, claims, checks),
        claims=tuple(claims),
        evidence=tuple(evidence[name] for name in sorted(evidence)),
        artefacts=collected.taken,
        checks=checks,
        plan=plan,
        usage=run.meter.usage,
        models=tuple(sorted(set(run.setting.models.values()))),
        limited=run.setting.limited,
        notes=tuple(notes),
    )
    if run.task.mode == "review":
        report = await _reviewed(run, report)
    return report


def partial_report(view: RunView, reason: str) -> Report:
    """Return what there is of a run whose budget was used up. Nothing in it counts as verified."""
    answers = [f"{name}: {result.answer}" for name, result in view.results.items()]
    return Report(
        goal=view.task.goal if view.task is not None else "",
        answer="\n".join(answers) or "Nothing was finished.",
        outcome="budget_exhausted",
        claims=tuple(
            CheckedClaim(claim=claim, verdict="unverifiable")
            for result in view.results.values()
            for claim in result.claims
        ),
        checks=tuple(check for result in view.results.values() for check in result.checks),
        plan=view.plan,
        usage=view.usage,
        notes=(f"The run stopped before its end: {reason}.",),
    )


async def _evidence(run: RunContext, claims: tuple[Claim, ...]) -> dict[str, Evidence]:
    """Return the evidence that claims cite, by id; an id that nothing stands for is left out."""
    found: dict[str, Evidence] = {}
    for claim in claims:
        for evidence_id in claim.evidence:
            try:
                found[evidence_id] = await run.evidence.find(evidence_id)
            except ModelOutputError:
                continue
    return found


async def _checked(
    run: RunContext, claim: Claim, evidence: Mapping[str, Evidence], judgements: Sequence[Finding]
) -> CheckedClaim:
    """Return a claim with its verdict.

    What the checks without a model leave open is decided by what a guided strategy found, or by the verifier.
    """
    sources = {item.source.text_sha256 for item in evidence.values() if item.kind == "quote"}
    texts = {sha256: (await run.ledger.get_blob(sha256)).decode() for sha256 in sorted(sources)}
    question = claim.question or run.task.goal
    checked = check_claim(claim, evidence.values(), question=question, text_of=texts.__getitem__)
    if run.setting.limited and not judgements:
        # a small model would only guess
        return checked
    if not judgements:
        # servers that give log-probabilities are rare, and capable models say what they mean
        ask = partial(run.branch(REPORT).ask, role="verifier", refusal_is_reply=True)
        cited = [evidence_text(evidence[name]) for name in claim.evidence if name in evidence]
        judge = SupportJudge(ask, logprobs=False)
        return await judge.settle(f"judge/{claim.id}", checked, cited, question=claim.question, paraphrase=True)
    passed = ", ".join(dict.fromkeys(finding.method for finding in judgements if finding.passed))
    settled_by = Finding(method="guided", passed=True, detail=f"accepted by the guided strategy: {passed}")
    return settled(checked, settled_by, paraphrase=False)


def _uncovered(final: Result) -> tuple[str, ...]:
    return () if final.assembled else uncovered_sentences(final.answer, final.claims)


def _all_checks(results: Mapping[str, Result], final: Result) -> tuple[CheckResult, ...]:
    return (*(check for result in results.values() for check in result.checks), *final.checks)


def _outcome(final: Result, claims: list[CheckedClaim], checks: tuple[CheckResult, ...]) -> ReportOutcome:
    """Return ``verified`` only when something was checked, all of it held, and nothing was withheld."""
    if not final.success:
        return "failed"
    all_hold = all(claim.verdict == "supported" for claim in claims) and all(c.outcome == "pass" for c in checks)
    return "verified" if all_hold and (claims or checks) and not final.withheld else "unverified"


async def _reviewed(run: RunContext, report: Report) -> Report:
    """Have a person accept the report; what they object to stands in it."""
    question = f"Accept this report ({report.outcome})?\n{report.answer}"
    answer = await run.branch(REPORT).ask_person("accept", question, ("yes",))
    if answer.strip().lower() in ("y", "yes"):
        return report
    note = f"The person did not accept this report: {answer.strip()}"
    return report.model_copy(update={"outcome": "unverified", "notes": (*report.notes, note)})
