"""How programs of runs are kept in, and why a server begins none where that is less than it should be."""

from typing import Final, Literal

from agent.domain.base import Fact
from toolserver.client import AutoSandbox, LocalSandbox, SandboxConfig, docker_obstacle

_FORCED: Final = (
    "start the server with --allow-local-sandbox if you trust what tasks it gets, or submit with the sandbox none"
)

LOCAL_REFUSED: Final = (
    "this server runs no programs in a local sandbox, which keeps them in less well than Docker; choose the sandbox "
    f"docker (setting sandbox.kind), {_FORCED}"
)
"""What is told where somebody chose a local sandbox."""


class Confinement(Fact):
    """How programs are kept in.

    Attributes:
        place: ``docker``, ``local``, or ``refused`` where there would be a local sandbox and that is not allowed.
        line: the same in one line for people, with what to do where it is refused.
    """

    place: Literal["docker", "local", "refused"]
    line: str


async def confinement_of(config: SandboxConfig, *, local_sandboxes: bool) -> Confinement:
    """Return how programs would be kept in now in a sandbox of this configuration; asks the Docker engine if needed."""
    obstacle = None
    if isinstance(config, AutoSandbox):
        obstacle = await docker_obstacle(config.engine_seconds)
    if obstacle is None and not isinstance(config, LocalSandbox):
        return Confinement(place="docker", line="programs of runs are kept in Docker containers")
    why = f" ({' '.join(obstacle.split())})" if obstacle else ""
    if local_sandboxes:
        line = f"programs of runs are kept in local sandboxes only, less well than in Docker{why}; see plumbline doctor"
        return Confinement(place="local", line=line)
    if obstacle is None:
        return Confinement(place="refused", line=LOCAL_REFUSED)
    line = f"this server runs no programs, since Docker is not ready{why} and a local sandbox keeps them in less well"
    ready = "start Docker and build its image (plumbline toolserver image build)"
    return Confinement(place="refused", line=f"{line}; {ready}, {_FORCED}")
