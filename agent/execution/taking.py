"""What was read of a run's workspace: the files it made, and files as they were at a step."""

from agent.domain.artefacts import Artefact
from agent.domain.base import Fact


class Collected(Fact):
    """Files the run made, the paths of those that cannot be kept, and the paths of input files that are gone.

    Attributes:
        unreadable: their names are not UTF-8 or they must not be read; shown as the sandbox shows them.
    """

    taken: tuple[Artefact, ...] = ()
    too_large: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class TakenFile(Fact):
    """A file of the workspace with its content's blob, or why it cannot be had.

    Attributes:
        sha256: of its content; empty where it was not taken.
        missing: there is no such file.
        reason: why it was not taken, in one line; empty where it was.
    """

    path: str
    sha256: str = ""
    missing: bool = False
    reason: str = ""


class TakenFiles(Fact):
    """Files of the workspace that were read, as the step that read them; ``text`` says how that went."""

    text: str
    files: tuple[TakenFile, ...]
