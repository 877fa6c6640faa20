"""What the rounds of a comparison come to."""

import statistics
from collections.abc import Mapping, Sequence

from pydantic import Field

from agent.domain.base import Fact
from evals.benchmarks.peers.catalogue import OURS, OURS_POWER, REFERENCE, Cell


class Played(Fact):
    """What a cell took in one round.

    Attributes:
        wall_ms: milliseconds a model call.
        cpu_ms: processor milliseconds of its process a model call, all threads included.
        server_ms: processor milliseconds that the scripted server took to answer a model call of this cell.
        start_ms: milliseconds from starting the process until the agent stood ready.
        ready_mb: resident MB then.
        peak_mb: most resident MB.
        stored_kb: KiB on disk at the end, for each session.
        load: the machine's load average of one minute, afterwards.
        versions: of the packages that matter.
    """

    wall_ms: float
    cpu_ms: float
    server_ms: float
    start_ms: float
    ready_mb: float
    peak_mb: float
    stored_kb: float
    load: float
    versions: dict[str, str] = Field(default_factory=dict)

    @property
    def overhead_ms(self) -> float:
        """Milliseconds a turn beyond the scripted server's own share."""
        return self.wall_ms - self.server_ms


class Ratio(Fact):
    """A ratio of medians over all rounds, and the least and the greatest ratio within a single round."""

    of_medians: float
    least: float
    most: float


class Row(Fact):
    """A cell over all rounds: medians, and its ratios.

    Attributes:
        least: least overhead in a round, ``most`` the greatest.
        to_reference: overhead as a multiple of the bare openai loop's.
        ours: Plumbline's overhead as a share of this cell's; None where Plumbline was not played.
        ours_cpu: the same for processor time.
        ours_power: Plumbline's overhead with every event safe from a power cut, as a share of this cell's.
    """

    name: str
    library: str
    records: str
    overhead_ms: float
    least: float
    most: float
    cpu_ms: float
    to_reference: Ratio | None
    ours: Ratio | None
    ours_cpu: Ratio | None
    ours_power: Ratio | None
    start_ms: float
    ready_mb: float
    peak_mb: float
    stored_kb: float
    versions: dict[str, str]


def rows_of(played: Mapping[Cell, Sequence[Played]]) -> list[Row]:
    """Return a row for each cell, in the order given; each was played in the same rounds."""
    walls = {cell.name: [one.overhead_ms for one in found] for cell, found in played.items()}
    cpus = {cell.name: [one.cpu_ms for one in found] for cell, found in played.items()}
    rows = []
    for cell, found in played.items():
        wall, cpu = walls[cell.name], cpus[cell.name]
        # against the bare loops Plumbline's share is what ``to_reference`` of its own row says
        other = bool(cell.library)
        rows.append(
            Row(
                name=cell.name,
                library=cell.library,
                records=cell.records,
                overhead_ms=statistics.median(wall),
                least=min(wall),
                most=max(wall),
                cpu_ms=statistics.median(cpu),
                to_reference=_ratio(wall, walls.get(REFERENCE)),
                ours=_ratio(walls.get(OURS), wall) if other else None,
                ours_cpu=_ratio(cpus.get(OURS), cpu) if other else None,
                ours_power=_ratio(walls.get(OURS_POWER), wall) if other else None,
                start_ms=statistics.median(one.start_ms for one in found),
                ready_mb=statistics.median(one.ready_mb for one in found),
                peak_mb=statistics.median(one.peak_mb for one in found),
                stored_kb=statistics.median(one.stored_kb for one in found),
                versions=found[-1].versions,
            )
        )
    return rows


def _ratio(above: Sequence[float] | None, below: Sequence[float] | None) -> Ratio | None:
    if above is None or below is None:
        return None
    by_round = [a / b for a, b in zip(above, below, strict=True)]
    return Ratio(
        of_medians=statistics.median(above) / statistics.median(below), least=min(by_round), most=max(by_round)
    )
