"""The scorers there are, as suites name them. A scorer gives a value from 0 to 1, and passes from its threshold on."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.programs import Program


class _Scorer(Fact):
    """What all scorers share.

    Attributes:
        threshold: value from which the scorer passes.
        required: a sample passes only if this scorer does; others are told beside.
    """

    threshold: float = Field(default=1.0, ge=0, le=1, allow_inf_nan=False)
    required: bool = True


class Exact(_Scorer):
    """The answer is one of the gold answers, character by character but for space at its ends."""

    kind: Literal["exact"] = "exact"


class Normalised(_Scorer):
    """The answer is a gold answer but for case, articles, punctuation and the spelling of small numbers."""

    kind: Literal["normalised"] = "normalised"


class Contains(_Scorer):
    """One of the gold answers stands in the answer as whole words, but for case and punctuation."""

    kind: Literal["contains"] = "contains"


class Numeric(_Scorer):
    """The last number of the answer is one of the gold numbers, but for a relative or absolute tolerance."""

    kind: Literal["numeric"] = "numeric"
    relative: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    absolute: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class Chosen(_Scorer):
    """The label that the answer names is a gold one."""

    kind: Literal["choice"] = "choice"


class TokenF1(_Scorer):
    """F1 of the words of the answer against the best gold answer."""

    kind: Literal["f1"] = "f1"
    threshold: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)


class RougeL(_Scorer):
    """Rouge-L of the answer against the best gold answer."""

    kind: Literal["rouge_l"] = "rouge_l"
    threshold: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)


class Pattern(_Scorer):
    """A regular expression is found in the answer."""

    kind: Literal["regex"] = "regex"
    pattern: str = Field(min_length=1, max_length=2000)


class JsonSchema(_Scorer):
    """The answer, or the first JSON in it, fits a JSON schema."""

    kind: Literal["json_schema"] = "json_schema"
    schema_: dict[str, Any] = Field(alias="schema")


class Verified(_Scorer):
    """The report is verified: claims supported, checks passed. Or it is not, where the sample is to be refused."""

    kind: Literal["verified"] = "verified"


class ClaimVerdicts(_Scorer):
    """Share of the claims of the report that are supported; 0 where one is contradicted."""

    kind: Literal["claims"] = "claims"


class Expected(_Scorer):
    """Share of the verdicts that the sample names which the claims of the report got."""

    kind: Literal["verdicts"] = "verdicts"


class Citations(_Scorer):
    """Share of the quotes that stand where they say, and, where the sample names texts, one of which is quoted."""

    kind: Literal["citations"] = "citations"


class Checks(_Scorer):
    """Share of the task's own checks, run in the sandbox at the end of the run, that passed."""

    kind: Literal["checks"] = "checks"


class Artefacts(_Scorer):
    """Share of an artefact's criteria that passed; 0 where the design was not accepted."""

    kind: Literal["artefacts"] = "artefacts"


class PlanQuality(_Scorer):
    """How close the number of subtasks is to what is needed: 1 inside the bounds, less the further away.

    Attributes:
        least: subtasks that are needed; 0 where none is.
        most: subtasks beyond which a plan is too long.
    """

    kind: Literal["plan"] = "plan"
    least: int = Field(default=0, ge=0)
    most: int = Field(default=1, ge=0)
    required: bool = False


class ProgramCheck(_Scorer):
    """A program of the suite ends with exit code 0 in a sandbox of its own that holds the run's last workspace.

    The last line that it prints may be ``{"value": 0.5, "detail": "3 of 6"}``; without it the value is 1 or 0. A check
    that cannot tell is an error and no failure: one that a signal or its time limit ends, that is not found (exit codes
    126 and 127), whose value is none from 0 to 1, or that ends with exit code 70. Python text ends so with whatever it
    raises but ``AssertionError`` and ``FileNotFoundError``, which are failures.

    Attributes:
        program: run in the workspace. Python text finds no modules there unless it adds the folder to ``sys.path``.
        files: put into the workspace first, in place of what the run left there: by their paths in it, their paths in
            the suite's folder. The run never sees them.
        threshold: value that is needed beside exit code 0.
        to_the_end: exit code 0 does only where the check prints a value, as its last line: a module that the run left
            can end the program which imports it, and that is a failure. Of Python text this is seen without a value.
    """

    kind: Literal["program"] = "program"
    program: Program
    files: dict[str, str] = Field(default_factory=dict)
    to_the_end: bool = False
    threshold: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)


class Level(Fact):
    """A level of a rubric: the value that it stands for, and the words by which it is told from others."""

    value: float = Field(ge=0, le=1, allow_inf_nan=False)
    words: str = Field(min_length=1, max_length=2000)


class Judged(_Scorer):
    """A model says which level of a rubric the answer reaches; the value is the median of its votes.

    Each vote is shown the levels in another order. A vote that cannot be used makes the score an error.

    Attributes:
        name: by which labelled examples in ``judge_examples.jsonl`` are meant for this judge.
        rubric: what is judged, and by what.
        votes: how often the model is asked; odd, so that there is a median.
        model: who judges; ``--judge`` of a command counts more. It is never silently the model that is measured.
        agreement: Cohen's kappa that the judge must reach on the labelled examples before any of its scores counts;
            None where it need not be measured.
    """

    kind: Literal["judge"] = "judge"
    name: str = Field(default="judge", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    rubric: str = Field(min_length=1, max_length=20_000)
    levels: tuple[Level, ...] = Field(min_length=2, max_length=9)
    votes: int = Field(default=3, ge=1, le=15)
    model: str | None = None
    agreement: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _usable(self) -> "Judged":
        if len({level.value for level in self.levels}) < len(self.levels):
            raise ValueError("two levels have the same value")
        if self.votes % 2 == 0:
            raise ValueError("the number of votes is odd, so that there is a median")
        return self


Scorer = Annotated[
    Exact
    | Normalised
    | Contains
    | Numeric
    | Chosen
    | TokenF1
    | RougeL
    | Pattern
    | JsonSchema
    | Verified
    | ClaimVerdicts
    | Expected
    | Citations
    | Checks
    | Artefacts
    | PlanQuality
    | ProgramCheck
    | Judged,
    Field(discriminator="kind"),
]


class Score(Fact):
    """What a scorer said of one result.

    Attributes:
        scorer: its kind.
        value: from 0 to 1; None where it could not tell, which is an error and never a failure.
        passed: whether the value reaches the threshold; None without a value.
        required: the sample passes only if this passes.
        detail: one line a person can follow.
        usage: what was used where a model was asked for it.
    """

    scorer: str
    value: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    passed: bool | None = None
    required: bool = True
    detail: str
    usage: Usage | None = None
