"""``python -m evals.cad.seeing``: what the rules that always look find in the reference wishes, without any model.

The plan that a sabotaged program is compared with has the parts of the good program it was made from.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.console import err, out, print_json
from agent.domain.artefacts import Inspection
from agent.domain.base import Fact
from agent.domain.design import Finding, PartPlan
from agent.verification.artefacts.cad import CadWorld
from agent.verification.artefacts.seeing.rules import seen_by_rules
from agent.verification.artefacts.world import BuildFailed, World
from evals.cad.wish import Wish
from evals.cad.wishes import WISHES
from toolserver.client import LocalSandbox, ToolServerError, open_cad


class Seen(Fact):
    """What rules found in one program.

    Attributes:
        wrong: what is wrong with it; empty for good programs.
        failure: why nothing was made; a program that makes nothing is found without rules.
    """

    wish: str
    program: str
    wrong: str = ""
    findings: tuple[Finding, ...] = ()
    failure: str = ""


async def seen(world: World[Any], wishes: Sequence[Wish], told: Callable[[Seen], None]) -> tuple[Seen, ...]:
    """Let rules look at all programs of wishes."""
    found = []

    async def look(program: str, plan: Sequence[PartPlan], about: Seen) -> Inspection:
        try:
            inspection = await world.inspect(await world.build(program))
        except BuildFailed as error:
            about = about.model_copy(update={"failure": str(error)})
            inspection = Inspection()
        about = about.model_copy(update={"findings": seen_by_rules(inspection, plan).findings})
        found.append(about)
        told(about)
        return inspection

    for wish in wishes:
        plans: dict[str, tuple[PartPlan, ...]] = {}
        for name, program in wish.good.items():
            inspection = await look(program, (), Seen(wish=wish.name, program=name))
            plans[name] = tuple(PartPlan(name=part.name, purpose="", shape="") for part in inspection.parts)
        for sabotage in wish.sabotages:
            about = Seen(wish=wish.name, program=sabotage.of, wrong=sabotage.wrong)
            await look(wish.sabotaged(sabotage), plans[sabotage.of], about)
    return tuple(found)


def main(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Let the rules that always look see good and sabotaged programs of the reference wishes."""

    def told(one: Seen) -> None:
        if not json:
            said = "; ".join(f"{finding.part or 'the whole'}: {finding.problem}" for finding in one.findings)
            line = f"{one.wish}, {one.program}{', ' if one.wrong else ''}{one.wrong}: {one.failure or said or '-'}"
            err().print(line, markup=False, highlight=False, soft_wrap=True)

    async def run() -> tuple[Seen, ...]:
        with tempfile.TemporaryDirectory() as folder:
            async with await open_cad(LocalSandbox(), "seeing", state_dir=Path(folder)) as sandbox:
                return await seen(CadWorld(sandbox), WISHES, told)

    try:
        found = asyncio.run(run())
    except ToolServerError as error:
        err().print(str(error), markup=False)
        raise typer.Exit(1) from error
    good, bad = [one for one in found if not one.wrong], [one for one in found if one.wrong]
    blamed, caught = (sum(bool(one.findings) for one in of) for of in (good, bad))
    if json:
        print_json({"good": len(good), "blamed": blamed, "sabotaged": len(bad), "found": caught,
                    "programs": [one.model_dump(mode="json") for one in found]})  # fmt: skip
        return
    out().print(f"findings in {blamed} of {len(good)} good programs and {caught} of {len(bad)} sabotaged ones")


if __name__ == "__main__":
    typer.run(main)
