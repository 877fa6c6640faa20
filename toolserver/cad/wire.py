"""What travels between a host and the program of a CAD sandbox: one JSON object a line, several calls at a time.

The program begins with ``Ready``. Each ``Ask`` is answered by any number of ``Piece``, which are bytes that belong to
the answer in order, and one ``Done``. A model is named by its SHA-256; the host keeps its bytes, and gives them again
when the program has forgotten them (``CadFailure`` of the kind ``unknown``).
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from toolserver.errors import CadFailureKind
from toolserver.line_wire import Cancel, Piece
from toolserver.protocol import Fact, Form, Sha256

Format = Literal["step", "stl", "glb", "3mf"]
FileFormat = Literal["step", "stl", "glb", "3mf", "brep"]
Measure = float | str | bool

Seconds = Annotated[float, Meta(gt=0, le=600)]


class Give(Form, tag="give"):
    """Keep a model for what is asked next."""

    model: bytes


class Build(Form, tag="build"):
    """Run a program of build123d that sets ``parts``; the model's bytes come in pieces."""

    program: str
    seconds: Seconds = 20.0


class Import(Form, tag="import"):
    """Read a file; the model's bytes come in pieces.

    Attributes:
        name: of the file, which names parts that have no name of their own.
        scale: millimetres of a unit of the file, for formats that do not say it.
    """

    format: FileFormat
    data: bytes
    name: str = "part"
    scale: float | None = None


class Inspect(Form, tag="inspect"):
    """Measure parts and the whole, and name problems."""

    model: Sha256


class Look(Form, tag="look"):
    """Show it.

    Attributes:
        views: names of the views that are wanted; empty for all.
        pictures: with pictures; without, descriptions alone.
        size: pixels of a side of a picture.
    """

    model: Sha256
    views: tuple[str, ...] = ()
    pictures: bool = True
    size: Annotated[int, Meta(ge=64, le=1024)] = 480


class Simulate(Form, tag="simulate"):
    """Try it out; ``scenario`` is a name in ``toolserver.cad.scenarios``."""

    model: Sha256
    scenario: str
    measure: str
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    pictures: bool = True
    seconds: Seconds = 60.0


class Mutate(Form, tag="mutate"):
    """Make a changed copy; its bytes come in pieces."""

    model: Sha256
    mutation: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Export(Form, tag="export"):
    """Write it as a file, whose bytes come in pieces."""

    model: Sha256
    format: Format


Call = Give | Build | Import | Inspect | Look | Simulate | Mutate | Export


class Ask(Form, tag="ask"):
    """Do something; ``id`` names it in the answers and is used once."""

    id: int
    call: Call


class CadPart(Fact):
    """A part with what was measured of it; the names of measures carry their units."""

    name: str
    measures: dict[str, Measure] = field(default_factory=dict)


class CadInspection(Fact):
    """What needs no trying out.

    Attributes:
        problems: what makes it unusable whatever is wished of it; each is one line.
        notes: what may be meant as it is, such as parts that float, or a size that looks like another unit.
        touching: pairs of parts that touch each other.
        overlapping: pairs of parts that share space, with the cubic millimetres that they share.
    """

    parts: tuple[CadPart, ...] = ()
    measures: dict[str, Measure] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    touching: tuple[tuple[str, str], ...] = ()
    overlapping: tuple[tuple[str, str, float], ...] = ()


class CadView(Fact):
    """One look.

    Attributes:
        picture: PNG; None where there is only a description.
        drawn_by: what drew the picture. It differs between machines, so descriptions say nothing of it.
    """

    name: str
    description: str = ""
    picture: bytes | None = None
    width: int = 0
    height: int = 0
    drawn_by: str = ""


class CadGate(Fact):
    """Whether a trial can be relied on; see ``agent.domain.artefacts.Gate``."""

    name: str
    holds: bool
    detail: str


class CadTrial(Fact):
    """What one simulation measured; see ``agent.domain.artefacts.Trial``."""

    value: float | None
    detail: str
    gates: tuple[CadGate, ...] = ()
    views: tuple[CadView, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class CadMade(Fact):
    """A model; its bytes come in pieces.

    Attributes:
        sha256: of those bytes.
        printed: the last of what the program printed.
        seconds: time that it took.
    """

    sha256: Sha256
    parts: tuple[str, ...]
    parameters: dict[str, float] = field(default_factory=dict)
    printed: str = ""
    seconds: float = 0.0


class CadFailure(Fact):
    """Why nothing came of a call: one line that says what to do."""

    kind: CadFailureKind
    message: str


class Ready(Fact, tag="ready"):
    """The program can be asked.

    Attributes:
        versions: of the libraries that take part.
        confinement: what a candidate's program is kept from, by name.
        warm_seconds: how long importing took.
    """

    version: str
    versions: dict[str, str] = field(default_factory=dict)
    confinement: tuple[str, ...] = ()
    warm_seconds: float = 0.0


class Done(Fact, tag="done"):
    """What came of a call: at most one of what is below, with the bytes that came in pieces.

    Attributes:
        size: bytes that were sent in pieces.
    """

    id: int
    made: CadMade | None = None
    inspection: CadInspection | None = None
    views: tuple[CadView, ...] = ()
    trial: CadTrial | None = None
    failure: CadFailure | None = None
    error: str | None = None
    size: int = 0


Request = Ask | Cancel
Answer = Ready | Piece | Done
