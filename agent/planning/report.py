"""The report: the answer with each of its claims checked, its artefacts, and what the checks said."""

from collections.abc import Mapping, Sequence

from agent.domain.checks import CheckResult
from agent.domain.claims import CheckedClaim
from agent.domain.design import Design
from agent.domain.plan import ROOT, Plan, Result
from agent.domain.report import DrawnPicture, Report, ReportOutcome
from agent.domain.view import RunView
from agent.execution.context import RunContext
from agent.execution.milestones import run_checks
from agent.planning.asking import answered_report
from agent.planning.building import built_report
from agent.planning.checking import checked_report
from agent.planning.claims import REPORT, ClaimChecker
from agent.planning.holding import hold, limits_of, named_evidence
from agent.planning.promised import named_artefacts, untested_milestones
from agent.planning.wishes import tested_wishes

_LEFT_NAMED = 20
"""How many of the files that stayed in the sandbox are named."""


async def build_report(run: RunContext, plan: Plan, results: Mapping[str, Result], final: Result) -> Report:
    """Check the answer and return the report."""
    if run.task.check is not None:
        return await checked_report(run, run.task.check, final)
    if run.task.ask is not None:
        return answered_report(run, final)
    if run.task.build is not None:
        return built_report(run, final)
    branch = run.branch(REPORT)
    of_task = await run_checks(branch, "check", [(None, check) for check in run.task.checks], subtask=None)
    untested = await untested_milestones(branch, plan, results)
    wished = await tested_wishes(branch, final)
    checks = (*_all_checks(results, final), *of_task, *untested, *wished)
    collected = await branch.collect("collect")
    # last, so that no program that is run again can change what is handed in, and what this costs cannot prevent it
    checker = await ClaimChecker.open(run, final)
    checked = await checker.check(final)
    claims = [*checked.claims, *final.doubted]
    files = named_artefacts(run.task, collected, results, final)
    notes = [*run.setting.told, *run.notes]
    notes += _left(collected.too_large, "is too large to keep", "are too much to keep")
    notes += _left(collected.unreadable, "cannot be read or has a name that is not UTF-8,", "cannot be read or named")
    notes += limits_of(run)
    report = Report(
        goal=run.task.goal,
        answer=checked.answer,
        outcome=_outcome(run, final, plan, claims, checked.uncovered, checks, files),
        claims=tuple(claims),
        checking=checked.checking,
        evidence=await named_evidence(run, checked.evidence, claims),
        artefacts=collected.taken,
        pictures=_pictures(run),
        removed=collected.removed,
        checks=(*checks, *files),
        plan=plan,
        usage=run.meter.usage,
        models=tuple(sorted(run.meter.models)),
        limited=run.meter.limited,
        untrusted=run.untrusted(),
        notes=tuple(notes),
    )
    if run.task.mode == "review":
        report = await _reviewed(run, report)
    return report


def _pictures(run: RunContext) -> tuple[DrawnPicture, ...]:
    """Return the pictures that tool calls drew; one that was drawn again and again counts once."""
    drawn: dict[str, DrawnPicture] = {}
    for result in run.evidence.drawn():
        for picture in result.images:
            drawn.setdefault(picture.sha256, DrawnPicture(evidence=result.id, **picture.model_dump()))
    return tuple(drawn.values())


def _left(paths: Sequence[str], it: str, they: str) -> list[str]:
    """Return a note for each file that stayed in the sandbox, as far as they are not too many to name."""
    notes = [f"{path} {it} and stayed in the sandbox." for path in paths[:_LEFT_NAMED]]
    if (more := len(paths) - _LEFT_NAMED) > 0:
        notes.append(f"{more:,} further files {they} and stayed in the sandbox.")
    return notes


def partial_report(view: RunView, reason: str, *, design: Design | None = None) -> Report:
    """Return what there is of a run whose budget was used up, with its design so far. Nothing in it is verified."""
    whole = view.results.get(ROOT)
    answers = [f"{name}: {result.answer}" for name, result in view.results.items()] if whole is None else [whole.answer]
    told = view.results.values() if whole is None else [whole]
    return Report(
        goal=view.task.goal if view.task is not None else "",
        answer="\n".join(answers) or "Nothing was finished.",
        outcome="budget_exhausted",
        claims=tuple(CheckedClaim(claim=claim, verdict="unverifiable") for result in told for claim in result.claims),
        checks=tuple(check for result in view.results.values() for check in result.checks),
        plan=view.plan,
        usage=view.usage,
        # a view does not tell, and a follow-up that asks once too often does no harm
        untrusted=True,
        design=design,
        notes=(f"The run stopped before its end: {reason}.", *view.setting.get("told", ())),
    )


def _all_checks(results: Mapping[str, Result], final: Result) -> tuple[CheckResult, ...]:
    return (*(check for result in results.values() for check in result.checks), *final.checks)


def _outcome(
    run: RunContext,
    final: Result,
    plan: Plan,
    claims: list[CheckedClaim],
    uncovered: Sequence[str],
    checks: tuple[CheckResult, ...],
    files: tuple[CheckResult, ...],
) -> ReportOutcome:
    """Return ``verified`` only when something was checked, all of it held, all was done, and nothing was withheld.

    That a named file is there has to hold, but shows nothing of what the answer says.
    """
    if not final.success:
        return "failed"
    tolerance = run.setting.checking.tolerance if run.setting.checking is not None else 0.0
    all_hold = hold(claims, tolerance, uncovered=uncovered) and all(
        check.outcome == "pass" for check in (*checks, *files)
    )
    all_done = all(subtask.status == "done" for subtask in plan.leaves())
    shown = any(one.claim.kind != "opinion" for one in claims) or bool(checks)
    return "verified" if all_hold and all_done and shown and not final.withheld else "unverified"


async def _reviewed(run: RunContext, report: Report) -> Report:
    """Have a person accept the report; what they object to stands in it."""
    question = f"Accept this report ({report.outcome})?\n{report.answer}"
    answer = await run.branch(REPORT).ask_person("accept", question, ("yes",))
    if answer.strip().lower() in ("y", "yes"):
        return report
    note = f"The person did not accept this report: {answer.strip()}"
    outcome = "failed" if report.outcome == "failed" else "unverified"
    return report.model_copy(update={"outcome": outcome, "notes": (*report.notes, note)})
