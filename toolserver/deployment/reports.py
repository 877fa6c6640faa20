"""What deployments tell about an engine and about their own housekeeping. Importing this loads no Docker library."""

from toolserver.forms import Fact


class Leftovers(Fact):
    """What was removed, by name.

    Attributes:
        containers: of sandboxes.
        volumes: of sandboxes.
        networks: of sandboxes.
        loop_devices: of sandboxes' disks.
        images: of other versions.
        waiting_sandboxes: warm ones that dead managers handed out to nobody.
        names: under which warm ones had been handed out that are gone.
    """

    containers: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    loop_devices: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    waiting_sandboxes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class EngineSurvey(Fact):
    """A Docker engine.

    Attributes:
        engine: its version.
        runc: version of its runtime; empty where it does not say.
        image: tag of the sandbox image.
        digest: id of that image; None where it is not built.
        browsing: whether the image of browsing sandboxes is built.
        cad: whether that of CAD sandboxes is.
        apparmor: whether the engine's system has AppArmor; without it, engines accept a profile and do nothing.
        gvisor: whether the runtime ``runsc`` is registered.
        control: how nodes are reached.
        disk: what bounds the disk use of sandboxes.
        warnings: what should be better, one line each.
    """

    engine: str
    runc: str
    image: str
    digest: str | None
    browsing: bool = False
    cad: bool = False
    apparmor: bool
    gvisor: bool
    control: str
    disk: str
    warnings: tuple[str, ...]
