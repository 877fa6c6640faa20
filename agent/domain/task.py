"""What the user asked."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from agent.domain.artefacts import ArtefactKind
from agent.domain.asking import AnswerKind, AskMode, Choice
from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.checks import Check
from agent.domain.evidence import Evidence
from agent.domain.programs import Program

GOAL_LIMIT = 100_000
"""Longest goal in characters; more belongs into a file."""

Mode = Literal["auto", "manual", "review"]


class WorkspaceFile(Fact):
    """A file by its path in the workspace and its content's blob."""

    path: str
    sha256: str
    size: int = Field(ge=0)

    @field_validator("path")
    @classmethod
    def _inside_workspace(cls, path: str) -> str:
        return workspace_path(path)


class Exchange(Fact):
    """An earlier task of the same conversation and its answer; ``untrusted`` when text of unknown origin is in it."""

    goal: str
    answer: str
    run_id: str
    untrusted: bool = False


class BrowseLimits(Fact):
    """What is different in a session from the profile that it names; None is as there."""

    steps: int | None = Field(default=None, ge=1)
    results: int | None = Field(default=None, ge=1, le=20)
    window_characters: int | None = Field(default=None, ge=1)
    quotes: int | None = Field(default=None, ge=1)


class BrowseOrder(Fact):
    """That a task is a question to browse for, and how: the run is one browsing session and its answer.

    Attributes:
        seat: who browses.
        pipeline: nobody browses; queries, pages, quotes and the answer come in one pass.
        profile: name of the session's limits; None until the run is started, which takes those of the settings.
        limits: what is different in them; None where nothing is.
        urls: addresses that may be opened besides those that are found.
        web: the web may be searched and read, and not the task's corpus alone.
    """

    seat: Literal["person", "model"] = "person"
    profile: str | None = Field(default=None, min_length=1, max_length=100)
    limits: BrowseLimits | None = None
    urls: tuple[str, ...] = ()
    web: bool = False
    pipeline: bool = False


class CheckOrder(Fact):
    """That a task is a text whose claims are checked: the run is that check, and the text is its answer.

    Besides what is named here, the task's corpus and the task's own evidence are what the text is checked against.

    Attributes:
        sha256: blob of the text in UTF-8; empty where it is the page of ``url``.
        url: address of the page whose text is checked; empty where the text is given.
        title: what the text is called; a page's own title is taken where this is empty.
        location: path or address of the text, as shown to people.
        web: the web may be searched for evidence.
        knowledge: names of the knowledge bases in which claims are looked up.
        rethink: sentences whose claims fail are written anew.
        claims: claims that are checked at most; None as the settings say.
        extraction: who takes the claims out of the text; None as the settings say.
    """

    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    url: str = ""
    title: str = ""
    location: str = ""
    web: bool = False
    knowledge: tuple[str, ...] = ()
    rethink: bool = False
    claims: int | None = Field(default=None, ge=1)
    extraction: Literal["rules", "model"] | None = None

    @model_validator(mode="after")
    def _one_text(self) -> "CheckOrder":
        if bool(self.sha256) == bool(self.url):
            raise ValueError("a text to be checked is either given or fetched")
        return self


class AskOrder(Fact):
    """That a task is a question put to a model in one way, and nothing else; its goal is the question.

    Attributes:
        mode: the way.
        kind: what sort of answer is wanted; None as the question shows.
        choices: the answers to choose from, where one is to be chosen.
        exemplars: blob of a file of exemplars in UTF-8; empty for those of the product.
        knowledge: names of the knowledge bases in which triples are looked up.
    """

    mode: AskMode
    kind: AnswerKind | None = None
    choices: tuple[Choice, ...] = ()
    exemplars: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    knowledge: tuple[str, ...] = ()


class BuildOrder(Fact):
    """That a task is something to be made, looked at and tried out, and nothing else; its goal is the wish.

    Attributes:
        artefact: what is made.
        candidates: programs that are written side by side in each round.
        rounds: rounds at most.
        criteria: blob of the criteria as JSON, where a person wrote them; empty where they are written from the wish.
        visual: candidates are looked at.
        pragmatic: candidates are tried out; without it nothing is ever accepted.
        hints: what is told to those who write programs, beside the wish.
        seed: of the first trial of each criterion.
    """

    artefact: ArtefactKind
    candidates: int = Field(default=2, ge=1, le=8)
    rounds: int = Field(default=3, ge=1, le=10)
    criteria: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    visual: bool = True
    pragmatic: bool = True
    hints: tuple[str, ...] = ()
    seed: int = Field(default=0, ge=0)


class Setup(Fact):
    """What a workspace is prepared with before a run begins; no model is told of it.

    Attributes:
        files: put into the workspace beside the task's own, which models are told of.
        program: run once, after all files are there; what it leaves counts as given and not as made by the run.
    """

    files: tuple[WorkspaceFile, ...] = ()
    program: Program | None = None


class Task(Fact):
    """Goal, input files, constraints, budget and checks: everything a run starts from.

    Attributes:
        corpus: name of the document corpus to search, if any: letters, digits, ``-`` and ``_``.
        web: the web may be researched.
        mode: ``manual`` has each risky tool call approved, ``review`` the plan, the report and each call that acts
            outside, ``auto`` only such a call of a branch that has read text of unknown origin; where the web is
            researched, any call of such a branch that is not mere reading.
        history: earlier tasks of the same conversation, oldest first.
        evidence: evidence of those earlier tasks that may still be cited.
        browse: makes the goal a question that is browsed for, and nothing else.
        check: makes the run the check of a text, and nothing else.
        ask: makes the goal a question that a model answers from what it knows, and nothing else.
        build: makes the goal something to be made, looked at and tried out, and nothing else.
        setup: prepares the workspace before anything else is done.
    """

    schema_version: Literal[1] = 1
    goal: str = Field(min_length=1, max_length=GOAL_LIMIT)
    files: tuple[WorkspaceFile, ...] = ()
    corpus: str | None = Field(default=None, pattern=r"^[\w-]{1,200}$")
    web: bool = False
    constraints: tuple[str, ...] = ()
    budget: Budget = Field(default_factory=Budget)
    checks: tuple[Check, ...] = ()
    mode: Mode = "auto"
    history: tuple[Exchange, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    browse: BrowseOrder | None = None
    check: CheckOrder | None = None
    ask: AskOrder | None = None
    build: BuildOrder | None = None
    setup: Setup | None = None

    @field_validator("goal")
    @classmethod
    def _not_blank(cls, goal: str) -> str:
        if not goal.strip():
            raise ValueError("the goal is empty; say what to do")
        return goal.strip()


def workspace_path(path: str) -> str:
    """Return a workspace path in its one form: relative, with forward slashes.

    Raises:
        ValueError: the path is absolute, leaves the workspace, has control characters, or is not UTF-8.
    """
    if not path or len(path) > 1000:
        raise ValueError("a file name has 1 to 1000 characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise ValueError(f"the file name {path!r} has a control character; rename the file")
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise ValueError(f"the file name {path!r} is not UTF-8; rename the file")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or not parts:
        raise ValueError(f"the file name {path!r} leaves the workspace; use a plain relative name")
    return "/".join(parts)
