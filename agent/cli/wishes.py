"""What kind of artefact a wish asks for, told by its words where that is safe."""

import re
from collections.abc import Mapping
from typing import Final

from agent.cli.given_artefact import KINDS
from agent.domain.artefacts import ArtefactKind
from agent.domain.errors import UsageError

_WORDS: Final[Mapping[ArtefactKind, str]] = {
    "voxel": r"minecraft|voxels?|(?:of|from|with) blocks",
    "cad": r"stools?|tables?|benche?s?|chairs?|mugs?|cups?|shelf|shelves|bookshelf|brackets?|desks?|"
    r"gears?|hinges?|vases?|hooks?|stl|step file|3d[- ]print(?:ed|able)?|cad",
    "program": r"(?:python )?(?:program|script)s?|command[- ]line tool",
    "web_page": r"web ?pages?|web ?sites?|html|landing pages?",
    "data_file": r"csv|tsv|jsonl?|data ?(?:file|set)s?",
    "document": r"documents?|letters?|essays?|articles?|manuals?",
}


def kind_wished_for(wish: str) -> ArtefactKind:
    """Return the kind of artefact that a wish asks for.

    Words that can mean two kinds, such as a bridge or a house, and wishes with words of two kinds are asked about.

    Raises:
        UsageError: it cannot be told safely.
    """
    found = [kind for kind, words in _WORDS.items() if re.search(rf"\b(?:{words})\b", wish, re.IGNORECASE)]
    if len(found) == 1:
        return found[0]
    why = f"it could be {' or '.join(found)}" if found else "no word of it tells"
    raise UsageError(f"what kind of artefact is wished for? ({why}); say it with --kind {'|'.join(KINDS)}")
