"""The ten wishes, a file each. Programs and sabotages were written before any check of the world ``cad``."""

from typing import Final

from evals.cad.wish import Wish
from evals.cad.wishes.bench import BENCH
from evals.cad.wishes.box import BOX
from evals.cad.wishes.bridge import BRIDGE
from evals.cad.wishes.house import HOUSE
from evals.cad.wishes.mug import MUG
from evals.cad.wishes.ramp import RAMP
from evals.cad.wishes.shelf import SHELF
from evals.cad.wishes.stairs import STAIRS
from evals.cad.wishes.stool import STOOL
from evals.cad.wishes.table import TABLE

WISHES: Final[tuple[Wish, ...]] = (TABLE, STOOL, BENCH, BRIDGE, MUG, SHELF, RAMP, HOUSE, STAIRS, BOX)
"""In the order in which they are reported."""
