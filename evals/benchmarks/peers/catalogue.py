"""The cells of the comparison: bare loops, Plumbline, and the other libraries."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evals.environments import read_requirements

REFERENCE: Final = "bare openai loop"
OURS: Final = "Plumbline"
OURS_POWER: Final = "Plumbline, power"

_PROGRAMS: Final = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Cell:
    """One way to play the session.

    Attributes:
        name: as it is shown.
        records: what is kept of a session and what that survives; empty where nothing is.
        own: the cell of ``evals.benchmarks.cells`` that plays it; empty for other libraries.
        library: what ``--only`` calls it, also the name of its requirements; empty for our own cells.
        program: file that plays it in its environment.
        ends_by: the function whose call ends a session; empty where text does.
        durable: whether the program is told to record.
        plain: shown only where it is asked for, since the library has a durable mode.
    """

    name: str
    records: str = ""
    own: str = ""
    library: str = ""
    program: str = ""
    ends_by: str = ""
    durable: bool = False
    plain: bool = False

    @property
    def requirements(self) -> tuple[str, ...]:
        """The pins of its environment."""
        return read_requirements(_PROGRAMS / f"{self.environment}.txt")

    @property
    def environment(self) -> str:
        """The name of its environment."""
        return self.program.removeprefix("with_").removesuffix(".py").replace("_", "-")

    @property
    def path(self) -> Path:
        """The program's place."""
        return _PROGRAMS / self.program


CELLS: Final = (
    Cell("bare aiohttp loop", own="raw:aiohttp"),
    Cell(REFERENCE, own="raw:openai"),
    Cell(OURS, "every effect, before and after; survives kill -9", own="plumbline@process"),
    Cell(OURS_POWER, "every effect, before and after; survives a power cut", own="plumbline@power"),
    Cell(
        "langchain, SQLite",
        "a checkpoint of all messages a step of create_agent, written while the next step runs (AsyncSqliteSaver)",
        library="langchain",
        program="with_langchain.py",
        durable=True,
    ),
    Cell(
        "openai-agents, SQLite",
        "the items of each turn (SQLiteSession)",
        library="openai-agents",
        program="with_openai_agents.py",
        durable=True,
    ),
    Cell(
        "pydantic-ai, DBOS",
        "each model call as a step of a workflow in SQLite (DBOSDurability)",
        library="pydantic-ai",
        program="with_pydantic_ai_dbos.py",
        durable=True,
    ),
    Cell(
        "smolagents",
        library="smolagents",
        program="with_smolagents.py",
        ends_by="final_answer",
    ),
    Cell("langchain", library="langchain", program="with_langchain.py", plain=True),
    Cell("openai-agents", library="openai-agents", program="with_openai_agents.py", plain=True),
    Cell("pydantic-ai", library="pydantic-ai", program="with_pydantic_ai.py", plain=True),
)

LIBRARIES: Final = tuple(dict.fromkeys(cell.library for cell in CELLS if cell.library))
