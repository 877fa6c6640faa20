"""The judge that runs the programs which claims speak of."""

import ast
import re
from collections.abc import Sequence
from decimal import Decimal

from agent.domain.claims import Claim, Judgement, Tier, Verdict
from agent.domain.evidence import Evidence
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.code_claims import CodeClaim, Unclear, read_claim
from agent.verification.judges.programs import ProgramRun, RunProgram
from agent.verification.judges.surroundings import asks_surroundings

LONGEST_PROGRAM = 20_000
"""Characters of a program that is run."""
_LONGEST_DETAIL = 400
_THOUSANDS = re.compile(r"(?<=\d),(\d{3})(?!\d)")
_SHOWN = 80
_TELLING = frozenset({"ZeroDivisionError", "TypeError", "ValueError", "IndexError", "KeyError", "OverflowError"})
"""Errors that come from the program itself. Others may come from what the sandbox, or a lone piece of code, lacks."""
_LACKING = re.compile(
    r"(?:ModuleNotFound|Import|FileNotFound|Permission|EOF|OS|IO|Timeout|Connection\w*|URL|Memory)Error|gaierror"
)
"""Errors that say what the sandbox lacks, not what the program does elsewhere."""
_DENIALS: dict[Verdict, Verdict] = {
    "supported": "contradicted",
    "contradicted": "supported",
    "qualified": "unverifiable",
}


class CodeJudge:
    """Judges what claims say that programs print, return or raise, by running them twice in a sandbox.

    A program that was not run, or that does not do the same twice, proves nothing. A claim is supported only where it
    says nothing but what was tried out.

    Args:
        run_program: runs programs.
    """

    name = "code"
    tier: Tier = "T1"

    def __init__(self, run_program: RunProgram) -> None:
        self._run_program = run_program

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return one judgement on a claim about a program, else none.

        Raises:
            JudgeFailed: the program could not be run.
        """
        if claim.kind == "opinion":
            return ()
        try:
            said = read_claim(claim, evidence)
            if said is None:
                return ()
            if len(said.program) > LONGEST_PROGRAM:
                raise Unclear(f"the program is longer than {LONGEST_PROGRAM:,} characters")
        except Unclear as unclear:
            return (self._judgement("unverifiable", str(unclear), ()),)
        runs = [await self._run(f"{step}/1", said)]
        if runs[0].exit_code is not None:
            runs.append(await self._run(f"{step}/2", said))
        verdict, reason = _judged(said, runs)
        if verdict == "supported" and said.more:
            verdict, reason = "unverifiable", f"{reason}; the claim also says: {said.more}"
        if verdict == "contradicted" and said.limits:
            verdict, reason = "unverifiable", f"{reason}; the claim may mean another program or case: {said.limits}"
        detail = f"{reason} ({_record(runs)})" if verdict != "unverifiable" or runs[0].exit_code is not None else reason
        return (self._judgement(verdict, detail, tuple(one.evidence for one in runs if one.evidence)),)

    async def _run(self, step: str, said: CodeClaim) -> ProgramRun:
        run = await self._run_program(step, said.program, said.language)
        if run.failure:
            raise JudgeFailed(" ".join(run.failure.split())[:_LONGEST_DETAIL])
        return run

    def _judgement(self, verdict: Verdict, detail: str, evidence: tuple[str, ...]) -> Judgement:
        shown = " ".join(detail.split())[:_LONGEST_DETAIL]
        return Judgement(judge=self.name, tier=self.tier, verdict=verdict, detail=shown, evidence=evidence)


def _record(runs: Sequence[ProgramRun]) -> str:
    """Return how a program ended and the hash of all it printed."""
    return f"run {len(runs)} times, exit code {runs[0].exit_code}, sha256 of the output {runs[0].sha256}"


def _judged(said: CodeClaim, runs: Sequence[ProgramRun]) -> tuple[Verdict, str]:
    first, *others = runs
    if any(one.exit_code is None for one in runs):
        return "unverifiable", "the program did not end within its time limit"
    if any((one.exit_code, one.sha256) != (first.exit_code, first.sha256) for one in others):
        return "unverifiable", "the program does not print the same twice"
    if said.recorded is not None and said.recorded.rstrip() != first.stdout.rstrip():
        return "unverifiable", "the program no longer prints what it printed in the run"
    if said.recorded is None and (asked := asks_surroundings(said.program, said.language)):
        return "unverifiable", f"what the program does depends on where and when it runs: {asked}"
    if any(one.cut for one in runs):
        return "unverifiable", "the program prints more than is kept"
    verdict, reason = _outcome(said, first)
    return (_DENIALS.get(verdict, verdict) if said.denied else verdict), reason


def _outcome(said: CodeClaim, run: ProgramRun) -> tuple[Verdict, str]:
    """Return whether a program did what was said, whether that was asserted or denied."""
    if said.deed == "exits":
        if not said.expected.isdigit():
            return "unverifiable", f"{said.expected!r} is no exit code"
        same = int(said.expected) == run.exit_code
        return ("supported" if same else "contradicted"), f"the program ended with exit code {run.exit_code}"
    error = _error(run)
    if said.deed == "raises":
        return _raised(said.expected, error, run)
    if run.exit_code != 0:
        reason = f"the program ended with exit code {run.exit_code}{f' and {error}' if error else ''}"
        return ("contradicted" if error in _TELLING and said.certain else "unverifiable"), reason
    printed = run.stdout.rstrip("\n")
    verdict = _value(said.expected, printed) if said.deed == "returns" else _printed(said.expected, printed)
    reason = f"it {said.deed} {_short(printed)}"
    if verdict == "contradicted" and not said.certain:
        return "unverifiable", f"{reason}; the claim does not mark off what is {said.deed.removesuffix('s')}ed"
    return verdict, reason


def _raised(expected: str, error: str, run: ProgramRun) -> tuple[Verdict, str]:
    name = expected.split("(")[0].split(":")[0].strip().removeprefix("builtins.")
    if not re.fullmatch(r"[\w.]+", name) or not name.endswith(
        ("Error", "Exception", "Warning", "Interrupt", "Iteration")
    ):
        return "unverifiable", f"{expected!r} names no error"
    if run.exit_code == 0:
        return "contradicted", "the program ended without an error"
    if _LACKING.fullmatch(error):
        return "unverifiable", f"it raised {error}, which may come from what the sandbox lacks"
    if error == name.split(".")[-1]:
        return "supported", f"it raised {error}"
    return ("contradicted" if error in _TELLING else "unverifiable"), f"it raised {error or 'nothing that is named'}"


def _error(run: ProgramRun) -> str:
    """Return the name of the error that ended a Python program; empty where there is none."""
    lines = run.stderr.strip().splitlines()
    match = re.match(r"([A-Za-z_][\w.]*)(?::|$)", lines[-1]) if lines and run.exit_code else None
    return match[1].split(".")[-1] if match else ""


def _printed(expected: str, printed: str) -> Verdict:
    wanted = expected.strip()
    plain = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    if plain in (wanted, wanted.replace("\\n", "\n").strip()):
        return "supported"
    if not plain:
        # what only defines functions prints nothing before somebody calls them
        return "unverifiable"
    among = re.search(rf"(?<![\w.]){re.escape(wanted)}(?!\w|\.\d)", plain)
    return "qualified" if among or _equal_numbers(wanted, plain) else "contradicted"


def _value(expected: str, printed: str) -> Verdict:
    """Compare a value as it is written with one that a program printed by ``repr``."""
    if printed.strip() == expected.strip():
        return "supported"
    try:
        value = ast.literal_eval(printed.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        # an object without a literal form: its text may name the same in other words
        return "unverifiable"
    if isinstance(value, str) and value == expected:
        return "supported"
    try:
        wanted = ast.literal_eval(expected.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return "unverifiable"
    if repr(wanted) == repr(value):
        return "supported"
    return "qualified" if wanted == value or _equal_numbers(expected, printed) else "contradicted"


def _equal_numbers(one: str, other: str) -> bool:
    """Whether two texts are one number, or the first is the second rounded to the digits it has."""
    try:
        said, shown = Decimal(_THOUSANDS.sub(r"\1", one.strip())), Decimal(other.strip())
        exponent = said.as_tuple().exponent
        if not (said.is_finite() and shown.is_finite() and isinstance(exponent, int)):
            return False
        return said == shown or (exponent < 0 and abs(said - shown) <= Decimal(5).scaleb(exponent - 1))
    except (ArithmeticError, ValueError):
        return False


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
