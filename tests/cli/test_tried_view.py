"""What was tried out is shown with its value against its bound, and what its control did."""

import io

import pytest
from rich.console import Console

from agent.cli.render import report_view
from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Mutation, Scenario, Trial
from agent.domain.checks import ArtefactCheck, CheckResult
from agent.domain.outcomes import Outcome
from agent.domain.plan import Plan
from agent.domain.report import Report
from agent.domain.wishes import Wished

CHECK = ArtefactCheck(artefact="program", paths=("a.py",), scenario="takes", measure="seconds", relation="<")
CRITERION = Criterion(
    id="quick",
    wish="takes less than two\x1b[31m seconds",
    scenario=Scenario(name="takes"),
    measure="seconds",
    relation="<",
    threshold=2,
    unit="s",
    control=Mutation(name="hang"),
)


def shown(outcome: Outcome, value: float, control: float | None) -> str:
    result = CriterionResult(
        criterion=CRITERION,
        outcome=outcome,
        detail="measured",
        trials=(Trial(value=value, detail="", seed=0),),
        control=() if control is None else (Trial(value=control, detail="", seed=0),),
    )
    check = CheckResult(check=CHECK, outcome=outcome, detail="a.py: takes: told", milestone="quick", tried=result)
    criteria = Criteria(wish="quick", kind="program", criteria=(CRITERION,))
    wished = Wished(paths=("a.py",), artefact="program", criteria=criteria, sha256=criteria.sha256)
    report = Report(goal="g", answer="a", outcome="unverified", checks=(check,), plan=Plan(wishes=(wished,)))
    console = Console(width=300, record=True, file=io.StringIO())
    console.print(report_view(report))
    return console.export_text()


@pytest.mark.parametrize(
    ("outcome", "value", "control", "mark", "told"),
    [
        ("pass", 0.5, 10, "✓", "measured 0.5 s; control hang: 10 s, fails as it must"),
        ("fail", 3, 10, "✗", "measured 3 s; control hang: 10 s, fails as it must"),
        ("inconclusive", 0.5, 0.7, "?", "measured 0.5 s; control hang: 0.7 s, does not fail"),
        ("inconclusive", 0.5, None, "?", "measured 0.5 s; control hang: not tried"),
    ],
)
def test_a_check_shows_value_bound_and_control(
    outcome: Outcome, value: float, control: float | None, mark: str, told: str
) -> None:
    text = shown(outcome, value, control)
    assert f"{mark} a.py: takes: told" in text
    assert f"takes less than two seconds: asked for seconds < 2 s, {told}" in text
    assert "1 test of a.py frozen before the work" in text
    assert "\x1b" not in text
