"""What can be tried with a building: a file for each group of scenarios."""

from typing import Final

from agent.verification.artefacts.voxel.scenarios.rooms import ENCLOSES, HAS_DOOR, LIT
from agent.verification.artefacts.voxel.scenarios.standing import MEASURED, STANDS
from agent.verification.artefacts.voxel.scenarios.template import VoxelScenario
from agent.verification.artefacts.voxel.scenarios.walking import (
    CLIMBS,
    CLIMBS_CLIFF,
    CROSSES,
    ENTERS,
    GUARDS_CROSSING,
    GUARDS_TOP,
)

SCENARIOS: Final[dict[str, VoxelScenario]] = {
    scenario.name: scenario
    for scenario in (
        CLIMBS,
        GUARDS_TOP,
        CLIMBS_CLIFF,
        CROSSES,
        GUARDS_CROSSING,
        ENTERS,
        ENCLOSES,
        LIT,
        HAS_DOOR,
        STANDS,
        MEASURED,
    )
}
"""By name. To add one, write it as these are and name it here; it needs a control that makes it fail."""
