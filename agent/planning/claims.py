"""Verdicts on what an answer states: the cited evidence, the checks without a model, and the verifier for the rest."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from posixpath import normpath

from agent.domain.claims import CheckedClaim, Claim, Finding
from agent.domain.errors import ModelOutputError
from agent.domain.evidence import Evidence, ToolResult
from agent.domain.plan import Result
from agent.execution.context import RunContext
from agent.verification.claims import check_claim, evidence_text, settled
from agent.verification.covering import uncovered_sentences
from agent.verification.judge import SupportJudge

REPORT = "report"
"""Branch of the report's own effects."""

_READ_FILE = "read_file"
_NUMBERED = re.compile(r" *(\d+)\t(.*)")


class ClaimChecker:
    """Gives each claim of an answer its verdict.

    Args:
        run: the run whose evidence the claims cite.
        evidence: the cited evidence by id.
        readings: ids of tool results that show an unchanged input file.
        texts: texts of the quoted sources by SHA-256.
    """

    def __init__(
        self, run: RunContext, evidence: Mapping[str, Evidence], readings: frozenset[str], texts: Mapping[str, str]
    ) -> None:
        self.evidence = evidence
        self._run = run
        self._readings = readings
        self._texts = texts
        # servers that give log-probabilities are rare, and capable models say what they mean
        ask = partial(run.branch(REPORT).ask, role="verifier", refusal_is_reply=True)
        self._judge = SupportJudge(ask, logprobs=False)

    @classmethod
    async def open(cls, run: RunContext, claims: Iterable[Claim]) -> "ClaimChecker":
        """Gather what claims cite; an id that nothing stands for is left out."""
        found: dict[str, Evidence] = {}
        readings: set[str] = set()
        for name in (name for claim in claims for name in claim.evidence):
            try:
                item = await run.evidence.find(name)
            except ModelOutputError:
                continue
            reading = await _reading(run, item) if isinstance(item, ToolResult) else None
            if reading is not None:
                readings.add(name)
            found[name] = reading or item
        sources = {item.source.text_sha256 for item in found.values() if item.kind == "quote"}
        texts = {sha256: (await run.ledger.get_blob(sha256)).decode() for sha256 in sorted(sources)}
        return cls(run, found, frozenset(readings), texts)

    async def check(self, final: Result) -> list[CheckedClaim]:
        """Return the claims of an answer, and the sentences of it that none of them covers, with their verdicts."""
        checked = [await self._checked(claim, final.judgements.get(claim.id, ())) for claim in final.claims]
        if final.assembled:
            return checked
        left = uncovered_sentences(final.answer, final.claims, self._run.task.goal)
        proved = [one.claim for one in checked if one.verdict == "supported"]
        return checked + [await self._followed(index, text, proved) for index, text in enumerate(left, 1)]

    async def _checked(self, claim: Claim, judgements: Sequence[Finding]) -> CheckedClaim:
        """Return a claim with its verdict.

        What the checks without a model leave open is decided by what a guided strategy found, or by the verifier. The
        verifier sees what stands in sources, never what a program printed: a program can print anything.
        """
        # a claim on a long quote takes a second, and a report has many
        checked = await asyncio.to_thread(
            check_claim,
            claim,
            self.evidence.values(),
            question=claim.question or self._run.task.goal,
            text_of=self._texts.__getitem__,
            readings=self._readings,
        )
        if judgements:
            passed = ", ".join(dict.fromkeys(finding.method for finding in judgements if finding.passed))
            guided = Finding(method="guided", passed=True, detail=f"accepted by the guided strategy: {passed}")
            return settled(checked, guided, paraphrase=False)
        if not self._judged:
            return checked
        cited = [self.evidence[name] for name in dict.fromkeys(claim.evidence) if name in self.evidence]
        sources = [evidence_text(item) for item in cited if item.kind != "tool_result" or item.id in self._readings]
        return await self._judge.settle(f"judge/{claim.id}", checked, sources, question=claim.question, paraphrase=True)

    @property
    def _judged(self) -> bool:
        """Whether the verifier is asked: a small model would only guess, and no person is to judge their own words."""
        order = self._run.task.browse
        return not self._run.setting.limited and not (order is not None and order.seat == "person")

    async def _followed(self, index: int, sentence: str, proved: Sequence[Claim]) -> CheckedClaim:
        """Return a sentence that no claim covers, supported only if it follows from claims that are supported."""
        cited = tuple(dict.fromkeys(name for claim in proved for name in claim.evidence))
        claim = Claim(id=f"answer.{index}", text=sentence, evidence=cited)
        found = Finding(method="coverage", passed=None, detail="no claim of the answer says this")
        checked = CheckedClaim(claim=claim, verdict="unverifiable", findings=(found,))
        if not self._judged or not proved:
            return checked.model_copy(update={"claim": claim.model_copy(update={"evidence": ()})})
        said = ["\n".join(claim.text for claim in proved)]
        return await self._judge.settle(f"judge/{claim.id}", checked, said, paraphrase=True)


async def _reading(run: RunContext, item: ToolResult) -> ToolResult | None:
    """Return a reading of an input file as the lines it shows; None where it shows anything else.

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
    return item.model_copy(update={"output": "\n".join(text for _, text in pairs)}) if same else None
