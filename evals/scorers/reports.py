"""Scores of what a report shows beside its answer: claims, quotes, checks, artefacts, the plan."""

from collections.abc import Callable

from agent.browsing.verifying import GOOD, Verification
from agent.domain.outcomes import Outcome
from agent.domain.report import Report
from evals.scorers.answers import unclear, verdict
from evals.scorers.forms import Artefacts, Checks, Citations, ClaimVerdicts, Expected, PlanQuality, Score, Verified
from evals.suite.sample import Sample


def verified(scorer: Verified, sample: Sample, report: Report) -> Score:
    """Whether the report is verified, or, where the sample is to be refused, was refused."""
    good = refused(report) if sample.refuse else report.outcome == "verified"
    return verdict(scorer, float(good), f"the report is {report.outcome}")


def refused(report: Report) -> bool:
    """Whether a run came to its end without an answer that somebody would rely on, as one that is verified.

    A run that was stopped, such as by its budget, has refused nothing.
    """
    return report.outcome in ("unverified", "failed")


def claim_verdicts(scorer: ClaimVerdicts, _sample: Sample, report: Report) -> Score:
    """Share of claims that are supported; none where one is contradicted."""
    verdicts = [one.verdict for one in report.claims]
    if not verdicts:
        return verdict(scorer, 0.0, "the report has no claims")
    if all(one == "error" for one in verdicts):
        return unclear(scorer, "checking failed for every claim")
    supported = verdicts.count("supported")
    value = 0.0 if "contradicted" in verdicts else supported / len(verdicts)
    return verdict(scorer, value, f"{supported} of {len(verdicts)} supported, {verdicts.count('contradicted')} refuted")


def expected(scorer: Expected, sample: Sample, report: Report) -> Score:
    """Share of the named verdicts that were given; words that stand in several claims are about all of them."""
    if not sample.verdicts:
        return unclear(scorer, "the sample names no verdicts")
    missed = []
    for words, wanted in sample.verdicts.items():
        given = [one.verdict for one in report.claims if words in one.claim.text]
        if not given or not set(given) <= set(wanted):
            missed.append(f"{words!r} is {' and '.join(given) or 'no claim'}, not {' or '.join(wanted)}")
    right = len(sample.verdicts) - len(missed)
    told = "; ".join([f"{right} of {len(sample.verdicts)} as they should be", *missed])
    return verdict(scorer, right / len(sample.verdicts), told[:300])


def citations(scorer: Citations, sample: Sample, report: Report, found: Verification) -> Score:
    """Share of quotes that stand where they say; none where the sample names texts and none of these is quoted."""
    quoted = [item.text for item in report.evidence if item.kind == "quote"]
    if sample.cites and not any(text in quote for text in sample.cites for quote in quoted):
        return verdict(scorer, 0.0, f"none of {len(quoted)} quotes has {' or '.join(map(repr, sample.cites))}"[:300])
    if not found.checks:
        return verdict(scorer, 0.0, "the run quotes nothing")
    good = sum(check.state in GOOD for check in found.checks)
    return verdict(scorer, good / len(found.checks), f"{good} of {len(found.checks)} quotes stand where they say")


def checks(scorer: Checks, _sample: Sample, report: Report) -> Score:
    """Share of the task's checks that passed; one that could not be run makes the score unclear."""
    return _share(scorer, [one.outcome for one in report.checks if one.subtask is None], "checks")


def artefacts(scorer: Artefacts, _sample: Sample, report: Report) -> Score:
    """Share of criteria that passed, where the design was accepted."""
    design = report.design
    if design is None or design.handed_over is None:
        return verdict(scorer, 0.0, "nothing was made")
    results = design.handed_over.results
    passed = sum(one.outcome == "pass" for one in results)
    told = f"{passed} of {len(results)} criteria passed, {'accepted' if design.accepted else 'not accepted'}"
    return verdict(scorer, passed / len(results) if design.accepted and results else 0.0, told)


def plan_quality(scorer: PlanQuality, _sample: Sample, report: Report) -> Score:
    """Compare the number of subtasks that were worked on with what is needed."""
    used = sum(one.status in ("done", "failed", "running") for one in report.plan.leaves())
    wanted = min(max(used, scorer.least), scorer.most)
    value = 1.0 if used == wanted else min(used, wanted) / max(used, wanted)
    return verdict(scorer, value, f"{used} subtasks; {scorer.least} to {scorer.most} are needed")


LOOKING: dict[str, Callable[..., Score]] = {
    "verified": verified,
    "claims": claim_verdicts,
    "verdicts": expected,
    "checks": checks,
    "artefacts": artefacts,
    "plan": plan_quality,
}
"""By kind, what scores a report alone."""


def _share(scorer: Checks, outcomes: list[Outcome], what: str) -> Score:
    if not outcomes:
        return unclear(scorer, f"the task has no {what}")
    if "inconclusive" in outcomes:
        return unclear(scorer, f"{outcomes.count('inconclusive')} of {len(outcomes)} {what} could not tell")
    counted = [one for one in outcomes if one != "not_applicable"]
    passed = counted.count("pass")
    return verdict(scorer, passed / len(counted) if counted else 0.0, f"{passed} of {len(counted)} {what} passed")
