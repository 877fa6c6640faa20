"""Documents are read into blocks, tried out by scenarios whose controls fail, and refused where nothing can be read."""

import io
from collections.abc import Mapping
from typing import Any

import docx
import pytest

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Mutation, Relation, Scenario
from agent.domain.errors import UsageError
from agent.verification.artefacts.document import DocumentWorld
from agent.verification.artefacts.documents.sandboxed import in_sandbox
from agent.verification.artefacts.documents.scenarios import SCENARIOS
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import BuildFailed
from toolserver.testing import InProcessSandbox

REPORT = """\
report.md
plan.md
---
# Harbour report

See the [figures](#figures-of-2026) and the [plan](plan.md).

## Summary

It was a good year for the harbour: more ships came, and nobody was hurt.

- more ships
- new crane

## Figures of 2026

| quarter | ships | boats | all |
|---|---|---|---|
| 1 | 10 | 5 | 15 |
| 2 | 12 | 8 | 20 |
| Total | 22 | 13 | 35 |

![The new crane](plan.md)
"""
WORLD = DocumentWorld.of({"plan.md": b"# Plan\n\nWork."})

ASKED: Mapping[str, tuple[Mapping[str, Any], Relation, float]] = {
    "has_sections": ({"sections": ["Summary", "Figures"]}, "==", 0),
    "words": ({"section": "Summary"}, ">=", 15),
    "links": ({}, "==", 0),
    "mentions": ({"texts": ["new crane", "nobody was hurt"]}, "==", 0),
    "finished": ({}, "==", 0),
    "tables": ({}, "==", 0),
    "counts": ({"what": "tables"}, "==", 1),
    "column_sum": ({"table": 1, "column": "ships"}, "==", 0),
    "row_sums": ({"table": 1, "parts": ["ships", "boats"], "total": "all"}, "==", 0),
}


def criterion(scenario: str) -> Criterion:
    template = next(one for one in SCENARIOS if one.name == scenario)
    parameters, relation, threshold = ASKED[scenario]
    return Criterion(
        id=scenario,
        wish=scenario,
        scenario=Scenario(name=scenario, parameters=parameters),
        measure=next(iter(template.measures)),
        relation=relation,
        threshold=threshold,
    )


async def results_of(program: str) -> dict[str, CriterionResult]:
    asked = Criteria(wish="a report", kind="document", criteria=tuple(map(criterion, ASKED)))
    criteria = freeze(WORLD, completed(WORLD, asked)).criteria
    return {one.criterion.id: one for one in await judged(WORLD, await WORLD.build(program), criteria)}


async def test_every_scenario_passes_a_good_document_and_fails_its_control() -> None:
    results = await results_of(REPORT)
    assert {name: (one.outcome, len(one.control)) for name, one in results.items()} == {
        template.name: ("pass", 1) for template in SCENARIOS
    }, [one.detail for one in results.values()]


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("## Summary", "## Overview", "has_sections"),
        ("It was a good year for the harbour: more ships came, and nobody was hurt.\n", "Good.\n", "words"),
        ("#figures-of-2026", "#figures", "links"),
        ("(plan.md).", "(plans.md).", "links"),
        ("![The new crane](plan.md)", "![The new crane](crane.png)", "links"),
        ("nobody was hurt", "two were hurt", "mentions"),
        ("- new crane", "- new crane\n- TODO", "finished"),
        ("| 2 | 12 | 8 | 20 |", "| 2 | 12 | 8 |", "tables"),
        ("| 2 | 12 | 8 | 20 |", "| 2 | 12 | 8 | 20 | 3 |", "tables"),
        ("|---|---|---|---|\n", "", "counts"),
        ("| Total | 22 |", "| Total | 23 |", "column_sum"),
        ("| 8 | 20 |", "| 8 | 21 |", "row_sums"),
    ],
)
async def test_planted_defects_fail_the_check_that_is_meant(old: str, new: str, meant: str) -> None:
    assert REPORT.count(old) == 1
    results = await results_of(REPORT.replace(old, new))
    assert results[meant].outcome == "fail", results[meant].detail


async def test_words_are_counted_in_chinese_too() -> None:
    build = await WORLD.build("报告.md\n---\n# 报告\n\n港口今年很好。Two ships.")
    trial = await WORLD.simulate(build, Scenario(name="words"), "words", 0)
    assert trial.value == 2 + 6 + 2


async def test_html_has_headings_tables_links_and_pictures() -> None:
    page = (
        "<h1 id=top>Prices</h1><p>See <a href='#list'>the list</a>.</p><script>TODO</script><img src=plan.md>"
        "<table id=list><tr><th>what<th>price</tr><tr><td>tea</td><td>3</td></tr><tr><td>Total</td><td>3</td></tr>"
    )
    world = DocumentWorld.of({"prices.html": f"{page}</table>".encode(), "plan.md": b"x"})
    build = await world.build("prices.html\nplan.md")
    kinds = [block.kind for block in build.blocks]
    assert kinds[0] == "heading"
    assert "table" in kinds
    for scenario, given, value in (
        ("finished", {}, 0),
        ("mentions", {"texts": ["prices", "see the list"]}, 0),
        ("counts", {"what": "pictures"}, 1),
        ("links", {}, 0),
        ("column_sum", {"table": 1, "column": "price"}, 0),
    ):
        template = next(one for one in SCENARIOS if one.name == scenario)
        trial = await WORLD.simulate(build, Scenario(name=scenario, parameters=given), next(iter(template.measures)), 0)
        assert trial.value == value, (scenario, trial.detail)


async def test_a_docx_document_is_taken_apart_in_a_sandbox() -> None:
    made = docx.Document()
    made.add_heading("Minutes", 1)
    made.add_paragraph("All agreed.")
    table = made.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, (("item", "cost"), ("paint", "7"), ("Total", "7")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    data = io.BytesIO()
    made.save(data)
    sandbox = await InProcessSandbox.open()
    try:
        world = DocumentWorld.of({"minutes.docx": data.getvalue(), "bad.docx": b"PK no"}, in_sandbox(sandbox))
        build = await world.build("minutes.docx")
        with pytest.raises(BuildFailed, match=r"bad\.docx cannot be read"):
            await world.build("bad.docx")
    finally:
        await sandbox.close()
    inspection = await world.inspect(build)
    assert [(part.name, part.measures["words"]) for part in inspection.parts] == [("Minutes", 8)]
    given = Scenario(name="column_sum", parameters={"table": 1, "column": "cost"})
    assert (await world.simulate(build, given, "off", 0)).value == 0
    assert (await world.files(build))[0].data == data.getvalue()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("", "there is no document"),
        ("notes.odt\n---\nhello", "is no document that can be checked"),
        ("missing.md", "cannot be read"),
        ("a.md\n---\n", "a.md is empty"),
        ("a.docx\n---\nhello", "without a sandbox"),
        ("a.md\n---\n" + "x" * 2_000_001, "at most 2,000,000 are checked"),
    ],
)
async def test_what_is_no_document_is_refused_with_a_reason(program: str, said: str) -> None:
    with pytest.raises(BuildFailed, match=said):
        await WORLD.build(program)


async def test_unknown_mutations_are_refused() -> None:
    build = await WORLD.build("# A\n\nb")
    with pytest.raises(UsageError, match="there is no mutation 'melt'"):
        await WORLD.mutate(build, Mutation(name="melt"))


async def test_the_example_of_the_guide_is_a_document() -> None:
    example = WORLD.guide().partition("Example:\n")[2]
    build = await WORLD.build(example)
    given = Scenario(name="column_sum", parameters={"table": 1, "column": "tables"})
    assert (await WORLD.simulate(build, given, "off", 0)).value == 0
