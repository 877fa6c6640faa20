"""Rules look at one reference wish: good programs are left alone, gross defects are named."""

import asyncio

from agent.domain.artefacts import Inspection, Part
from evals.cad.seeing import Seen, seen
from evals.cad.wishes.stool import STOOL
from tests.toolserver.cad.in_process import CadInProcess
from toolserver.cad.inspecting import inspected
from toolserver.cad.model import Model


class Inspecting(CadInProcess):
    async def inspect(self, build: Model) -> Inspection:
        found = await asyncio.to_thread(inspected, build)
        parts = tuple(Part(name=part.name, measures=part.measures) for part in found.parts)
        return Inspection(parts=parts, measures=found.measures, problems=found.problems)


WRONG = {
    "one of the four legs is missing": ("leg_4", "present"),
    "the seat hangs 15 mm above the legs": ("seat", "position"),
    "upside down, the seat lies on the floor": ("seat", "orientation"),
}


async def test_rules_leave_good_stools_alone_and_name_what_is_grossly_wrong_with_others() -> None:
    some = tuple(one for one in STOOL.sabotages if one.wrong in WRONG)
    good = {name: STOOL.good[name] for name in {one.of for one in some}}
    told: list[Seen] = []
    found = await seen(Inspecting(), [STOOL.model_copy(update={"good": good, "sabotages": some})], told.append)
    assert list(found) == told
    assert [one.findings for one in found if not one.wrong] == [()] * len(good)
    named = {one.wrong: [(finding.part, finding.aspect) for finding in one.findings] for one in found if one.wrong}
    assert {wrong: finding in named[wrong] for wrong, finding in WRONG.items()} == dict.fromkeys(WRONG, True)
