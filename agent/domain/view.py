"""The state of a run, computed from its events alone: the same function shows a live run, a past one and a replay."""

import json
from datetime import datetime
from typing import Any

from pydantic import Field, TypeAdapter

from agent.domain.base import Fact, Form
from agent.domain.budget import Budget, Usage
from agent.domain.events import Event, EventKind, RunStatus
from agent.domain.plan import Plan, Result, Status
from agent.domain.report import Report
from agent.domain.task import Task

_STATUS: TypeAdapter[Status] = TypeAdapter(Status)


class Step(Fact):
    """One effect as a person sees it: what was asked, and what came of it."""

    key: str
    kind: str
    title: str
    started_seq: int
    done_seq: int | None = None
    ok: bool | None = None
    detail: str = ""
    started_at: datetime | None = None
    done_at: datetime | None = None


class Question(Fact):
    """A question to a person that the run has not taken an answer to yet, though there may be one."""

    key: str
    question: str
    options: tuple[str, ...] = ()
    answered: bool = False


class DesignNews(Fact):
    """Something of a design that stands since an event, in one line.

    Attributes:
        stage: what it is about, such as ``candidate`` or ``tried``.
        round: its number; 0 before the first.
        candidate: the id of the one it is about; empty for others.
    """

    stage: str
    round: int = 0
    candidate: str = ""
    text: str


class RunView(Form):
    """A run as far as its events up to ``seq`` tell. It depends on nothing but those events and their order.

    ``steps`` are all effects by their keys, in the order in which they started. ``questions`` are those of them that
    wait for a person, and ``question`` is the first of these that nobody has answered. ``egress`` has a line for each
    request of the sandbox to the outside. ``checking`` says how far the check of a text has come, and
    ``design`` what stands of a design.
    """

    run_id: str = ""
    seq: int = 0
    status: RunStatus = "queued"
    reason: str = ""
    task: Task | None = None
    setting: dict[str, Any] = Field(default_factory=dict)
    plan: Plan = Field(default_factory=Plan)
    results: dict[str, Result] = Field(default_factory=dict)
    steps: dict[str, Step] = Field(default_factory=dict)
    usage: Usage = Field(default_factory=Usage)
    budget: Budget | None = None
    question: Question | None = None
    questions: dict[str, Question] = Field(default_factory=dict)
    notices: list[str] = Field(default_factory=list)
    egress: list[str] = Field(default_factory=list)
    checking: str = ""
    design: list[DesignNews] = Field(default_factory=list)
    report: Report | None = None

    @property
    def running_steps(self) -> tuple[Step, ...]:
        """Effects that have started and not ended."""
        return tuple(step for step in self.steps.values() if step.done_seq is None)

    def apply(self, event: Event) -> None:
        """Move on by one event. Events up to ``seq`` change nothing."""
        if event.seq <= self.seq:
            return
        self.seq, self.run_id = event.seq, event.run_id
        if event.phase == "started":
            self._start(event)
        elif event.phase == "done" and event.kind != "inbox":
            self._finish(event, event.payload["result"])
        else:
            self._learn(event.kind, event.payload)
        self.question = next((asked for asked in self.questions.values() if not asked.answered), None)

    def _start(self, event: Event) -> None:
        key = event.key or ""
        self.steps[key] = Step(
            key=key, kind=event.kind, title=_title(event), started_seq=event.seq, started_at=event.at
        )
        if event.kind == "person":
            asked = event.payload["request"]
            self.questions[key] = Question(key=key, question=asked["question"], options=asked.get("options", ()))

    def _finish(self, event: Event, result: dict[str, Any]) -> None:
        key = event.key or ""
        if (step := self.steps.get(key)) is not None:
            ended = {
                "done_seq": event.seq,
                "done_at": event.at,
                "ok": result.get("ok", True) is not False,
                "detail": _detail(result),
            }
            self.steps[key] = step.model_copy(update=ended)
        if event.kind == "model":
            self.usage += Usage.model_validate(result["usage"])
        elif event.kind == "setting":
            self.setting = result
            self.notices.extend(result.get("told", ()))
        elif event.kind == "person":
            self.questions.pop(key, None)

    def _learn(self, kind: EventKind, payload: dict[str, Any]) -> None:
        match kind:
            case "run" if "task" in payload:
                self.task = Task.model_validate(payload["task"])
                self.budget = self.task.budget
            case "run":
                self.status, self.reason = payload["status"], payload.get("reason", "")
            case "plan" if "plan" in payload:
                self.plan = _with_progress(Plan.model_validate(payload["plan"]), self.plan)
            case "plan" if "refused" in payload:
                self.notices.append(f"an edit of the plan was refused: {payload['refused']}")
            case "subtask":
                self._progress(payload)
            case "retry":
                self.notices.append(f"{payload['reason']}; next try in {payload['wait_seconds']:.1f} s")
            case "sandbox" if "lost" in payload:
                self.notices.append(f"the sandbox was lost and opened again: {payload['lost']}; {payload['found']}")
            case "egress":
                self.egress.append(payload["line"])
                if payload["request"]["decision"] == "refused":
                    self.notices.append(payload["line"])
            case "check" if "claims" in payload:
                by_model = f", a model was asked about {payload['asked']}" if payload["asked"] else ""
                self.checking = f"{payload['looked']} of {payload['claims']} claims{by_model}"
            case "design" if "stage" in payload:
                told = {name: payload[name] for name in DesignNews.model_fields if name in payload}
                self.design.append(DesignNews.model_validate(told))
            case "report":
                self.report = Report.model_validate(payload["report"])
                self.plan = self.report.plan if self.report.plan.subtasks else self.plan
            case "command" if payload["command"]["op"] == "set_budget":
                self.budget = Budget.model_validate(payload["command"]["budget"])
            case "command" if (asked := self.questions.get(payload["command"].get("question", ""))) is not None:
                self.questions[asked.key] = asked.model_copy(update={"answered": True})
            case _:
                pass

    def _progress(self, payload: dict[str, Any]) -> None:
        name, status = payload["id"], "running"
        if "result" in payload:
            result = Result.model_validate(payload["result"])
            self.results[name] = result
            status = "done" if result.success else "failed"
        self.plan = self.plan.with_status({name: _STATUS.validate_python(status)})


def _with_progress(plan: Plan, before: Plan) -> Plan:
    """Return a new version of the plan with what is known of the subtasks that had begun before it."""
    leaves = {subtask.id for subtask in plan.leaves()}
    began = {s.id: s.status for s in before if s.status in ("running", "done", "failed")}
    return plan.with_status({name: status for name, status in began.items() if name in leaves})


def _title(event: Event) -> str:
    key, request = event.key or "", event.payload["request"]
    match event.kind:
        case "tool":
            given = request.get("arguments", {})
            arguments = ", ".join(f"{name}={_short(_telling(name, given[name]))}" for name in sorted(given))
            return f"{request.get('tool', key)}({arguments})"
        case "model":
            step = key.partition("/")[2].removeprefix("model/")
            counted = step.isascii() and step.isdigit()
            return f"{request.get('role', 'model')} {'thinks' if counted else f'thinks: {step}'}"
        case "person":
            return f"asks: {_short(request['question'])}"
        case _:
            return key


def _telling(name: str, value: Any) -> Any:
    """Return what to show of an argument: of a program its last line, which says what it is after."""
    lines = value.strip().splitlines() if name == "code" and isinstance(value, str) else []
    return f"… {lines[-1]}" if len(lines) > 1 else value


def _detail(result: dict[str, Any]) -> str:
    calls = result.get("calls")
    if calls:
        return ", ".join(str(call["name"]) for call in calls)
    return _short(result.get("text", ""))


def _short(value: Any, limit: int = 120) -> str:
    text = " ".join(_shown(value).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _shown(value: Any) -> str:
    """Return a value as it is shown: text as it is, else as JSON with sorted keys.

    A whole number is written without a fraction, since not every reader of JSON tells ``1.0`` from ``1``.
    """
    match value:
        case str():
            return value
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            number = float(value)
            return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else repr(number)
        case list() | tuple():
            return f"[{', '.join(_inside(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{_inside(name)}: {_inside(value[name])}' for name in sorted(value))}}}"
        case _:
            return str(value)


def _inside(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _shown(value)


_WHOLE = 10**16
"""From here on numbers are written with an exponent."""
