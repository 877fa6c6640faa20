"""Whatever is built can be inspected, looked at, sabotaged and tried out, and measures finite numbers."""

import json
import math
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.artefacts import Mutation, Scenario
from agent.verification.artefacts.voxel.mutating import MUTATIONS
from agent.verification.artefacts.voxel.world import VoxelWorld

REQUIRED: Final[dict[str, dict[str, Any]]] = {
    "climbs_cliff": {"height": 4},
    "crosses": {"gap": 5},
    "guards_crossing": {"gap": 5, "axis": "y"},
    "remove_part": {"part": "a"},
    "remove_blocks": {"block": "stone"},
}
CELL = st.tuples(*[st.integers(0, 9)] * 3)
BLOCK = st.sampled_from(["stone", "planks", "fence", "glass", "torch", "lantern", "air"])
SIDE = st.sampled_from(["north", "east", "south", "west"])


@st.composite
def actions(draw: st.DrawFn) -> dict[str, Any]:
    one, other = draw(CELL), draw(CELL)
    span = {"low": tuple(map(min, one, other)), "high": tuple(map(max, one, other))}
    return draw(
        st.one_of(
            st.fixed_dictionaries({"do": st.sampled_from(["box", "hollow", "walls", "line"]), "block": BLOCK}).map(
                lambda made: {**made, **span}
            ),
            st.builds(lambda facing: {"do": "door", "at": one, "facing": facing}, SIDE),
            st.builds(lambda facing: {"do": "ladder", "at": one, "height": 3, "facing": facing}, SIDE),
        )
    )


@given(st.lists(actions(), min_size=1, max_size=12), st.sampled_from(sorted(MUTATIONS)))
@settings(max_examples=30, deadline=None)
async def test_every_building_and_its_sabotaged_copy_can_be_tried_out(made: list[dict[str, Any]], change: str) -> None:
    world = VoxelWorld()
    made.append({"do": "set", "at": [0, 0, 0], "block": "stone", "part": "a"})
    build = await world.build(json.dumps({"actions": made}))
    mutated = await world.mutate(build, Mutation(name=change, parameters=REQUIRED.get(change, {})))
    for one in (build, mutated):
        await world.inspect(one)
        await world.look(one)
        for template in world.scenarios():
            scenario = Scenario(name=template.name, parameters=REQUIRED.get(template.name, {}))
            for measure in template.measures:
                trial = await world.simulate(one, scenario, measure, 0)
                assert trial.value is None or (math.isfinite(trial.value) and trial.value >= 0), (
                    template.name,
                    measure,
                )
                assert "\n" not in trial.detail
