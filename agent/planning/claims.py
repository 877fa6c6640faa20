"""Verdicts on what an answer states: the chain of checks over a run's own evidence, within a share of its budget."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from posixpath import normpath

from agent.browsing.evidence.given import GivenEvidence
from agent.domain.claims import Claim
from agent.domain.errors import ModelOutputError, RecordEnded
from agent.domain.evidence import Evidence, ToolResult
from agent.domain.plan import Result
from agent.execution.context import RunContext
from agent.execution.knowledge import RecordedKnowledge
from agent.execution.reruns import SandboxPrograms, programs_of
from agent.planning.check_parts import stored_texts
from agent.planning.share import Share
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Judge
from agent.verification.chain.rethinking import ModelRethinker
from agent.verification.covering import uncovered_sentences, without_citations
from agent.verification.extraction.kinds import kind_of
from agent.verification.extraction.plain import evidence_marks
from agent.verification.extraction.rules import RuleExtractor
from agent.verification.judges.choosing import (
    deterministic_judges,
    knowledge_ranker,
    knowledge_retrievers,
    model_judge,
)
from agent.verification.judges.cited import AcceptedWhileMade, CitedJudge, OpenClaimsJudge
from agent.verification.judges.corrections import CorrectionJudge
from agent.verification.judges.following import FollowingJudge
from agent.verification.judges.wording import WordingJudge

REPORT = "report"
"""Branch of the report's own effects."""

_READ_FILE = "read_file"
_NUMBERED = re.compile(r" *(\d+)\t(.*)")


class ClaimChecker:
    """Checks the claims of a run's answer.

    Args:
        run: the run whose evidence the claims cite.
        evidence: the cited evidence by id.
        readings: SHA-256 of the input file that a tool result shows unchanged, by the id of the result.
        texts: texts of the quoted sources by SHA-256.
    """

    def __init__(
        self, run: RunContext, evidence: Mapping[str, Evidence], readings: Mapping[str, str], texts: Mapping[str, str]
    ) -> None:
        self._run = run
        self._evidence = evidence
        self._readings = readings
        self._branch = run.branch(REPORT)
        self._cited = CitedJudge(question=run.task.goal, texts=texts, readings=readings)

    @classmethod
    async def open(cls, run: RunContext, final: Result) -> "ClaimChecker":
        """Gather what the claims of an answer cite, and its sentences; an id that nothing stands for is left out."""
        found: dict[str, Evidence] = {}
        readings: dict[str, str] = {}
        claims = (*final.claims, *(doubted.claim for doubted in final.doubted))
        cited = (name for claim in claims for name in claim.evidence)
        for name in dict.fromkeys((*cited, *evidence_marks(final.answer))):
            try:
                item = await run.evidence.find(name)
            except ModelOutputError:
                continue
            reading = await _reading(run, item) if isinstance(item, ToolResult) else None
            if reading is None:
                found[name] = item
            else:
                found[name], readings[name] = reading
        sources = {item.source.text_sha256 for item in found.values() if item.kind == "quote"}
        texts = {sha256: (await run.ledger.get_blob(sha256)).decode() for sha256 in sorted(sources)}
        return cls(run, found, readings, texts)

    async def check(self, final: Result) -> Checked:
        """Return an answer with its claims checked, and its failed sentences written anew where a model can.

        Sentences that no claim of it covers are taken apart into claims of their own, which cite nothing: they must be
        shown by what the run has read, or follow from the claims that are supported. An assembled answer states its
        claims and nothing else, so that these alone are read.
        """
        config = self._run.setting.checking or CheckingConfig()
        left = () if final.assembled else await self._left(final)
        parts = self._parts(config, final, (*(_of_its_kind(claim) for claim in final.claims), *left))
        try:
            stated = "\n\n".join(claim.text for claim in final.claims) if final.assembled else final.answer
            checked = await check_answer(stated, parts, config, step="claims")
        except RecordEnded as ended:
            if self._run.setting.checking is not None:
                raise
            raise RecordEnded(
                f"run {self._run.ledger.run_id} was recorded by an earlier version, which checked claims otherwise, "
                "so its report cannot be made again; plumbline show has it as it was recorded"
            ) from ended
        claims = [
            one.model_copy(update={"findings": self._cited.checked[one.claim.id].findings})
            if one.claim.id in self._cited.checked
            else one
            for one in checked.claims
        ]
        if final.assembled:
            nowhere = {"sentence": "", "start": None, "end": None}
            claims = [one.model_copy(update={"claim": one.claim.model_copy(update=nowhere)}) for one in claims]
            return checked.model_copy(update={"claims": tuple(claims), "answer": final.answer})
        return checked.model_copy(update={"claims": tuple(claims)})

    async def _left(self, final: Result) -> Sequence[Claim]:
        """Return claims for the sentences that no claim of the answer covers."""
        sentences = uncovered_sentences(final.answer, final.claims, self._run.task.goal)
        if not sentences:
            return ()
        found = (await RuleExtractor().extract("left", final.answer)).claims
        taken = [claim for claim in found if _sentence_of(claim) in sentences]
        known = {_sentence_of(claim) for claim in taken}
        whole = [text for text in sentences if text not in known]
        texts = [*taken, *(Claim(id="left", text=text) for text in whole)]
        return [
            claim.model_copy(
                update={
                    "id": f"answer.{number}",
                    # a mark that is no id of this run, such as the number of a footnote, cites nothing
                    "evidence": tuple(name for name in claim.evidence if name in self._evidence),
                }
            )
            for number, claim in enumerate(texts, 1)
        ]

    def _parts(self, config: CheckingConfig, final: Result, claims: Sequence[Claim]) -> Parts:
        run, branch, text_of = self._run, self._branch, stored_texts(self._run)
        knowledge = RecordedKnowledge(run, REPORT)
        hear = partial(OpenClaimsJudge, cited=self._cited)
        judges: list[Judge] = [
            self._cited,
            *deterministic_judges(
                bases=config.knowledge,
                knowledge=knowledge,
                text_of=text_of,
                readings=self._readings,
                run_program=self._programs(),
                reference=run.setting.day,
            ),
            WordingJudge(),
            hear(AcceptedWhileMade(_passed(final)), paraphrase=False),
        ]
        if run.setting.memory.kept:
            judges.append(CorrectionJudge(branch.remember))
        if self._judged:
            judges.append(hear(model_judge(branch, limited=False, readings=self._readings), paraphrase=True))
        share = Share(run, config)
        rethinker = ModelRethinker(branch, question=run.task.goal, allowance=share.left)
        return Parts(
            extractor=RuleExtractor(),
            judges=tuple(judges),
            retrievers=(
                *knowledge_retrievers(config.knowledge, knowledge),
                *((GivenEvidence(run.evidence.quotes),) if run.evidence.quotes else ()),
            ),
            text_of=text_of,
            rethinker=rethinker if self._judged and not final.assembled else None,
            entails=FollowingJudge(branch) if self._judged else None,
            ranker=knowledge_ranker(config.knowledge, knowledge),
            allowance=share.left,
            claims=tuple(claims),
            evidence=tuple(self._evidence.values()),
        )

    def _programs(self) -> SandboxPrograms | None:
        """Return what runs programs again; None where a person would have to be asked, or they may be of others."""
        run = self._run
        return programs_of(self._branch) if run.task.mode == "auto" and not run.untrusted() else None

    @property
    def _judged(self) -> bool:
        """Whether the verifier is asked: a small model would only guess, and no person is to judge their own words."""
        order = self._run.task.browse
        return not self._run.setting.limited and not (order is not None and order.seat == "person")


def _of_its_kind(claim: Claim) -> Claim:
    """Return a claim with its kind; what a model submits as a claim is never left aside as an opinion."""
    kind = kind_of(claim.text)
    return claim.model_copy(update={"kind": "fact" if kind == "opinion" else kind})


def _sentence_of(claim: Claim) -> str:
    """Return the sentence that a claim was taken from, without marks that cite."""
    return without_citations(claim.sentence or claim.text).strip()


def _passed(final: Result) -> Mapping[str, Sequence[str]]:
    """Return the names of the checks that claims passed while they were made, by claim id."""
    return {
        name: [finding.method for finding in findings if finding.passed]
        for name, findings in final.judgements.items()
        if findings
    }


async def _reading(run: RunContext, item: ToolResult) -> tuple[ToolResult, str] | None:
    """Return a reading of an input file as the lines it shows, and the file's hash; None where it shows anything else.

    The run may have changed the file before it was read, so the lines are compared with what the person gave.
    """
    if item.tool != _READ_FILE or not item.ok:
        return None
    path = normpath(str(json.loads(item.arguments).get("path", "")))
    given = next((file for file in run.task.files if normpath(file.path) == path), None)
    shown = [_NUMBERED.fullmatch(line) for line in item.output.splitlines()[1:]]
    while shown and shown[-1] is None:
        shown.pop()
    if given is None or not shown or not all(shown):
        return None
    lines = (await run.ledger.get_blob(given.sha256)).decode("utf-8", "replace").splitlines()
    pairs = [(int(match[1]), match[2]) for match in shown if match is not None]
    same = all(number <= len(lines) and lines[number - 1] == text for number, text in pairs)
    shown_lines = "\n".join(text for _, text in pairs)
    return (item.model_copy(update={"output": shown_lines}), given.sha256) if same else None
