"""Where a sandbox runs and how much it may use. One model for each deployment, told apart by ``kind``."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from toolserver.egress.profiles import Egress, NoEgress
from toolserver.forms import Form


class Limits(Form):
    """What a sandbox may use.

    In a container the limits hold for the sandbox as a whole. Locally, memory and files are limits of each process,
    and processor time is not limited.

    Attributes:
        memory_mb: memory, without swap; locally the data of each process.
        cpus: processors' worth of time; containers only.
        pids: processes and threads; locally only where bubblewrap is used.
        tmp_mb: size of the temporary folder, which is memory.
        tmp_inodes: number of files in it; containers only.
        file_mb: size of the largest file that can be written.
        disk_mb: size of workspace and journal together; fixed when a sandbox is first opened.
        disk_files: number of files and folders in them; likewise.
        open_files: open files of each process.
    """

    memory_mb: int = Field(default=2048, ge=256)
    cpus: float = Field(default=2.0, gt=0)
    pids: int = Field(default=256, ge=32)
    tmp_mb: int = Field(default=256, ge=16)
    tmp_inodes: int = Field(default=65536, ge=1024)
    file_mb: int = Field(default=2048, ge=16)
    disk_mb: int = Field(default=4096, ge=32)
    disk_files: int = Field(default=200_000, ge=1000)
    open_files: int = Field(default=1024, ge=256)


class SandboxSettings(Form):
    """What all deployments share.

    Attributes:
        limits: what the sandbox may use.
        egress: what it may reach outside.
        idle_seconds: how long a node without a client lives on, so that a manager that was killed can come back to it.
        start_seconds: how long starting a node may take.
        testing: offer the tool that counts its executions.
    """

    limits: Limits = Field(default_factory=Limits)
    egress: Egress = Field(default_factory=NoEgress)
    idle_seconds: float = Field(default=900, gt=0)
    start_seconds: float = Field(default=60, gt=0)
    testing: bool = False


class LocalSandbox(SandboxSettings):
    """A child process of this machine, in bubblewrap namespaces where they work, else without isolation.

    Attributes:
        require_isolation: refuse to run without bubblewrap.
        shown: folders of this machine that the sandbox sees, read-only and under their own paths, beside system
            programs and the Python installation; for programs that are installed in a folder of their own.
    """

    kind: Literal["local"] = "local"
    require_isolation: bool = False
    shown: tuple[Path, ...] = ()


class DockerSandbox(SandboxSettings):
    """A hardened container of the Docker engine that the environment names (``DOCKER_HOST``).

    Attributes:
        image: tag of the image; None for the one that was built from this version of the package.
        control: how the node is reached: by a shared ``socket``, through the engine by ``exec``, or ``auto``: a socket
            where the engine can share one.
        runtime: the engine's name of another runtime, such as ``runsc`` (gVisor); None for the engine's default.
    """

    kind: Literal["docker"] = "docker"
    image: str | None = None
    control: Literal["auto", "socket", "exec"] = "auto"
    runtime: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")


class AutoSandbox(SandboxSettings):
    """Docker where an engine answers quickly and the image is there, else local.

    Attributes:
        engine_seconds: how long the engine may take to answer.
        or_local: whether it may be local at all; else it cannot be opened where Docker is not ready.
    """

    kind: Literal["auto"] = "auto"
    engine_seconds: float = Field(default=2.0, gt=0)
    or_local: bool = True


def _with_kind(given: Any) -> Any:
    """Return what was given, of the kind ``auto`` where it names none."""
    return {"kind": "auto", **given} if isinstance(given, dict) else given


SandboxConfig = Annotated[
    LocalSandbox | DockerSandbox | AutoSandbox, Field(discriminator="kind"), BeforeValidator(_with_kind)
]
"""Any of the deployments; ``auto`` where no kind is named."""
