"""The executor's tool ``research``: a browsing session of its own, whose quotes become evidence of the run."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from agent.browsing.policy import Policy
from agent.browsing.research.graph import browse
from agent.browsing.research.guided import GuidedSeat
from agent.browsing.research.seat import ModelSeat
from agent.browsing.session import LedgerEffects, Session
from agent.browsing.state import BrowseState, Kept
from agent.browsing.synthesis.result import Synthesis
from agent.browsing.synthesis.synthesise import synthesise
from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable, PlumblineError, RecordEnded, ReplayDivergence
from agent.domain.evidence import Quote
from agent.domain.functions import function_name
from agent.domain.messages import ToolOutcome
from agent.execution.context import Branch, RunContext
from agent.execution.downloads import downloads_of, hand_over
from agent.execution.forms import Research
from agent.execution.policy import ToolEffect, decide
from agent.execution.setting import Setting
from agent.execution.world import Browsing
from agent.ledger.effects import RunLedger
from agent.models.fence import unhidden
from agent.models.templates import render

RESEARCH = function_name(Research)
EFFECTS: tuple[ToolEffect, ...] = ("reads", "network")
"""What a call does to the world: it asks search engines and sites, and changes nothing."""

_BRANCH = ".research-"
_ASKED = "asked"
_FAILED_SHOWN = 8
_CITED = re.compile(r"\[(E\d+)\]")


class Asked(Fact):
    """What a session began with, recorded so that its record can be read without that of the branch that asked.

    Attributes:
        urls: addresses that it may open.
    """

    question: str
    urls: tuple[str, ...] = ()


class Findings(Fact):
    """What a research came to.

    Attributes:
        found: whether there is an answer, and quotes support it.
        answer: each sentence cites quotes by their ids in the run, as ``[root.0.0.E1]``.
        quotes: what was kept, under ids that are unique in the run.
        missing: what was not found or could not be read, one sentence each.
        files: paths of files that pages handed over, in the workspace.
    """

    question: str
    found: bool
    answer: str
    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The findings as a model reads them."""
        return unhidden(render("agent.execution", "findings", findings=self))


async def research(branch: Branch, name: str, question: str) -> ToolOutcome:
    """Do one call of the tool and return its outcome; that nothing was found is an outcome, too.

    Args:
        branch: the branch that asks; what comes back is of unknown origin, so it is distrusted from its next step on.
        name: of the call within the branch, the same on every re-run.
        question: what is to be found out.

    Raises:
        RunStopped, ServiceError: the run stops here and can be resumed.
    """
    decision = decide(
        branch.run.task.mode,
        untrusted=branch.exposure.untrusted,
        effects=EFFECTS,
        # a question may carry what was read in files to search engines and sites, and a page may have asked for that
        strict=branch.run.setting.strict and branch.exposure.looked,
    )
    if decision == "ask":
        refusal = await branch.approval(f"research/{name}", RESEARCH, {"question": question})
        if refusal is not None:
            return refusal
    findings = await find_out(branch, name, question)
    outcome = ToolOutcome(text=findings.text)
    key = f"{session_branch(branch, name)}/browse"
    evidence_id = f"{branch.name}.{name}"
    branch.run.evidence.note(evidence_id, key, RESEARCH, {"question": question}, outcome, untrusted=True)
    return outcome


async def find_out(branch: Branch, name: str, question: str) -> Findings:
    """Browse for a question; the quotes are then evidence of the run, and the branch has read pages.

    Raises:
        RunStopped, ServiceError: the run stops here and can be resumed.
    """
    run = branch.run
    below = run.branch(session_branch(branch, name))
    asked = Asked(question=question, urls=tuple(sorted(branch.exposure.addresses)))
    await run.ledger.fact(f"{below.name}/{_ASKED}", "action", asked.model_dump(mode="json"))
    session = _session(below, asked)
    end = await browse(session, policy_for(run.setting, below))
    written = None
    # a small model has copied its answer out of the quotes already, and could not write another
    if end.kept and end.ended != "rejected" and run.setting.strategy != "guided":
        written = await synthesise(question, end.kept, below, step="synthesis")
    findings = _findings(end, written, f"{branch.name}.{name}")
    if files := downloads_of(session.trail):
        handed = await hand_over(run, below.name, files)
        findings = findings.model_copy(
            update={"files": tuple(file.path for file in files)}
            if handed.ok
            else {"missing": (*findings.missing, f"Files came and were not kept: {handed.text}")}
        )
    run.evidence.note_quotes(findings.quotes)
    addresses = (quote.source.location for quote in findings.quotes)
    branch.exposure.hear(untrusted=True, addresses=addresses, text=findings.text)
    return findings


def _session(below: Branch, asked: Asked) -> Session:
    run = below.run
    seat = run.world.seat()
    return Session(
        asked.question,
        fetcher=seat,
        search=seat,
        browser=seat,
        effects=LedgerEffects(run.ledger, below.name, distrust=below.distrust),
        profile=(run.setting.browsing or Browsing()).profile,
        urls=asked.urls,
        asked_by_user=False,
    )


def sessions_on_record(ledger: RunLedger) -> dict[str, bool]:
    """Return the branches of a run's sessions, and of each whether its record tells what it began with."""
    names = [name for name in ledger.branches() if _BRANCH in name]
    return {name: ledger.knows(f"{name}/{_ASKED}") for name in names}


async def quotes_on_record(run: RunContext, name: str) -> tuple[tuple[Quote, ...], PlumblineError | None]:
    """Return what a session kept as far as its own record goes, and what kept it from going on.

    The latter is ``RecordEnded`` where nothing more is on record, and None where the session ended.

    Args:
        run: a run that is replayed.
        name: the session's branch, whose record tells what it began with.
    """
    below = run.branch(name)
    trouble: PlumblineError | None = None
    try:
        asked = Asked.model_validate(await run.ledger.recorded(f"{name}/{_ASKED}"))
    except ValidationError:
        return (), ReplayDivergence(f"what the session {name} began with is not on record as it should be")
    session = _session(below, asked)
    try:
        await browse(session, policy_for(run.setting, below))
    except RecordEnded as ended:
        # what is left was asked for by code or prompts that were other ones
        trouble = ReplayDivergence(str(ended)) if run.ledger.left(name) else ended
    except (ReplayDivergence, LedgerUnavailable) as error:
        trouble = error
    parent, _, number = name.rpartition(_BRANCH)
    return _quotes(session.state, f"{parent}.{number}"), trouble


def policy_for(setting: Setting, branch: Branch) -> Policy:
    """Return who browses in a run that was set up like this, with the verbs of the session's own branch.

    A small model does not drive the session but is driven through it.
    """
    if setting.strategy == "guided":
        return GuidedSeat(branch)

    async def notices(step: str, before: str) -> Sequence[str]:
        items = await branch.take(step, before=before)
        return [f"[{item['from']}] {item['text']}" for item in items if item["text"]]

    return ModelSeat(branch, notices=notices)


def session_branch(branch: Branch, name: str) -> str:
    """Return the name of the branch that a session's effects belong to."""
    return f"{branch.name}{_BRANCH}{name}"


def _findings(end: BrowseState, written: Synthesis | None, prefix: str) -> Findings:
    ids = {kept.id: tuple(_ids(kept, prefix)) for kept in end.kept}
    if written is not None:
        answer, found = written.answer, written.supported
    else:
        found = end.ended == "finished" and bool(end.kept)
        answer = end.answer if found else ""
    return Findings(
        question=end.question,
        found=found and bool(answer),
        answer=_with_ids(answer, ids),
        quotes=_quotes(end, prefix),
        missing=(*_missing(end), *_left_out(written)),
    )


def _quotes(end: BrowseState, prefix: str) -> tuple[Quote, ...]:
    """Return what a session keeps, under ids that are unique in the run."""
    return tuple(
        part.quote.model_copy(update={"id": name})
        for kept in end.kept
        for name, part in zip(_ids(kept, prefix), kept.quotes, strict=True)
    )


def _ids(kept: Kept, prefix: str) -> Iterator[str]:
    """Yield an id for each quote: one that was merged of several is cited by its parts, each of which has a place."""
    for number in range(1, len(kept.quotes) + 1):
        yield f"{prefix}.{kept.id}" if len(kept.quotes) == 1 else f"{prefix}.{kept.id}.{number}"


def _with_ids(answer: str, ids: Mapping[str, Sequence[str]]) -> str:
    """Return an answer with its citations changed to ids of the run; an id of no quote is left out."""
    return _CITED.sub(lambda match: "".join(f"[{name}]" for name in ids.get(match[1], ())), answer)


def _left_out(written: Synthesis | None) -> Iterator[str]:
    for sentence in (written.dropped if written is not None else ())[:_FAILED_SHOWN]:
        yield f"Left out of the answer, since {sentence.reason}: {sentence.text}"


def _missing(end: BrowseState) -> Iterator[str]:
    if end.ended == "rejected":
        yield f"The question was given up: {end.history[-1].arguments.get('reason', '')}"
    elif end.ended is None:
        yield f"The limit of {end.profile.steps} actions was reached before an answer."
    elif not end.kept:
        yield "Browsing ended without a quote, so there is nothing that an answer could rest on."
    failed = [step for step in end.history if not step.ok and step.name in ("search", "open", "quote")]
    for step in failed[-_FAILED_SHOWN:]:
        yield f"{step.name} failed: {step.note}"
