"""What is asked of each artefact, written from its wish alone."""

from collections.abc import Mapping, Sequence

from agent.domain.artefacts import Criteria
from evals.made.asked.data_files import DATA_FILES
from evals.made.asked.measuring import Asked
from evals.made.asked.programs import PROGRAMS
from evals.made.asked.web_pages import ALWAYS, WEB_PAGES
from evals.made.catalogue import Artefact

_ASKED: Mapping[str, Sequence[Asked]] = {**PROGRAMS, **WEB_PAGES, **DATA_FILES}


def criteria_of(artefact: Artefact) -> Criteria:
    """Return the criteria of an artefact, not yet frozen."""
    always = ALWAYS if artefact.kind == "web_page" else ()
    asked = (*always, *_ASKED[artefact.name])
    return Criteria(
        wish=artefact.wish,
        kind=artefact.kind,
        criteria=tuple(one.criterion(f"C{number}") for number, one in enumerate(asked, 1)),
    )
