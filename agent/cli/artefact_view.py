"""How an artefact looks in a terminal: its parts, what was measured, what is wrong, and the verdicts on it."""

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from agent.cli.console import clean, counted, one_line
from agent.domain.artefacts import Criterion, CriterionResult, Inspection, Mutation, Trial, View
from agent.domain.wishes import Wished
from agent.verification.artefacts.ranking import Acceptance
from agent.verification.artefacts.trying import read, shown
from agent.verification.artefacts.world import ControlsByMeasure, ScenarioTemplate

OUTCOMES = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "inconclusive": ("?", "yellow"),
    "not_applicable": ("-", "dim"),
}
_MOST_PARTS = 100
_MOST_COLUMNS = 8
"""Of a table; more measures stand in one column."""


def inspection_view(inspection: Inspection) -> RenderableType:
    """Return parts with their measures, measures of the whole, and problems."""
    rows: list[RenderableType] = []
    if inspection.parts:
        rows.append(_parts(inspection))
    if left := len(inspection.parts) - _MOST_PARTS:
        rows += [Text(f"and {left:,} more parts; --json has all of them", style="dim")] if left > 0 else []
    if inspection.measures:
        known = {name.replace("_", " "): value_text(value) for name, value in inspection.measures.items()}
        told = ", ".join(f"{name} {value}" for name, value in known.items() if value)
        rows.append(Text(one_line(told, 2_000)))
    rows.extend(Text(f"✗ {one_line(problem)}", style="red") for problem in inspection.problems)
    if inspection.sound:
        rows.append(Text("✓ sound: it can be tried out", style="green"))
    return Group(*rows)


def results_view(results: Sequence[CriterionResult]) -> Table:
    """Return the verdicts with what was measured, what is asked for, and what the control gave."""
    columns = (
        Column("verdict", no_wrap=True),
        Column("criterion", overflow="fold", ratio=4),
        Column("measured", overflow="fold", min_width=10, ratio=2),
        Column("asked for", overflow="fold", ratio=3),
        Column("control", overflow="fold", ratio=3),
        Column("because", overflow="fold", ratio=6),
    )
    table = Table(*columns, box=box.SIMPLE_HEAD, expand=True)
    for result in results:
        mark, style = OUTCOMES[result.outcome]
        criterion = result.criterion
        wish = Text.assemble((clean(criterion.id), "bold"), f" {one_line(criterion.wish)}")
        table.add_row(
            Text(f"{mark} {result.outcome.replace('_', ' ')}", style=style),
            wish if criterion.must else wish.append(" (wished for only)", style="dim"),
            clean(measured(result.trials, criterion.unit)),
            clean(asked(criterion)),
            clean(controlled(result)),
            Text(one_line(result.detail), style="dim"),
        )
    return table


def acceptance_view(acceptance: Acceptance, untestable: Sequence[str] = ()) -> Group:
    """Return whether an artefact is accepted, why not, and what nothing here could test."""
    rows = [Text(f"cannot be tested here: {one_line(wish)}", style="yellow") for wish in untestable]
    if acceptance.accepted:
        rows.append(
            Text("accepted: it is sound, and everything it must do was tried out and passed", style="bold green")
        )
    else:
        rows.append(Text("not accepted", style="bold yellow"))
        rows.extend(Text(f"  {one_line(reason)}", style="yellow") for reason in acceptance.reasons)
    return Group(*rows)


def views_text(views: Sequence[View]) -> Iterator[Text]:
    """Yield what can be seen of an artefact without a picture."""
    for view in views:
        if view.description:
            yield Text(clean(view.name), style="bold")
            yield Text(clean(view.description))
    drawn = dict.fromkeys(view.drawn_by for view in views if view.drawn_by)
    if drawn:
        yield Text(f"Pictures by {clean(', '.join(drawn))}.")


def templates_view(templates: Sequence[ScenarioTemplate]) -> Table:
    """Return what can be tried: scenarios with their measures, parameters and usual controls."""
    columns = (
        Column("scenario", no_wrap=True),
        Column("what is tried", overflow="fold", ratio=5),
        Column("measures", overflow="fold", ratio=3),
        Column("parameters", overflow="fold", ratio=4),
        Column("usual control", overflow="fold", ratio=2),
    )
    table = Table(*columns, box=box.SIMPLE_HEAD, expand=True)
    for template in templates:
        measures = [f"{name} ({unit})" if unit else name for name, unit in template.measures.items()]
        required = set(template.parameters.get("required", ()))
        names = template.parameters.get("properties", {})
        parameters = [f"{name} (required)" if name in required else name for name in names]
        controls = {"": template.control}
        if isinstance(template, ControlsByMeasure):
            controls |= template.controls
        table.add_row(
            template.name,
            one_line(template.description, 600),
            "\n".join(measures),
            ", ".join(parameters) or "none",
            "\n".join(f"{f'{measure}: ' if measure else ''}{_changed(one)}" for measure, one in controls.items()),
        )
    return table


def _changed(control: Mutation) -> str:
    changed = ", ".join(f"{name} {value_text(value)}" for name, value in control.parameters.items())
    return f"{control.name}{f' ({changed})' if changed else ''}"


def asked(criterion: Criterion) -> str:
    """Return what a criterion asks for: ``tilt < 5 degrees``."""
    unit = f" {criterion.unit}" if criterion.unit else ""
    within = f" ± {criterion.tolerance:g}" if criterion.relation == "==" and criterion.tolerance else ""
    return f"{criterion.measure.replace('_', ' ')} {criterion.relation} {criterion.threshold:g}{within}{unit}"


def measured(trials: Sequence[Trial], unit: str) -> str:
    """Return the value that trials measured with its unit; of several the least and the greatest."""
    values = [trial.value for trial in trials if trial.value is not None]
    if not values:
        return "nothing" if trials else "not tried"
    low, high = min(values), max(values)
    told = shown(low) if low == high else f"{shown(low)} to {shown(high)}"
    return f"{told} {unit}".strip()


def controlled(result: CriterionResult) -> str:
    """Return the control of a criterion and what its trials measured."""
    control = result.criterion.control
    if control is None:
        return "none"
    name, unit = control.name.replace("_", " "), result.criterion.unit
    if not result.control:
        return f"{name}: not tried"
    # a bare number beside a name such as "scale" would be taken for its parameter
    what = "" if unit else f"{result.criterion.measure.replace('_', ' ')} "
    return f"{name}: {what}{measured(result.control, unit)}"


def tried_line(result: CriterionResult) -> str:
    """Return what a check asks for, what was measured, and whether its control failed as it has to."""
    criterion = result.criterion
    value = measured(result.trials, criterion.unit)
    told = f"{one_line(criterion.wish, 80)}: asked for {asked(criterion)}, measured {value}"
    if not result.control:
        return f"{told}; control {controlled(result)}"
    fails = read(criterion, result.control).outcome == "fail"
    return f"{told}; control {controlled(result)}, {'fails as it must' if fails else 'does not fail'}"


def frozen_lines(wishes: Sequence[Wished]) -> list[str]:
    """Return one line for each artefact whose tests were frozen before the work was begun, with their hash."""
    return [
        f"{counted(len(one.criteria.criteria), 'test')} of {one_line(one.paths[0], 80)} frozen before the work: "
        f"{one.sha256[:12]}"
        for one in wishes
    ]


def value_text(value: object) -> str:
    """Return a measure as people read it: numbers with at most five significant digits."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:.5g}"
        case _:
            return str(value)


def _parts(inspection: Inspection) -> Table:
    shown = inspection.parts[:_MOST_PARTS]
    names = list(dict.fromkeys(name for part in shown for name in part.measures))
    if len(names) > _MOST_COLUMNS:
        table = Table(Column("part", style="bold"), Column("measures", overflow="fold"), box=box.SIMPLE_HEAD)
        for part in shown:
            told = (f"{name.replace('_', ' ')} {value_text(value)}" for name, value in part.measures.items())
            table.add_row(one_line(part.name, 80), one_line(", ".join(told), 600))
        return table
    heads = (Column(name.replace("_", " "), overflow="fold") for name in names)
    table = Table(Column("part", overflow="fold", style="bold"), *heads, box=box.SIMPLE_HEAD)
    for part in shown:
        table.add_row(one_line(part.name, 80), *(_cell(part.measures, name) for name in names))
    return table


def _cell(measures: Mapping[str, float | str | bool], name: str) -> str:
    return one_line(value_text(measures[name]), 60) if name in measures else ""
